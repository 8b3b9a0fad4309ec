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
	changed := fw.Capabilities != f.Capabilities
	old := fw.clients
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
		if changed && slices.Contains(old, cl) {
			c.unblock(cl)
		}
	}
	for _, cl := range old {
		if !slices.Contains(fw.clients, cl) {
			c.leave(cl)
		}
	}
}

// leave ends a client's part in offers; what it holds stays on the books.
func (c *Core) leave(cl *client) {
	cl.fw = nil
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
