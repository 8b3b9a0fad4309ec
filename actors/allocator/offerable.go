package allocator

import (
	"time"

	"mesos/messages/resources"
)

// verdict is why a client can or cannot be offered something of an agent.
type verdict struct {
	reason Reason
	until  time.Duration // of Filtered: when the filter ends, since Core.epoch
	cut    bool          // quotas left less than the agent has, and more room may change the verdict
}

// offerable works out what of the agent a client may be offered now, and if that
// is nothing, why. It does not ask whether agent and client are active.
func (c *Core) offerable(a *agent, cl *client) (resources.Resources, verdict) {
	if reason := c.suits(a, cl); reason != Offerable {
		return resources.Resources{}, verdict{reason: reason}
	}
	all := c.usable(a, cl, a.available)
	if !c.allocatable(cl, all) {
		return resources.Resources{}, verdict{reason: Minimum}
	}
	r, by := c.limited(cl, all)
	if by != Offerable && !c.allocatable(cl, r) {
		return resources.Resources{}, verdict{reason: by, cut: true}
	}
	if a.traits.shared && cl.fw.Capabilities.Shared {
		r = r.Add(c.usable(a, cl, a.Total.Shared()))
	}
	if until, is := c.filtered(a, cl, r); is {
		cut := by != Offerable
		if cut && !a.traits.shared {
			_, whole := c.filtered(a, cl, all)
			cut = !whole // what more room would add is refused, too
		}
		return resources.Resources{}, verdict{reason: Filtered, until: until, cut: cut}
	}
	return r, verdict{reason: Offerable}
}

// suits says whether the framework can deal with such an agent at all, and wants
// to: what the agent is, whatever is free of it. [Offerable] if so.
func (c *Core) suits(a *agent, cl *client) Reason {
	can := cl.fw.Capabilities
	if !c.listed(a) {
		return Unlisted
	}
	if a.traits.gpus && c.o.FilterGPUResources && !can.GPU || a.Remote && !can.RegionAware {
		return Capability
	}
	if cl.constraint != nil && !cl.constraint.Admits(&a.Agent) {
		return Unwanted
	}
	return Offerable
}

// usable is the part of r, resources of the agent, that the client's role may
// hold and its framework can deal with.
func (c *Core) usable(a *agent, cl *client, r resources.Resources) resources.Resources {
	can := cl.fw.Capabilities
	if a.traits.reserved {
		r = r.AllocatableTo(cl.Role)
	}
	if a.traits.revocable && !can.Revocable {
		r = r.NonRevocable()
	}
	if a.traits.refined && !can.ReservationRefinement {
		r = r.Filter(func(e resources.Resource) bool { return !e.HasRefinedReservations() })
	}
	return r
}
