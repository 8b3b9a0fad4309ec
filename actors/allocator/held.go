package allocator

import (
	"fmt"
	"slices"
	"time"

	"mesos/messages/resources"
)

// Recover takes back resources of an agent that a framework held: a declined or
// rescinded offer, the unused part of an accepted one, or what a task used. Each
// entry carries its allocation role. With refuse, what comes back is not offered
// again to the framework in that role for a time, see the package comment; nil
// means no refusal. An unknown agent, or a framework that holds nothing because
// it was removed, is ignored; giving back more than is held panics.
func (c *Core) Recover(frameworkID, agentID string, r resources.Resources, refuse *Refuse, now time.Time) {
	a := c.agents[agentID]
	if a == nil {
		return
	}
	for role, part := range byRole(r) {
		cl := c.clients[Client{Framework: frameworkID, Role: role}]
		if cl == nil {
			continue
		}
		part = cl.unmark(part)
		c.giveBack(a, cl, part)
		if refuse != nil && cl.fw != nil && cl.fw.active {
			c.addFilter(a, cl, part, c.offset(now)+refuse.duration(c.o.AllocationInterval))
		}
	}
}

func (c *Core) giveBack(a *agent, cl *client, r resources.Resources) {
	r = withoutShared(r)
	if r.IsEmpty() {
		return
	}
	i := a.find(cl)
	if i < 0 || !a.held[i].res.Contains(r) {
		panic(fmt.Sprintf("allocator: framework %s in role %s gives back %v of agent %s, more than it holds",
			cl.Framework, cl.Role, r, a.ID))
	}
	c.unhold(a, cl, r)
	if a.over {
		c.recount(a)
	} else {
		a.available = a.available.Add(r)
	}
	c.grew(a)
}

// take makes r, which is available, belong to the client. Where quotas cut, less
// of one resource may leave room for another that was not refused, so those
// clients are asked again.
func (c *Core) take(a *agent, cl *client, r resources.Resources) {
	r = withoutShared(r)
	a.available = a.available.Sub(r)
	c.hold(a, cl, r)
	c.auditOffer(a, cl, r)
	c.measure(a)
	a.blocked.subtract(&c.swayed)
}

// Allocated adds what a framework turns out to hold of an agent beyond what was
// said when both were added, such as a task that only a later report names. Each
// entry carries its allocation role. An unknown agent is ignored.
func (c *Core) Allocated(frameworkID, agentID string, r resources.Resources) {
	if a := c.agents[agentID]; a != nil {
		c.addHeld(a, frameworkID, r)
		c.recount(a)
		a.blocked.subtract(&c.swayed)
		c.markDirty(a)
	}
}

// addHeld adds what a framework is said to hold. The caller recounts.
func (c *Core) addHeld(a *agent, frameworkID string, used resources.Resources) {
	for role, part := range byRole(used) {
		if part = withoutShared(part.Unallocate()); !part.IsEmpty() {
			c.hold(a, c.client(Client{Framework: frameworkID, Role: role}), part)
		}
	}
}

// dropHeld frees all that a framework holds of an agent, and says whether that
// was anything. The caller recounts.
func (c *Core) dropHeld(a *agent, frameworkID string) bool {
	dropped := false
	for i := len(a.held) - 1; i >= 0; i-- {
		if h := a.held[i]; h.cl.Framework == frameworkID {
			c.unhold(a, h.cl, h.res)
			dropped = true
		}
	}
	return dropped
}

// hold and unhold are the only places where what a client holds changes: they
// keep shares and quota with it, and leave available to the caller.
func (c *Core) hold(a *agent, cl *client, r resources.Resources) {
	c.touch(a)
	if i := a.find(cl); i >= 0 {
		a.held[i].res = a.held[i].res.Add(r)
	} else {
		a.held = append(a.held, holding{cl, r})
		cl.agents++
		c.lookAtWindow(a)
	}
	c.policy.Allocated(cl.id, cl.quantities(r))
	for _, q := range cl.quotas {
		q.chargeHeld(r, +1)
	}
}

func (c *Core) unhold(a *agent, cl *client, r resources.Resources) {
	c.touch(a)
	c.policy.Unallocated(cl.id, cl.quantities(r))
	for _, q := range cl.quotas {
		q.chargeHeld(r, -1)
	}
	i := a.find(cl)
	if a.held[i].res = a.held[i].res.Sub(r); !a.held[i].res.IsEmpty() {
		return
	}
	a.held = slices.Delete(a.held, i, i+1)
	cl.agents--
	c.release(cl)
}

func (a *agent) find(cl *client) int {
	for i := range a.held {
		if a.held[i].cl == cl {
			return i
		}
	}
	return -1
}

// recount works out available from total and holdings.
func (c *Core) recount(a *agent) {
	held, overlap := a.sumHeld()
	total := withoutShared(a.Total)
	a.over = overlap || !total.Contains(held)
	a.available = total.Sub(held)
	c.measure(a)
}

// sumHeld is what all hold together, and whether some of it is held twice, as
// can be if reports disagree: ports and items do not add up to more.
func (a *agent) sumHeld() (sum resources.Resources, overlap bool) {
	for i := range a.held {
		next := sum.Add(a.held[i].res)
		overlap = overlap || !next.Sub(a.held[i].res).Equal(sum)
		sum = next
	}
	return sum, overlap
}
