package allocator

import "time"

// awaiting is the pause after a failover, see [Core.AwaitAgents].
type awaiting struct {
	agents int           // offers begin when so many are known
	until  time.Duration // or at this time since Core.epoch
	on     bool
}

// AwaitAgents holds back all offers for as long as any quota is set, until
// [Options.RecoveryFactor] of the expected number of agents are known or
// [Options.RecoveryTimeout] has passed. A master that takes over calls it with
// the number of agents in the registry: as long as most of them are missing, what
// roles use and what is free are not known, and offers would break quotas.
func (c *Core) AwaitAgents(expected int, now time.Time) {
	// A fraction of an agent is waited for as a whole one.
	need := int(float64(expected) * c.o.RecoveryFactor)
	if float64(need) < float64(expected)*c.o.RecoveryFactor {
		need++
	}
	c.awaiting = awaiting{agents: need, until: c.offset(now) + c.o.RecoveryTimeout, on: need > 0}
}

// mustWait says whether offers are held back, and ends that when it may.
func (c *Core) mustWait(now time.Time) bool {
	w := &c.awaiting
	if w.on && (len(c.quotas) == 0 || len(c.agents) >= w.agents || c.offset(now) >= w.until) {
		*w = awaiting{}
	}
	return w.on
}
