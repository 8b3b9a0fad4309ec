package plan

import (
	"math"
	"time"

	"mesos/actors/marathon/model"
)

// Goal is what there should be of one spec.
type Goal struct {
	Spec      *model.Spec // nil: nothing
	Want      int
	Upgrading bool // instances of another configuration are replaced
	Canary    int  // while it is more than 0, so many new instances at most
}

// Kill is an instance that is to end, and why.
type Kill struct{ ID, Why string }

// Decision is what to do about one spec now.
type Decision struct {
	Launch  int      // so many more
	Kill    []Kill   // those that are not being killed yet
	Expunge []string // unreachable for too long, or without use for their volumes: they are given up
	Done    bool     // there is what there should be
	Canary  bool     // Done, but for what waits until the canary is promoted
	Wake    time.Time
}

// counts are the instances of one spec, sorted by what counts.
type counts struct {
	g        Goal
	now      time.Time
	fresh    []*model.Instance // live, of the wanted configuration
	old      []*model.Instance // live, of another
	ready    int
	readyNew int
	going    int // being killed, and there still
	resting  int // of those, the ones that may be launched again on their volumes
	d        Decision
}

// Decide compares the instances that there are with the goal.
func Decide(g Goal, list []*model.Instance, now time.Time) Decision {
	c := &counts{g: g, now: now}
	for _, i := range list {
		c.count(i)
	}
	switch {
	case g.Spec == nil:
		c.killAll("it is not wanted any more")
	case g.Upgrading:
		c.upgrade()
	default:
		c.scale()
	}
	return c.d
}

// count sorts one instance in.
func (c *counts) count(i *model.Instance) {
	if i.Condition() == model.Suspended {
		c.countSuspended(i)
		return
	}
	if i.Condition() == model.Unreached && !c.reachable(i) {
		return
	}
	if i.Doomed {
		c.going++
		if i.Resident && !i.Wipe {
			c.resting++
		}
		return
	}
	ready := c.ready1(i)
	if ready {
		c.ready++
	}
	if c.g.Spec != nil && i.Config == c.g.Spec.Config() {
		c.fresh = append(c.fresh, i)
		if ready {
			c.readyNew++
		}
		return
	}
	c.old = append(c.old, i)
}

// countSuspended is for an instance without a task. One that has its volumes is not there until something is launched on
// them; it is given up where nothing can be. One that does not have them yet is on its way.
func (c *counts) countSuspended(i *model.Instance) {
	switch {
	case c.g.Spec == nil || i.Wipe || i.Claim.Footprint != c.g.Spec.Footprint():
		c.d.Expunge = append(c.d.Expunge, i.ID)
	case i.Claims():
		c.fresh = append(c.fresh, i)
	}
}

func (c *counts) ready1(i *model.Instance) bool {
	s := c.g.Spec
	if s == nil {
		return i.Condition() == model.Running
	}
	if i.Config != s.Config() { // what it is checked for may differ: not to be known unwell is enough
		h := i.Healthy()
		return i.Condition() == model.Running && !i.Doomed && (h == nil || *h)
	}
	return i.Ready(s.Checked(), s.HasReadiness() && c.g.Upgrading)
}

// reachable says whether an unreachable instance still counts, and gives it up when it is time.
func (c *counts) reachable(i *model.Instance) bool {
	kept := i.Resident && !i.Wipe // its volumes may come back
	if c.g.Spec == nil || i.Doomed && !kept {
		c.d.Expunge = append(c.d.Expunge, i.ID)
		return false
	}
	u := c.g.Spec.Unreachable()
	if u.Disabled || i.Doomed {
		return true
	}
	inactive := i.Since().Add(time.Duration(u.InactiveAfterSeconds) * time.Second)
	expunge := i.Since().Add(time.Duration(u.ExpungeAfterSeconds) * time.Second)
	if !c.now.Before(expunge) {
		c.d.Expunge = append(c.d.Expunge, i.ID)
		return false
	}
	if !c.now.Before(inactive) {
		c.wake(expunge)
		return false
	}
	c.wake(inactive)
	return true
}

func (c *counts) wake(at time.Time) {
	if c.d.Wake.IsZero() || at.Before(c.d.Wake) {
		c.d.Wake = at
	}
}

func (c *counts) killAll(why string) {
	for _, i := range append(c.old, c.fresh...) {
		c.d.Kill = append(c.d.Kill, Kill{i.ID, why})
	}
	c.d.Done = len(c.d.Kill) == 0 && c.going == 0
}

// scale brings the number of instances to what is wanted, of whatever configuration.
func (c *counts) scale() {
	live := append(c.old, c.fresh...)
	if n := len(live) - c.g.Want; n > 0 {
		for _, i := range Victims(c.g.Spec, live, n, c.ready1) {
			c.d.Kill = append(c.d.Kill, Kill{i.ID, "there are more instances than are wanted"})
		}
	}
	c.d.Launch = max(0, c.g.Want-len(live)-c.resting)
	c.d.Done = len(live) == c.g.Want && c.ready == len(live) && c.going == 0
}

// capacity is how many must be ready, and how many may be there.
func capacity(s *model.Spec, n int) (ready, most int) {
	u := s.Upgrade()
	ready = int(math.Ceil(float64(n)*u.MinimumHealthCapacity - 1e-9))
	most = n + int(math.Floor(float64(n)*u.MaximumOverCapacity+1e-9))
	if s.PerAgent() {
		most = n // there is one place on each agent
	}
	if ready >= n && most <= n && n > 0 {
		if s.Resident() || s.PerAgent() {
			ready = n - 1
		} else {
			most = n + 1
		}
	}
	return ready, most
}

// upgrade replaces old instances by new ones.
func (c *counts) upgrade() {
	n := c.g.Want
	least, most := capacity(c.g.Spec, n)
	limit := n
	if c.g.Canary > 0 {
		limit = min(n, c.g.Canary)
	}
	there := len(c.fresh) + len(c.old) + c.going
	c.d.Launch = max(0, min(limit-len(c.fresh), most-there))
	if surplus := len(c.fresh) - limit; surplus > 0 && limit == n {
		for _, i := range Victims(c.g.Spec, c.fresh, surplus, c.ready1) {
			c.d.Kill = append(c.d.Kill, Kill{i.ID, "there are more instances than are wanted"})
		}
	}
	spare := max(0, c.ready-least)
	room := len(c.old) - (n - limit) // so many old ones are to go
	for _, i := range Victims(c.g.Spec, c.old, len(c.old), c.ready1) {
		if room <= 0 {
			break
		}
		if c.ready1(i) {
			if spare == 0 {
				continue
			}
			spare--
		}
		room--
		c.d.Kill = append(c.d.Kill, Kill{i.ID, "it is replaced by a new version"})
	}
	whole := c.going == 0 && len(c.d.Kill) == 0 && c.readyNew == len(c.fresh) && len(c.fresh) == limit
	c.d.Done = whole && limit == n && len(c.old) == 0
	c.d.Canary = whole && limit < n
}
