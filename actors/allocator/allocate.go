package allocator

import (
	"cmp"
	"slices"
	"time"
)

// Allocate offers all that can be offered now. What it returns is held by the
// frameworks named until it comes back through [Core.Recover]. now must not be
// before the now of an earlier call.
func (c *Core) Allocate(now time.Time) []Offer {
	c.expire(c.offset(now))
	c.relax()
	offers := c.pass(now, nil)
	for c.relax() {
		offers = c.pass(now, offers)
	}
	return offers
}

// pass serves all agents that may be able to give something.
func (c *Core) pass(now time.Time, offers []Offer) []Offer {
	if c.allDirty {
		for _, a := range c.order {
			offers = c.serve(a, now, offers)
		}
	} else {
		slices.SortFunc(c.dirty, func(a, b *agent) int { return cmp.Compare(a.seq, b.seq) })
		for _, a := range c.dirty {
			offers = c.serve(a, now, offers)
		}
	}
	for _, a := range c.dirty {
		a.dirty = false
	}
	clear(c.dirty)
	c.dirty = c.dirty[:0]
	c.allDirty = false
	return offers
}

// serve offers an agent until nobody can use what is left of it.
func (c *Core) serve(a *agent, now time.Time, offers []Offer) []Offer {
	for a.active && a.open && c.now.setMinus(&c.eligible, &a.blocked) {
		o, ok := c.serveNext(a, now)
		if !ok {
			break
		}
		offers = append(offers, o)
	}
	return offers
}

// serveNext offers the agent to the first client that can use it. Those that
// cannot are not asked again until something changes.
func (c *Core) serveNext(a *agent, now time.Time) (Offer, bool) {
	for id := range c.policy.Order(a.ID, &c.now) {
		cl := c.byID[id]
		r, v := c.offerable(a, cl)
		if v.reason != Offerable {
			a.blocked.add(id)
			cl.shrunk = cl.shrunk || len(cl.quotas) > 0
			cl.swayed = cl.swayed || len(cl.quotas) > 1 && v.reason == Filtered
			continue
		}
		c.take(a, cl, r)
		cl.offers++
		cl.lastOffer = now
		return Offer{FrameworkID: cl.Framework, Role: cl.Role, AgentID: a.ID, AgentRun: a.Run, Resources: r.Allocate(cl.Role)}, true
	}
	return Offer{}, false
}
