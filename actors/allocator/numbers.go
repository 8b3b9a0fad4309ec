package allocator

import (
	"maps"
	"time"

	"mesos/messages/resources"
)

// Numbers are what the allocator counts, for metrics.
type Numbers struct {
	Total, Held resources.Quantities    // of all agents, active or not, shared resources left out
	Roles       map[string]RoleNumbers  // those in which a framework is or holds something
	Quotas      map[string]QuotaNumbers // by role
}

// RoleNumbers are of one role without those below it.
type RoleNumbers struct {
	Share   float64 // dominant share, descendants included; 0 if the policy knows none
	Filters int     // refusals that hold
}

// QuotaNumbers are of a role with a quota and all below it.
type QuotaNumbers struct {
	Quota
	Held resources.Quantities // offered to or used by its frameworks
}

// Numbers counts anew: it costs a pass over what is held.
func (c *Core) Numbers() Numbers {
	n := Numbers{Total: c.capacity, Roles: map[string]RoleNumbers{}, Quotas: map[string]QuotaNumbers{}}
	for role, q := range c.quotas {
		n.Quotas[role] = QuotaNumbers{Quota: Quota{Guarantees: maps.Clone(q.guarantees), Limits: maps.Clone(q.limits)}}
	}
	held := map[string]resources.Quantities{} // by role
	for _, a := range c.order {
		for _, h := range a.held {
			held[h.cl.Role] = held[h.cl.Role].Add(h.res.Quantities())
		}
	}
	for role, q := range held {
		n.Held = n.Held.Add(q)
		for above, x := range n.Quotas {
			if within(role, above) {
				x.Held = x.Held.Add(q)
				n.Quotas[above] = x
			}
		}
	}
	for _, cl := range c.byID {
		if cl == nil {
			continue
		}
		r, ok := n.Roles[cl.Role]
		if !ok {
			r.Share = c.share(cl.Role)
		}
		for f := cl.newest; f != nil; f = f.older {
			r.Filters++
		}
		n.Roles[cl.Role] = r
	}
	return n
}

// Numbers calls answer on the actor with what [Core.Numbers] says.
func (a *Actor) Numbers(answer func(Numbers)) { a.run(func() { answer(a.core.Numbers()) }) }

// OnPass sets what is called on the actor after each pass with the time that it
// took and the time that its first event had waited for it. It is for before the
// actor is spawned.
func (a *Actor) OnPass(f func(took, waited time.Duration)) { a.onPass = f }

// Queued is how many calls wait for the actor. Any goroutine may ask.
func (a *Actor) Queued() int { return int(a.queued.Load()) }

// Pause is the wait of [Core.AwaitAgents]: whether it is on, how many agents end
// it, and how many are there.
type Pause struct {
	On           bool
	Needed, Here int
	Until        time.Time
}

func (c *Core) pause() Pause {
	if !c.awaiting.on {
		return Pause{}
	}
	return Pause{On: len(c.quotas) > 0, Needed: c.awaiting.agents, Here: len(c.agents), Until: c.epoch.Add(c.awaiting.until)}
}
