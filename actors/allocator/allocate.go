package allocator

import (
	"cmp"
	"slices"
	"time"

	"mesos/messages/resources"
)

// Allocate offers all that can be offered now. What it returns is held by the
// frameworks named until it comes back through [Core.Recover]. now must not be
// before the now of an earlier call.
func (c *Core) Allocate(now time.Time) []Offer {
	c.expire(c.offset(now))
	if c.mustWait(now) {
		return nil
	}
	c.arrangeQuotas()
	c.relax()
	var offers []Offer
	for c.allDirty || len(c.dirty) > 0 {
		offers = c.pass(now, offers)
	}
	return offers
}

// pass serves all agents that may be able to give something, in the order in
// which they came. If quotas let some more be asked on the way, all agents
// further on are looked at; those before have their turn in the next pass.
func (c *Core) pass(now time.Time, offers []Offer) []Offer {
	todo := c.dirty
	c.dirty, c.spare = c.spare, nil
	all, relaxed := c.allDirty, false
	c.allDirty = false
	if !all {
		slices.SortFunc(todo, func(a, b *agent) int { return cmp.Compare(a.seq, b.seq) })
		for i := 0; i < len(todo) && !relaxed; i++ {
			if a := todo[i]; a.dirty {
				if offers, relaxed = c.serve(a, now, offers); relaxed {
					offers = c.serveFrom(a.seq+1, now, offers)
				}
			}
		}
	} else {
		offers = c.serveFrom(0, now, offers)
	}
	clear(todo)
	c.spare = todo[:0]
	return offers
}

// serveFrom serves all agents from a place in the order on.
func (c *Core) serveFrom(seq uint64, now time.Time, offers []Offer) []Offer {
	at, _ := slices.BinarySearchFunc(c.order, seq, func(a *agent, seq uint64) int { return cmp.Compare(a.seq, seq) })
	for _, a := range c.order[at:] {
		offers, _ = c.serve(a, now, offers)
	}
	return offers
}

// serve offers an agent until nobody can use what is left of it. relaxed says
// that others may be asked again about other agents.
func (c *Core) serve(a *agent, now time.Time, offers []Offer) (_ []Offer, relaxed bool) {
	a.dirty = false
	for a.active && a.open && c.now.setMinus(&c.eligible, &a.blocked) {
		if c.blockMany(a) && !c.now.setMinus(&c.eligible, &a.blocked) {
			break
		}
		o, ok := c.serveNext(a, now)
		if !ok {
			break
		}
		offers = append(offers, o)
		relaxed = c.relax() || relaxed
	}
	return offers, relaxed
}

// serveNext offers the agent to the first client that can use it: first those
// whose guarantee lacks some of what is free here, then all others. Those that
// cannot are not asked again until something changes.
func (c *Core) serveNext(a *agent, now time.Time) (Offer, bool) {
	if len(c.ledger.reserves) > 0 && c.claimantsOn(a, &c.first, &c.now) {
		if o, ok := c.serveAmong(a, &c.first, now); ok {
			return o, true
		}
		c.now.subtract(&c.first)
	}
	return c.serveAmong(a, &c.now, now)
}

func (c *Core) serveAmong(a *agent, among *Set, now time.Time) (Offer, bool) {
	c.serving = serving{agent: a, now: now}
	if c.tryEach == nil {
		c.tryEach = c.try
	}
	c.policy.Order(a.ID, among)(c.tryEach)
	return c.serving.offer, c.serving.ok
}

// serving is what serveAmong is about: with it try needs no memory of its own each time.
type serving struct {
	agent *agent
	now   time.Time
	offer Offer
	ok    bool
}

// try offers the agent to one client, and reports whether the next is to be asked.
func (c *Core) try(id ClientID) bool {
	a, cl := c.serving.agent, c.byID[id]
	r, v := c.offerable(a, cl)
	if v.reason != Offerable {
		c.block(a, cl, v)
		return true
	}
	r, marked := cl.mark(r)
	c.take(a, cl, r)
	cl.offers++
	cl.lastOffer = c.serving.now
	c.serving.ok = true
	c.serving.offer = Offer{
		FrameworkID: cl.Framework, Role: cl.Role, AgentID: a.ID, AgentRun: a.Run,
		Resources: marked, Lent: c.o.Preempt && cl.fw.Capabilities.Revocable,
	}
	return false
}

// mark returns r, and r allocated to the client's role. Both are the lists of last time if they are the same, which
// much that follows is spared by.
func (cl *client) mark(r resources.Resources) (plain, marked resources.Resources) {
	if !cl.plain.Same(r) {
		cl.plain, cl.marked, cl.sums = r, r.Allocate(cl.Role), r.Quantities()
	}
	return cl.plain, cl.marked
}

// quantities is r.Quantities, known already of what was marked last.
func (cl *client) quantities(r resources.Resources) resources.Quantities {
	if cl.plain.Same(r) {
		return cl.sums
	}
	return r.Quantities()
}

// unmark undoes mark.
func (cl *client) unmark(r resources.Resources) resources.Resources {
	if cl.marked.Same(r) {
		return cl.plain
	}
	return r.Unallocate()
}

// block notes that the client can get nothing here now.
func (c *Core) block(a *agent, cl *client, v verdict) {
	a.blocked.add(cl.id)
	if v.reason == Capability || v.reason == Unwanted {
		a.unfit.add(cl.id)
	}
	if v.cut {
		c.tighten(a, cl, v)
	}
	if v.reason == QuotaLimit && c.isSpent(cl) {
		c.spent.add(cl.id)
	}
}
