package allocator

import (
	"slices"
	"time"

	"mesos/messages/resources"
)

// RoleExplanation tells how a role stands with the allocator, its descendants included.
type RoleExplanation struct {
	Role    string
	Share   float64 // dominant share, 0 if the policy knows none
	Filters int     // refusals that hold
	// Clients are the frameworks that may be offered something in it, and those
	// that may not: suppressed, or not connected.
	Hungry, Suppressed, Inactive int
	Limits                       map[string]resources.Quantity // nil without quota
	Guarantees                   map[string]resources.Quantity
	Charged                      map[string]resources.Quantity // against the quota
	Lacks                        map[string]resources.Quantity // what guarantees of it and below lack: headroom kept for it
	Short                        map[string]resources.Quantity // what all guarantees together lack beyond all that is free; nil without quota
	Pause                        Pause                         // nobody is offered anything yet
}

// ExplainRole tells how a role stands; false if no framework is or holds
// anything in it or below, and it has no quota.
func (c *Core) ExplainRole(role string) (RoleExplanation, bool) {
	c.arrangeQuotas()
	x := RoleExplanation{Role: role, Share: c.share(role), Pause: c.pause()}
	known := false
	for _, cl := range c.byID {
		if cl == nil || !within(cl.Role, role) {
			continue
		}
		known = true
		for f := cl.newest; f != nil; f = f.older {
			x.Filters++
		}
		switch {
		case cl.fw == nil || !cl.fw.active:
			x.Inactive++
		case cl.suppressed:
			x.Suppressed++
		default:
			x.Hungry++
		}
	}
	if q := c.quotas[role]; q != nil {
		known = true
		x.Limits, x.Guarantees = copyOf(q.limits), copyOf(q.guarantees)
		x.Charged, x.Lacks = copyOf(q.used), copyOf(q.lacks)
		x.Short = map[string]resources.Quantity{}
		for _, r := range c.ledger.reserves {
			if short := r.lacks - r.free; short > 0 {
				x.Short[r.name] = short
			}
		}
	}
	return x, known
}

// copyOf is m without zeros of what is only kept for the books.
func copyOf(m map[string]resources.Quantity) map[string]resources.Quantity {
	out := make(map[string]resources.Quantity, len(m))
	for name, q := range m {
		out[name] = q
	}
	return out
}

// AgentExplanation tells who has an agent and why others do not.
type AgentExplanation struct {
	AgentID        string
	Active         bool
	Total          resources.Resources
	Available      resources.Resources // without shared resources
	Holders        []Holder            // by framework and role
	Filters        int                 // refusals that hold
	Unavailability *Unavailability     // nil if none is planned
	Reasons        []ClientCount
}

// Holder is a framework in a role and what it was offered or uses.
type Holder struct {
	FrameworkID, Role string
	Resources         resources.Resources
}

// ClientCount says of how many frameworks (each role of one counts) a reason
// keeps the agent, and names one.
type ClientCount struct {
	Reason            Reason
	Clients           int
	FrameworkID, Role string
	Until             time.Time // of Filtered: when the first filter ends
}

// ExplainAgent works out for every framework why it is not offered the agent;
// false if the agent is unknown.
func (c *Core) ExplainAgent(agentID string) (AgentExplanation, bool) {
	c.arrangeQuotas()
	a := c.agents[agentID]
	if a == nil {
		return AgentExplanation{}, false
	}
	x := AgentExplanation{AgentID: a.ID, Active: a.active, Total: a.Total, Available: a.available}
	if w := c.windows.agents[agentID]; w != nil {
		u := w.Unavailability
		x.Unavailability = &u
	}
	for _, h := range a.held {
		x.Holders = append(x.Holders, Holder{h.cl.Framework, h.cl.Role, h.res})
	}
	slices.SortFunc(x.Holders, func(p, q Holder) int {
		return compareClients(Client{p.FrameworkID, p.Role}, Client{q.FrameworkID, q.Role})
	})
	for _, f := range a.filters {
		for ; f != nil; f = f.next {
			x.Filters++
		}
	}
	x.Reasons = c.reasonsOn(a)
	return x, true
}

func (c *Core) reasonsOn(a *agent) []ClientCount {
	var counts [reasonCount]ClientCount
	for _, cl := range c.byID {
		if cl == nil || cl.fw == nil {
			continue
		}
		v := c.explain(a, cl)
		n := &counts[v.reason]
		n.Reason = v.reason
		if n.Clients == 0 || compareClients(cl.Client, Client{n.FrameworkID, n.Role}) < 0 {
			n.FrameworkID, n.Role = cl.Framework, cl.Role
		}
		n.Clients++
		if until := c.epoch.Add(v.until); v.reason == Filtered && (n.Until.IsZero() || until.Before(n.Until)) {
			n.Until = until
		}
	}
	return slices.DeleteFunc(counts[:], func(n ClientCount) bool { return n.Clients == 0 })
}
