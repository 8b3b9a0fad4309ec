package allocator

import (
	"errors"
	"fmt"
)

// Check recomputes everything that is kept up to date by changes and compares:
// per agent, held plus available is the total, exactly; nothing is held twice;
// quotas are charged what they should be; no agent was put aside that could serve
// somebody. It costs agents times clients: for tests and the simulator.
func (c *Core) Check() error {
	agents := map[*client]int{}
	var errs []error
	for _, a := range c.order {
		errs = append(errs, c.checkAgent(a))
		for _, h := range a.held {
			agents[h.cl]++
		}
	}
	for name, cl := range c.clients {
		if cl.agents != agents[cl] {
			errs = append(errs, fmt.Errorf("client %v counts %d agents, holds of %d", name, cl.agents, agents[cl]))
		}
		if c.byID[cl.id] != cl || cl.fw == nil && cl.agents == 0 {
			errs = append(errs, fmt.Errorf("client %v should be gone", name))
		}
		if c.eligible.Has(cl.id) != cl.eligible {
			errs = append(errs, fmt.Errorf("client %v is not in the set of eligible ones as it should be", name))
		}
	}
	for role, q := range c.quotas {
		fresh := c.countQuota(role, Quota{Limits: q.limits})
		for name := range q.limits {
			if q.used[name] != fresh.used[name] {
				errs = append(errs, fmt.Errorf("quota of role %q is charged %v, want %v", role, q.used, fresh.used))
			}
		}
	}
	return errors.Join(append(errs, c.checkFilters())...)
}

func (c *Core) checkAgent(a *agent) error {
	if err := c.checkSums(a); err != nil {
		return err
	}
	if a.open != c.worthAnOffer(a) {
		return fmt.Errorf("agent %s: open is %v with %v available", a.ID, a.open, a.available)
	}
	if c.allDirty || a.dirty || !a.active {
		return nil
	}
	return c.checkAside(a)
}

// checkSums checks that what is held of an agent and what is available are its total, exactly.
func (c *Core) checkSums(a *agent) error {
	held, overlap := a.sumHeld()
	total := withoutShared(a.Total)
	over := overlap || !total.Contains(held)
	if over != a.over {
		return fmt.Errorf("agent %s: over is %v, want %v", a.ID, a.over, over)
	}
	if !over && !a.available.Add(held).Equal(total) {
		return fmt.Errorf("agent %s: available %v plus held %v is not the total %v", a.ID, a.available, held, total)
	}
	if over && !a.available.Equal(total.Sub(held)) {
		return fmt.Errorf("agent %s: available %v, want what %v leaves of %v", a.ID, a.available, held, total)
	}
	return nil
}

// checkAside checks that an agent that waits for no pass has nothing to offer,
// unless quota room grew.
func (c *Core) checkAside(a *agent) error {
	for _, cl := range c.clients {
		if !cl.eligible || c.shrunk.Has(cl.id) {
			continue
		}
		if r, v := c.offerable(a, cl); v.reason == Offerable {
			return fmt.Errorf("agent %s: %v could be offered to %v, but nobody looks", a.ID, r, cl.Client)
		}
	}
	return nil
}

func (c *Core) checkFilters() error {
	byAgent, byClient := 0, 0
	for _, a := range c.order {
		for id, f := range a.filters {
			for ; f != nil; f = f.next {
				byAgent++
				if (f.kind == a.kind) && !a.alike.Has(id) {
					return fmt.Errorf("filter of %v on agent %s is not among those alike", f.cl.Client, a.ID)
				}
				if c.filters[f.at] != f || f.a != a || f.cl != c.byID[id] {
					return fmt.Errorf("filter of %v on agent %s is misplaced", f.cl.Client, a.ID)
				}
			}
		}
	}
	for name, cl := range c.clients {
		for f := cl.newest; f != nil; f = f.older {
			if byClient++; f.cl != cl || c.agents[f.a.ID] != f.a {
				return fmt.Errorf("client %v has a filter of %v on agent %s", name, f.cl.Client, f.a.ID)
			}
		}
	}
	if n := len(c.filters); byAgent != n || byClient != n {
		return fmt.Errorf("%d filters by deadline, %d by agent, %d by client", n, byAgent, byClient)
	}
	return nil
}
