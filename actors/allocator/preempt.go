package allocator

import (
	"cmp"
	"slices"

	"mesos/messages/resources"
)

// Need is what a framework waits for: a bundle of at least that much on one agent.
type Need struct {
	FrameworkID string
	Role        string
	Quantities  resources.Quantities
}

// Revocation is a decision to take back what was lent: the master rescinds the
// offer or has the tasks killed, and gives what they held back by [Core.Recover].
type Revocation struct {
	FrameworkID string
	Role        string
	AgentID     string
	AgentRun    int
	Resources   resources.Resources // with AllocationInfo.role set to Role
}

// Preempt says what to take back so that a need can be met, nothing if that is
// not possible or not needed because some agent has enough free. It changes
// nothing itself. With [Options.Preempt] and a policy that ranks strictly, what
// frameworks with the REVOCABLE_RESOURCES capability hold, as far as it is not
// reserved, is lent by those of higher priority. All comes from one agent: the
// one where the least has to be taken, counted in its share of the cluster; there
// the lowest priority goes first, and of equals the later comer.
func (c *Core) Preempt(n Need) []Revocation {
	ranks, ok := c.policy.(Prioritizer)
	cl := c.clients[Client{Framework: n.FrameworkID, Role: n.Role}]
	if !ok || !c.o.Preempt || cl == nil || !cl.eligible {
		return nil
	}
	var best []Revocation
	least := 0.0
	for _, a := range c.order {
		if !a.active || c.suits(a, cl) != Offerable {
			continue
		}
		free := c.usable(a, cl, a.available)
		if free.Reaches(n.Quantities) {
			return nil // it is a matter of time
		}
		got, cost := c.revoke(a, cl, ranks, free, n.Quantities)
		if got != nil && (best == nil || cost < least) {
			best, least = got, cost
		}
	}
	return best
}

// revoke says what to take back on one agent, nil if it is not enough.
func (c *Core) revoke(a *agent, cl *client, ranks Prioritizer, free resources.Resources, need resources.Quantities) ([]Revocation, float64) {
	var lent []holding
	for _, h := range a.held {
		if h.cl.fw == nil || !h.cl.fw.Capabilities.Revocable || !ranks.Outranks(cl.id, h.cl.id) {
			continue
		}
		if r := h.res.Filter(func(e resources.Resource) bool { return !e.IsReserved() && !e.IsRevocable() }); !r.IsEmpty() {
			lent = append(lent, holding{h.cl, r})
		}
	}
	slices.SortStableFunc(lent, func(x, y holding) int {
		switch {
		case ranks.Outranks(x.cl.id, y.cl.id):
			return 1
		case ranks.Outranks(y.cl.id, x.cl.id):
			return -1
		}
		return cmp.Compare(y.cl.id, x.cl.id)
	})
	var out []Revocation
	cost := 0.0
	for _, h := range lent {
		out = append(out, Revocation{
			FrameworkID: h.cl.Framework, Role: h.cl.Role, AgentID: a.ID, AgentRun: a.Run, Resources: h.res.Allocate(h.cl.Role),
		})
		cost += c.dominant(h.res.Quantities())
		if free = free.Add(h.res); free.Reaches(need) {
			return out, cost
		}
	}
	return nil, 0
}
