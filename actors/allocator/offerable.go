package allocator

import (
	"time"

	"mesos/messages/resources"
)

// verdict is why a client can or cannot be offered something of an agent.
type verdict struct {
	reason Reason
	until  time.Duration // of Filtered: when the filter ends, since Core.epoch
}

// offerable works out what of the agent a client may be offered now, and if that
// is nothing, why. It does not ask whether agent and client are active.
func (c *Core) offerable(a *agent, cl *client) (resources.Resources, verdict) {
	if !c.suits(a, cl) {
		return resources.Resources{}, verdict{reason: Capability}
	}
	r := c.usable(a, cl, a.available)
	if !c.allocatable(r) {
		return resources.Resources{}, verdict{reason: Minimum}
	}
	if len(cl.quotas) > 0 {
		if r = limited(cl, r); !c.allocatable(r) {
			return resources.Resources{}, verdict{reason: QuotaLimit}
		}
	}
	if a.traits.shared && cl.fw.Capabilities.Shared {
		r = r.Add(c.usable(a, cl, a.Total.Shared()))
	}
	if until, is := c.filtered(a, cl, r); is {
		return resources.Resources{}, verdict{reason: Filtered, until: until}
	}
	return r, verdict{reason: Offerable}
}

// suits says whether the framework can deal with such an agent at all.
func (c *Core) suits(a *agent, cl *client) bool {
	can := cl.fw.Capabilities
	if a.traits.gpus && c.o.FilterGPUResources && !can.GPU {
		return false
	}
	return !a.Remote || can.RegionAware
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
