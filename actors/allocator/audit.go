package allocator

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"mesos/messages/resources"
)

// audit notes what changes in a core, so that a simulator can check it after every step at the cost of the step.
type audit struct {
	touched map[*agent]struct{}
	errs    []error
}

// StartAudit has the core note what changes from now on, for [Core.Audit].
func (c *Core) StartAudit() { c.audit = &audit{touched: map[*agent]struct{}{}} }

// Audit checks what has changed since the last call, and names the agents: what is held of each plus what is available
// is its total, exactly, and nothing was offered beyond a limit.
func (c *Core) Audit() (touched []string, err error) {
	if len(c.audit.touched) == 0 && len(c.audit.errs) == 0 {
		return nil, nil
	}
	errs := c.audit.errs
	c.audit.errs = nil
	agents := make([]*agent, 0, len(c.audit.touched))
	for a := range c.audit.touched {
		agents = append(agents, a)
	}
	clear(c.audit.touched)
	slices.SortFunc(agents, func(a, b *agent) int { return cmp.Compare(a.seq, b.seq) })
	for _, a := range agents {
		touched = append(touched, a.ID)
		if c.agents[a.ID] == a {
			errs = append(errs, c.checkSums(a))
		}
	}
	return touched, errors.Join(errs...)
}

// Held is what each framework holds of an agent, without allocation info and without what is shared.
func (c *Core) Held(agentID string) (held map[string]resources.Resources, known bool) {
	a := c.agents[agentID]
	if a == nil {
		return nil, false
	}
	held = make(map[string]resources.Resources, len(a.held))
	for _, h := range a.held {
		held[h.cl.Framework] = held[h.cl.Framework].Add(h.res)
	}
	return held, true
}

// touch notes that what is held or available of an agent has changed.
func (c *Core) touch(a *agent) {
	if c.audit != nil {
		c.audit.touched[a] = struct{}{}
	}
}

// auditOffer notes an offer of r, which counts already, that puts a role beyond its limit.
func (c *Core) auditOffer(a *agent, cl *client, r resources.Resources) {
	if c.audit == nil {
		return
	}
	for _, q := range cl.quotas {
		for e := range r.All() {
			limit, is := q.limits[e.Name()]
			if used := q.used[e.Name()]; is && used > limit && !e.IsRevocable() && !q.owns(e) {
				c.audit.errs = append(c.audit.errs, fmt.Errorf("framework %s is offered %v of agent %s in role %s, which makes %v: the limit is %v", cl.Framework, e, a.ID, cl.Role, used, limit))
			}
		}
	}
}
