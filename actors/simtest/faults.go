package simtest

import (
	"math/rand/v2"
	"time"

	"mesos/actors/fault"
)

// Faults are rules on all messages between the cluster's programs; the first call puts them there. Times and chances
// in them are the run's own: with [Options.Seed] they repeat. A Crash is that of an agent: others end by their methods.
func (c *Cluster) Faults() *fault.Faults {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults != nil {
		return c.faults
	}
	o := fault.Options{EveryEnd: true, Now: time.Now, Random: rand.NewPCG(c.opts.Seed, 7), Crash: c.crashAt, Wipe: true}
	if c.stage != nil {
		o.After = func(d time.Duration, f func()) { c.stage.After(d, f) }
	}
	c.faults = fault.New(o)
	for _, p := range c.programs {
		p.sys.SetFilter(c.faults.Filter)
	}
	return c.faults
}

// crashAt is what a rule does to the agent at addr; it starts again a second later.
func (c *Cluster) crashAt(addr string, wipe bool) {
	for _, a := range c.Agents {
		if a.addr != addr {
			continue
		}
		c.Net.Crash(addr) // at once: nothing more goes out, also of what the actor does now
		c.restarts.Go(func() {
			c.stage.do("crash "+addr, func() {})
			if a.program.dead.Swap(true) {
				return // somebody else crashed it
			}
			a.program.end()
			if wipe {
				a.Disk.Wipe()
			}
			time.Sleep(time.Second)
			c.stage.do("start "+addr, func() {})
			a.Start()
		})
	}
}
