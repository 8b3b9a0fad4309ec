package allocator

import "maps"

// SetWhitelist names the hosts whose agents may be offered; nil lets all be.
// What is offered of others stays offered, and what runs there runs on.
func (c *Core) SetWhitelist(hosts map[string]bool) {
	c.whitelist = maps.Clone(hosts)
	for _, a := range c.order {
		a.unfit.clear()
		c.grew(a)
	}
}

// listed says whether the whitelist has the agent.
func (c *Core) listed(a *agent) bool { return c.whitelist == nil || c.whitelist[a.Hostname] }

// SetWhitelist is [Core.SetWhitelist].
func (a *Actor) SetWhitelist(hosts map[string]bool) {
	a.event(func(c *Core) { c.SetWhitelist(hosts) })
}
