package allocator

import (
	"slices"
	"strings"
	"time"

	"mesos/messages/resources"
)

// Explanation tells how a framework in a role stands with the allocator.
type Explanation struct {
	FrameworkID string
	Role        string
	Offers      uint64                 // offers made to it in this role
	LastOffer   time.Time              // zero if there was none
	Holding     int                    // agents of which it holds something
	Filters     int                    // refusals that hold
	Share       float64                // dominant share of the role, 0 if the policy knows none
	Pause       Pause                  // nobody is offered anything yet
	Suppressed  bool                   // it wants no offers in this role
	Minimum     []resources.Quantities // the smallest bundles worth an offer to it; it waits for one of them
	Reasons     []ReasonCount
}

// ReasonCount says on how many agents a reason stands in the way.
type ReasonCount struct {
	Reason  Reason
	Agents  int
	AgentID string    // one of them, the longest known
	Until   time.Time // of Filtered: when the first of the filters ends, zero else
	// Missing is what an offer of the agent that misses least would need more: of
	// Minimum and AnothersTurn for the nearest of the minimums. AgentID is that agent.
	Missing resources.Quantities
	// Roles are, of QuotaLimit, the role whose limit it is; of Headroom, those for
	// which something is kept (at most three); of AnothersTurn, those that hold
	// most of the agent.
	Roles []string
}

// Explain works out why a framework gets no more offers in a role, agent by
// agent, so its cost grows with the agents. False if the framework is not
// registered in the role.
func (c *Core) Explain(frameworkID, role string) (Explanation, bool) {
	c.arrangeQuotas()
	cl := c.clients[Client{Framework: frameworkID, Role: role}]
	if cl == nil || cl.fw == nil {
		return Explanation{}, false
	}
	x := Explanation{
		FrameworkID: frameworkID, Role: role, Offers: cl.offers, LastOffer: cl.lastOffer, Holding: cl.agents,
		Share: c.share(role), Pause: c.pause(), Suppressed: cl.suppressed, Minimum: c.minimumOf(cl),
	}
	for f := cl.newest; f != nil; f = f.older {
		x.Filters++
	}
	var counts [reasonCount]ReasonCount
	for _, a := range c.order {
		v := c.explain(a, cl)
		n := &counts[v.reason]
		missing := c.missing(a, cl, v.reason)
		if n.Agents == 0 || !missing.IsEmpty() && c.dominant(missing) < c.dominant(n.Missing) {
			n.AgentID, n.Missing = a.ID, missing
			n.Roles = c.rolesBehind(a, cl, v.reason)
		}
		n.Agents++
		if until := c.epoch.Add(v.until); v.reason == Filtered && (n.Until.IsZero() || until.Before(n.Until)) {
			n.Until = until
		}
	}
	for r, n := range counts {
		if n.Agents > 0 {
			n.Reason = Reason(r)
			x.Reasons = append(x.Reasons, n)
		}
	}
	return x, true
}

func (c *Core) explain(a *agent, cl *client) verdict {
	switch {
	case !cl.fw.active:
		return verdict{reason: InactiveFramework}
	case cl.suppressed:
		return verdict{reason: Suppressed}
	case !a.active:
		return verdict{reason: InactiveAgent}
	}
	_, v := c.offerable(a, cl)
	if v.reason == Minimum && c.allocatable(cl, c.usable(a, cl, withoutShared(a.Total))) {
		v.reason = AnothersTurn
	}
	return v
}

// missing is what the nearest of the client's minimums lacks on an agent.
func (c *Core) missing(a *agent, cl *client, why Reason) resources.Quantities {
	if why != Minimum && why != AnothersTurn {
		return resources.Quantities{}
	}
	bundles := c.minimumOf(cl)
	has := c.usable(a, cl, a.available).Quantities()
	var least resources.Quantities
	for i, b := range bundles {
		if lacks := b.Sub(has); i == 0 || c.dominant(lacks) < c.dominant(least) {
			least = lacks
		}
	}
	return least
}

// minimumOf are the bundles of which an offer to the client must hold one.
func (c *Core) minimumOf(cl *client) []resources.Quantities {
	if cl.minimum != nil {
		return cl.minimum
	}
	return c.o.MinAllocatable
}

// dominant is the largest part that q is of what all agents have of it. What no
// agent has counts more than anything.
func (c *Core) dominant(q resources.Quantities) float64 {
	share := 0.0
	for name, n := range q.All() {
		if total := c.capacity.Get(name); total > 0 {
			share = max(share, float64(n)/float64(total))
		} else {
			share = max(share, float64(n))
		}
	}
	return share
}

// rolesBehind are the roles that stand between a client and an agent.
func (c *Core) rolesBehind(a *agent, cl *client, why Reason) []string {
	switch why {
	case QuotaLimit:
		return c.rolesAtLimit(cl)
	case Headroom:
		return c.rolesLacking(cl)
	case AnothersTurn:
		return c.rolesHolding(a)
	}
	return nil
}

func (c *Core) rolesAtLimit(cl *client) []string {
	for _, q := range cl.quotas {
		for _, name := range sortedKeys(q.limits) {
			if q.used[name] >= q.limits[name] {
				return []string{q.role}
			}
		}
	}
	for _, q := range cl.quotas { // what it leaves is too little for an offer
		if len(q.limits) > 0 {
			return []string{q.role}
		}
	}
	return nil
}

const fewRoles = 3

func (c *Core) rolesLacking(cl *client) []string {
	var out []string
	for _, role := range sortedKeys(c.quotas) {
		for _, r := range c.ledger.reserves {
			if c.quotas[role].ownLack(r.name) > 0 && !within(cl.Role, role) && len(out) < fewRoles && !slices.Contains(out, role) {
				out = append(out, role)
			}
		}
	}
	return out
}

func (c *Core) rolesHolding(a *agent) []string {
	held := map[string]resources.Quantities{}
	for _, h := range a.held {
		held[h.cl.Role] = held[h.cl.Role].Add(h.res.Quantities())
	}
	out := sortedKeys(held)
	slices.SortStableFunc(out, func(x, y string) int {
		if dx, dy := c.dominant(held[x]), c.dominant(held[y]); dx != dy {
			if dx > dy {
				return -1
			}
			return 1
		}
		return strings.Compare(x, y)
	})
	return out[:min(len(out), fewRoles)]
}

// Sharer is a [Policy] that knows dominant shares.
type Sharer interface {
	// Share is the dominant share of a role and its descendants, from 0 to 1; 0 of
	// an unknown one.
	Share(role string) float64
}

func (c *Core) share(role string) float64 {
	if s, ok := c.policy.(Sharer); ok {
		return s.Share(role)
	}
	return 0
}
