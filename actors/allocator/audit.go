package allocator

import (
	"errors"
	"fmt"

	"mesos/messages/resources"
)

// audit notes what changes in a core, so that a simulator can check it after every step at the cost of the step.
type audit struct {
	touched []*agent
	errs    []error
}

// StartAudit has the core note what changes from now on, for [Core.Audit].
func (c *Core) StartAudit() { c.audit = &audit{} }

// Audit checks what has changed since the last call, and names the agents: what is held of each plus what is available
// is its total, exactly, and nothing was offered beyond a limit.
func (c *Core) Audit() (touched []string, err error) {
	if len(c.audit.touched) == 0 && len(c.audit.errs) == 0 {
		return nil, nil
	}
	for _, a := range c.audit.touched {
		a.audited = false
		touched = append(touched, a.ID)
		if c.agents[a.ID] == a {
			if err := c.checkSums(a); err != nil {
				c.audit.errs = append(c.audit.errs, err)
			}
		}
	}
	err = errors.Join(c.audit.errs...)
	clear(c.audit.touched)
	c.audit.touched, c.audit.errs = c.audit.touched[:0], nil
	return touched, err
}

// Holdings are what frameworks hold of an agent. They are few, mostly one: a list costs less than a map.
type Holdings []Holding

// Holding is what a framework, by its id, holds of an agent.
type Holding struct {
	Framework string
	Resources resources.Resources
}

// Add is h and r, which is the framework's. It may change h.
func (h Holdings) Add(framework string, r resources.Resources) Holdings {
	for i := range h {
		if h[i].Framework == framework {
			h[i].Resources = h[i].Resources.Add(r)
			return h
		}
	}
	return append(h, Holding{framework, r})
}

// Of is what a framework holds.
func (h Holdings) Of(framework string) resources.Resources {
	for i := range h {
		if h[i].Framework == framework {
			return h[i].Resources
		}
	}
	return resources.Resources{}
}

// Held adds to held what each framework holds of an agent, without allocation info and without what is shared.
func (c *Core) Held(agentID string, held Holdings) (_ Holdings, known bool) {
	a := c.agents[agentID]
	if a == nil {
		return held, false
	}
	for _, h := range a.held {
		held = held.Add(h.cl.Framework, h.res)
	}
	return held, true
}

// touch notes that what is held or available of an agent has changed.
func (c *Core) touch(a *agent) {
	if c.audit != nil && !a.audited {
		a.audited = true
		c.audit.touched = append(c.audit.touched, a)
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
