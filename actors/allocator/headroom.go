package allocator

import "mesos/messages/resources"

// ledger is what guarantees keep free, over all roles.
type ledger struct {
	reserves []*reserve // by name: of the resources that are guaranteed to somebody
	moved    []*quota   // those whose room or claim changed since clients were last relaxed
	stale    bool       // quotas were set: all must be arranged anew before it is used
}

// reserve is the books of one resource name that is guaranteed to somebody.
type reserve struct {
	name string
	// free is what active agents have available, unreserved and not revocable.
	free resources.Quantity
	// lacks is what all guarantees together lack.
	lacks resources.Quantity
	// slack at the time clients were last relaxed.
	last resources.Quantity
	// claimants are the clients whose role or an ancestor lacks some of it.
	claimants Set
	stale     bool     // claimants must be found anew
	flipped   []*quota // whose clients came to be, or may no more be, claimants
}

func (l *ledger) reserve(name string) *reserve {
	for _, r := range l.reserves {
		if r.name == name {
			return r
		}
	}
	return nil
}

// membersChanged notes that a client came to or left a role with a quota.
func (l *ledger) membersChanged() {
	for _, r := range l.reserves {
		r.stale = true
	}
}

// slack is what may go to anybody: what is free beyond what guarantees lack.
func (r *reserve) slack() resources.Quantity { return max(0, r.free-r.lacks) }

// ownLack is what the guarantee of a role lacks beyond what those below it lack:
// its clients and those below it may take that much of the headroom.
func (q *quota) ownLack(name string) resources.Quantity { return q.lacks[name] - q.below[name] }

// claim is how much of the headroom a client may take.
func (cl *client) claim(name string) resources.Quantity {
	var sum resources.Quantity
	for _, q := range cl.quotas {
		sum += q.ownLack(name)
	}
	return sum
}

// settle works out what the guarantee of a role lacks, after what is charged to
// it or what those below lack changed, and carries the change upwards.
func (q *quota) settle(name string) {
	r := q.ledger.reserve(name)
	if q.ledger.stale || r == nil {
		return
	}
	var grown resources.Quantity // what those below lack more
	for {
		// What is the role's own is what it lacks beyond those below.
		before, own := q.lacks[name], q.ownLack(name)
		q.below[name] += grown
		q.lacks[name] = max(q.guarantees[name]-q.used[name], q.below[name], 0)
		if after := q.ownLack(name); after != own {
			q.move(after > own)
			if (after > 0) != (own > 0) {
				r.flipped = append(r.flipped, q)
			}
		}
		grown = q.lacks[name] - before
		if grown == 0 {
			return
		}
		if q.parent == nil {
			r.lacks += grown
			return
		}
		q = q.parent
	}
}

// arrangeQuotas builds the tree of guarantees and their books anew, if quotas were
// set since.
func (c *Core) arrangeQuotas() {
	l := c.ledger
	if !l.stale {
		return
	}
	l.stale = false
	l.reserves, l.moved = nil, nil
	names := map[string]bool{}
	for _, q := range c.quotas {
		for name := range q.guarantees {
			names[name] = true
		}
		clear(q.below)
		clear(q.lacks)
		q.moved, q.grew, q.fell = false, false, false
		q.parent = c.quotaAbove(q.role)
	}
	for _, name := range sortedKeys(names) {
		l.reserves = append(l.reserves, &reserve{name: name, stale: true})
	}
	for _, a := range c.order {
		a.free = nil
		c.countFree(a)
	}
	for _, role := range sortedKeys(c.quotas) {
		for name := range names {
			c.quotas[role].settle(name)
		}
	}
	for _, r := range l.reserves {
		r.last = r.slack()
	}
	// Everybody's room may have changed.
	for _, cl := range c.byID {
		if cl != nil && c.shrunk.Has(cl.id) {
			c.unblock(cl)
		}
	}
}

func (c *Core) quotaAbove(role string) *quota {
	for i := len(role) - 1; i > 0; i-- {
		if role[i] == '/' {
			if q := c.quotas[role[:i]]; q != nil {
				return q
			}
		}
	}
	return nil
}

// countFree brings the part of an agent in what is free up to date.
func (c *Core) countFree(a *agent) {
	if c.ledger.stale || len(c.ledger.reserves) == 0 {
		return
	}
	if a.free == nil {
		a.free = make([]resources.Quantity, len(c.ledger.reserves))
	}
	for i, r := range c.ledger.reserves {
		var now resources.Quantity
		if a.active {
			now = headroomOf(a.available, r.name)
		}
		r.free += now - a.free[i]
		a.free[i] = now
	}
}

// headroomOf is how much of r counts as free for guarantees.
func headroomOf(r resources.Resources, name string) resources.Quantity {
	var sum resources.Quantity
	for e := range r.All() {
		if e.Name() == name && countsAsHeadroom(e) {
			sum += e.Quantity()
		}
	}
	return sum
}

func countsAsHeadroom(e resources.Resource) bool { return !e.IsReserved() && !e.IsRevocable() }

// claimantsOn adds to s the members of among that lack something guaranteed
// which the agent has free: they are asked before all others.
func (c *Core) claimantsOn(a *agent, s, among *Set) bool {
	s.clear()
	any := false
	for i, r := range c.ledger.reserves {
		if a.free[i] == 0 || r.lacks == 0 {
			continue
		}
		c.findClaimants(r)
		any = s.addCommon(among, &r.claimants) || any
	}
	return any
}

// findClaimants brings the claimants up to date.
func (c *Core) findClaimants(r *reserve) {
	if !r.stale {
		for _, q := range r.flipped {
			c.flipClaimants(r, q)
		}
		r.flipped = r.flipped[:0]
		return
	}
	r.flipped = r.flipped[:0]
	r.claimants.clear()
	for _, q := range c.quotas {
		if q.ownLack(r.name) > 0 {
			r.claimants.addAll(&q.members)
		}
	}
	r.stale = false
}

// flipClaimants looks at the clients of one role again.
func (c *Core) flipClaimants(r *reserve, q *quota) {
	if q.ownLack(r.name) > 0 {
		r.claimants.addAll(&q.members)
		return
	}
	for id := range q.members.All() {
		if c.byID[id].claim(r.name) == 0 {
			r.claimants.remove(id)
		}
	}
}
