package simtest

import (
	"math/rand/v2"
	"time"

	"mesos/actors/fault"
)

// Faults are rules on all messages between the cluster's programs; the first call puts them there. Times and chances
// in them are the run's own: with [Options.Seed] they repeat. A crash ends any program: masters, agents and schedulers
// start again a second later or when the rule says, executors do not. A scheduler without its disk is a new framework.
func (c *Cluster) Faults() *fault.Faults {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults != nil {
		return c.faults
	}
	o := fault.Options{EveryEnd: true, Now: time.Now, Random: rand.NewPCG(c.opts.Seed, 7), Crash: c.crashAt, Harness: true,
		Hangup: c.Net.Break, Part: c.Net.PartitionWhere}
	if c.stage != nil {
		o.After = func(d time.Duration, f func()) { c.stage.After(d, f) }
	}
	c.faults = fault.New(o)
	for _, p := range c.programs {
		p.sys.SetFilter(c.faults.Filter)
	}
	return c.faults
}
