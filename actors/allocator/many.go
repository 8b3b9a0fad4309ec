package allocator

import "mesos/messages/resources"

// blockMany blocks clients of which it can be said together that they can get
// nothing of an agent, and says whether there are any. It saves time only: each
// would be found blocked by itself.
func (c *Core) blockMany(a *agent) bool {
	if a.traits.shared {
		return false
	}
	alike := c.blockAlike(a)
	if a.traits.reserved || a.traits.revocable {
		return alike
	}
	spent := c.blockSpent(a)
	return c.blockSlackless(a) || spent || alike
}

// blockAlike blocks all who refused the same content of the agent if that contains
// all that is available, of which everybody could be offered a part only.
func (c *Core) blockAlike(a *agent) bool {
	if !a.alike.meets(&c.now) || !a.refused.Contains(a.available) {
		return false
	}
	a.blocked.addAll(&a.alike)
	return true
}

// blockSpent blocks those whose limits leave too little for an offer of any agent
// on which nothing is reserved or revocable.
func (c *Core) blockSpent(a *agent) bool {
	c.many.clear()
	if !c.many.addCommon(&c.now, &c.spent) {
		return false
	}
	c.tightenMany(a)
	return true
}

// isSpent says whether what limits leave a client meets no minimum, on whatever
// agent.
func (c *Core) isSpent(cl *client) bool {
	bundles := c.o.MinAllocatable
	if cl.minimum != nil {
		bundles = cl.minimum
	}
	return len(bundles) > 0 && !anyFits(bundles, func(name string) (resources.Quantity, bool) {
		least, limited := resources.Quantity(0), false
		for _, q := range cl.quotas {
			if limit, ok := q.limits[name]; ok {
				if left := limit - q.used[name]; !limited || left < least {
					least, limited = left, true
				}
			}
		}
		return least, limited
	})
}

// anyFits says whether some bundle is within what there is room for.
func anyFits(bundles []resources.Quantities, room func(name string) (most resources.Quantity, limited bool)) bool {
	for _, b := range bundles {
		fits := true
		for name, q := range b.All() {
			most, limited := room(name)
			fits = fits && (!limited || most >= q)
		}
		if fits {
			return true
		}
	}
	return false
}

// blockSlackless blocks those without a claim if what guarantees leave of the
// agent meets nobody's minimum, except for those that have one of their own.
func (c *Core) blockSlackless(a *agent) bool {
	if len(c.ledger.reserves) == 0 || len(c.o.MinAllocatable) == 0 || c.minimums > 0 {
		return false
	}
	if anyFits(c.o.MinAllocatable, func(name string) (resources.Quantity, bool) {
		has := a.available.Scalar(name)
		if r := c.ledger.reserve(name); r != nil {
			has = min(has, r.slack())
		}
		return has, true
	}) {
		return false
	}
	c.many.set(&c.now)
	for _, r := range c.ledger.reserves {
		c.findClaimants(r)
		c.many.subtract(&r.claimants)
	}
	if c.many.isEmpty() {
		return false
	}
	c.tightenMany(a)
	return true
}

// tightenMany blocks those in many, until quotas leave more.
func (c *Core) tightenMany(a *agent) {
	a.blocked.addAll(&c.many)
	c.shrunk.addAll(&c.many)
	c.markTight(a)
}
