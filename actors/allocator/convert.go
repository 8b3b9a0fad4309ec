package allocator

import (
	"fmt"

	"mesos/messages/resources"
)

// Convert carries out an operation on resources that a framework holds of an
// agent: from becomes to, in what the framework holds and in the agent's total.
// Every entry carries its allocation role, which is the same for all. Shared
// resources are held by nobody: they change in the total alone. An unknown agent
// is ignored. Converting more than is held panics. If the agent's total does not
// have from, because the agent said otherwise meanwhile, the total stays.
func (c *Core) Convert(frameworkID, agentID string, from, to resources.Resources) {
	a := c.agents[agentID]
	if a == nil {
		return
	}
	role, one := onlyRole(from.Add(to))
	if !one || role == "" {
		panic(fmt.Sprintf("allocator: framework %s converts %v to %v: not allocated to one role", frameworkID, from, to))
	}
	name := Client{Framework: frameworkID, Role: role}
	from, to = from.Unallocate(), to.Unallocate()
	if old := withoutShared(from); !old.IsEmpty() {
		cl := c.clients[name]
		i := -1
		if cl != nil {
			i = a.find(cl)
		}
		if i < 0 || !a.held[i].res.Contains(old) {
			panic(fmt.Sprintf("allocator: framework %s in role %s converts %v of agent %s, more than it holds", frameworkID, role, old, agentID))
		}
		c.unhold(a, cl, old)
	}
	if now := withoutShared(to); !now.IsEmpty() {
		c.hold(a, c.client(name), now)
	}
	c.convertTotal(a, from, to)
}

// ConvertAvailable carries out an operation on resources of an agent that are
// held by nobody, without allocation roles. It fails if they are not available.
// That nobody uses what is shared is the caller's to know.
func (c *Core) ConvertAvailable(agentID string, from, to resources.Resources) error {
	a := c.agents[agentID]
	if a == nil {
		return fmt.Errorf("agent %s is not registered", agentID)
	}
	if need := withoutShared(from); !a.available.Contains(need) {
		return fmt.Errorf("%v of agent %s is not available: what is neither used nor offered is %v", need, agentID, a.available)
	}
	if !a.Total.Contains(from) {
		return fmt.Errorf("agent %s does not have %v: it has %v", agentID, from, a.Total)
	}
	c.convertTotal(a, from, to)
	return nil
}

func (c *Core) convertTotal(a *agent, from, to resources.Resources) {
	next := a.Agent
	if next.Total.Contains(from) {
		next.Total = next.Total.Sub(from).Add(to)
	}
	c.setTotal(a, next)
}

// Convert is [Core.Convert].
func (a *Actor) Convert(frameworkID, agentID string, from, to resources.Resources) {
	a.event(func(c *Core) { c.Convert(frameworkID, agentID, from, to) })
}

// ConvertAvailable calls answer on the actor with what [Core.ConvertAvailable] says.
func (a *Actor) ConvertAvailable(agentID string, from, to resources.Resources, answer func(error)) {
	a.event(func(c *Core) { answer(c.ConvertAvailable(agentID, from, to)) })
}
