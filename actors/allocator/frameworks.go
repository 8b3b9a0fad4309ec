package allocator

import (
	"slices"

	"mesos/messages/resources"
)

// AddFramework makes a framework known. used is what it holds by agent id, each
// entry with its allocation role, as far as the agent is known here (an agent
// that comes later brings its own list); for the agents named it replaces what
// they had reported. Adding an id twice panics.
func (c *Core) AddFramework(f Framework, active bool, used map[string]resources.Resources) {
	if c.frameworks[f.ID] != nil {
		panic("allocator: framework " + f.ID + " is added twice")
	}
	c.windows.look = true
	fw := &framework{active: active}
	fw.ID = f.ID
	c.frameworks[f.ID] = fw
	for _, id := range sortedKeys(used) {
		if a := c.agents[id]; a != nil {
			c.dropHeld(a, f.ID)
			c.addHeld(a, f.ID, used[id])
			c.recount(a)
			c.grew(a)
		}
	}
	c.configure(fw, f)
}

// UpdateFramework replaces what is known of a framework: roles, suppressed roles
// and capabilities. In a role that it leaves it keeps what it holds and gets no
// more offers. Filters of roles that it keeps stay.
func (c *Core) UpdateFramework(f Framework) {
	if fw := c.frameworks[f.ID]; fw != nil {
		c.configure(fw, f)
	}
}

func (c *Core) configure(fw *framework, f Framework) {
	old, was := fw.clients, fw.Capabilities
	fw.Framework = f
	fw.Roles = slices.Clone(f.Roles)
	fw.clients = make([]*client, 0, len(f.Roles))
	for _, role := range f.Roles {
		cl := c.client(Client{Framework: f.ID, Role: role})
		if slices.Contains(fw.clients, cl) {
			continue
		}
		fw.clients = append(fw.clients, cl)
		cl.fw = fw
		cl.suppressed = slices.Contains(f.Suppressed, role)
		c.refresh(cl)
		changed := c.setWishes(cl, f)
		if p, ok := c.policy.(Prioritizer); ok {
			p.SetPriority(cl.id, f.Priority)
		}
		if slices.Contains(old, cl) && (changed || was != f.Capabilities) {
			c.unblock(cl)
		}
	}
	for _, cl := range old {
		if !slices.Contains(fw.clients, cl) {
			c.leave(cl)
		}
	}
}

// setWishes sets what the framework wants to be offered in a role, and says
// whether that changed.
func (c *Core) setWishes(cl *client, f Framework) bool {
	minimum, has := f.MinAllocatable[cl.Role]
	if has && minimum == nil {
		minimum = []resources.Quantities{}
	}
	changed := cl.constraint != f.Constraints[cl.Role] || (cl.minimum == nil) == has ||
		!slices.EqualFunc(cl.minimum, minimum, resources.Quantities.Equal)
	before := c.minimums
	if cl.minimum != nil {
		c.minimums--
	}
	if has {
		c.minimums++
	}
	cl.minimum, cl.constraint = minimum, f.Constraints[cl.Role]
	if (before == 0) != (c.minimums == 0) {
		for _, a := range c.order {
			c.measure(a)
		}
		c.allDirty = true
	}
	return changed
}

// leave ends a client's part in offers; what it holds stays on the books.
func (c *Core) leave(cl *client) {
	cl.fw = nil
	c.setWishes(cl, Framework{})
	c.clearFilters(cl)
	c.refresh(cl)
	c.unblock(cl) // it may come back with other capabilities
	c.release(cl)
}

// ActivateFramework lets a framework get offers.
func (c *Core) ActivateFramework(id string) {
	c.setFrameworkActive(id, true)
}

// DeactivateFramework stops offers to a framework that is not connected. It
// keeps what it holds and what it suppressed; its filters end.
func (c *Core) DeactivateFramework(id string) {
	c.setFrameworkActive(id, false)
}

func (c *Core) setFrameworkActive(id string, active bool) {
	fw := c.frameworks[id]
	if fw == nil {
		return
	}
	fw.active = active
	c.windows.look = true
	for _, cl := range fw.clients {
		if !active {
			c.clearFilters(cl)
		}
		c.refresh(cl)
	}
}

// RemoveFramework forgets a framework. What it still holds becomes free: the
// caller has seen to it that nothing of it runs any more.
func (c *Core) RemoveFramework(id string) {
	fw := c.frameworks[id]
	if fw == nil {
		return
	}
	delete(c.frameworks, id)
	c.dropInverseOffers(id)
	for _, a := range c.order {
		if c.dropHeld(a, id) {
			c.recount(a)
			c.grew(a)
		}
	}
	for _, cl := range fw.clients {
		c.leave(cl)
	}
}

// Suppress stops offers to a framework in the given roles, in all of its roles
// if none is given. Filters stay.
func (c *Core) Suppress(frameworkID string, roles []string) {
	c.eachClient(frameworkID, roles, func(cl *client) {
		cl.suppressed = true
		c.refresh(cl)
	})
}

// Revive undoes Suppress and ends all filters of the framework in the given
// roles, in all of its roles if none is given.
func (c *Core) Revive(frameworkID string, roles []string) {
	c.eachClient(frameworkID, roles, func(cl *client) {
		cl.suppressed = false
		c.clearFilters(cl)
		c.refresh(cl)
	})
}

func (c *Core) eachClient(frameworkID string, roles []string, f func(*client)) {
	fw := c.frameworks[frameworkID]
	if fw == nil {
		return
	}
	for _, cl := range fw.clients {
		if len(roles) == 0 || slices.Contains(roles, cl.Role) {
			f(cl)
		}
	}
}
