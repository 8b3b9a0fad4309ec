package allocator

// relax has the clients that quotas held back asked again where that changed,
// and says whether there are any.
//
// A client is in shrunk if some agent was refused to it by what quotas leave: more
// room may unblock it. It is in swayed if what quotas left of an agent that has
// several entries of one name was contained in what it had refused: then any change
// may unblock it, because less room for one entry can leave more for another, which
// was not refused.
func (c *Core) relax() bool {
	c.again.clear()
	for _, q := range c.ledger.moved {
		if q.grew {
			c.again.addCommon(&q.members, &c.shrunk)
		}
		if q.fell {
			c.again.addCommon(&q.members, &c.swayed)
		}
		q.moved, q.grew, q.fell = false, false, false
	}
	clear(c.ledger.moved)
	c.ledger.moved = c.ledger.moved[:0]
	for _, r := range c.ledger.reserves {
		switch slack := r.slack(); {
		case slack > r.last:
			c.again.addAll(&c.shrunk)
		case slack < r.last:
			c.again.addAll(&c.swayed)
		}
		r.last = r.slack()
	}
	if c.again.isEmpty() {
		return false
	}
	c.shrunk.subtract(&c.again)
	c.swayed.subtract(&c.again)
	c.spent.subtract(&c.again)
	found := false
	for _, a := range c.tight {
		if c.agents[a.ID] == a && a.blocked.meets(&c.again) {
			a.blocked.subtract(&c.again)
			c.markDirty(a)
			found = true
		}
	}
	if c.shrunk.isEmpty() {
		c.forgetTight()
	}
	return found
}

// tighten notes that quotas stand between a client and an agent.
func (c *Core) tighten(a *agent, cl *client, v verdict) {
	c.shrunk.add(cl.id)
	if v.reason == Filtered && a.traits.crowded {
		c.swayed.add(cl.id)
	}
	c.markTight(a)
}

func (c *Core) markTight(a *agent) {
	if !a.tight {
		a.tight = true
		c.tight = append(c.tight, a)
	}
}

func (c *Core) forgetTight() {
	for _, a := range c.tight {
		a.tight = false
	}
	clear(c.tight)
	c.tight = c.tight[:0]
}
