package simtest

import (
	"cmp"
	"syscall"
	"time"

	"mesos/actors/fault"
)

// restartAfter is how long a program that a rule crashed stays away, if the rule does not say.
const restartAfter = time.Second

// crashAt is what a rule does to the program at addr.
func (c *Cluster) crashAt(addr string, how fault.CrashHow) {
	c.mu.Lock()
	var victim *program
	for _, p := range c.programs {
		if p.addr == addr && !p.dead.Load() {
			victim = p
		}
	}
	c.mu.Unlock()
	if victim == nil {
		return
	}
	c.Net.Crash(addr) // at once: nothing more goes out, also of what the actor does now
	c.restarts.Go(func() {
		c.stage.do("crash "+addr, func() {})
		if victim.kill != nil {
			victim.kill()
			return
		}
		if victim.dead.Swap(true) {
			return // somebody else crashed it
		}
		victim.end()
		if victim.again == nil {
			return
		}
		time.Sleep(cmp.Or(how.Restart, restartAfter))
		c.stage.do("start "+addr, func() {})
		victim.again(how.Wipe)
	})
}

// again starts the agent's program after a rule crashed it.
func (a *Agent) again(wipe bool) {
	if wipe {
		a.Disk.Wipe()
	}
	a.Start()
}

// masterAgain starts the master after a rule crashed it, without its registry if wipe.
func (c *Cluster) masterAgain(wipe bool) {
	if wipe {
		c.Registry.Wipe()
	}
	c.StartMaster()
}

// again starts the candidate's program after a rule crashed it; its session, if it led, is over by then.
func (d *Candidate) again(bool) {
	if info := d.c.Election.Leader(); info != nil && info.GetPid() == "master@"+d.Addr {
		d.c.Election.Expire(false)
	}
	d.Start()
}

// again starts the scheduler's program after a rule crashed it. Without its disk it knows neither its id nor its tasks.
func (f *Framework) again(wipe bool) {
	if wipe {
		f.mu.Lock()
		f.info.Id, f.Offers = nil, nil
		clear(f.launched)
		f.mu.Unlock()
	}
	f.Start()
}

// again starts the driver's program after a rule crashed it, as a new instance of its framework.
func (f *V0Framework) again(bool) {
	f.program = f.c.newProgram(f.c.host(30000))
	f.program.again = f.again
	f.failover = true
	if _, err := f.program.sys.SpawnReady("scheduler(1)", f); err != nil {
		f.c.T.Error(err)
	}
}

// kill ends a container as its machine's kernel does.
func (s *Containers) kill(id string, k *container) { s.end(id, k, int(syscall.SIGKILL)) }
