package simtest

import (
	"fmt"
	"slices"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// watch looks after those who ended: who stopped in a write crashes, and who was refused starts anew.
//
// What was just done may have set goroutines beside the stage going, of a master that begins to lead, say: they come to rest
// before anything else is done, or looked at, so that it does not matter who is faster.
func (x *chaos) watch() {
	x.c.stage.settle()
	for _, a := range x.c.Agents {
		switch {
		case x.stopping[a] && a.Disk.Stopped():
			delete(x.stopping, a)
			x.crashAgent(a, " in a write")
		case a.Refused() != nil && !x.down[a]:
			x.say("agent %s was refused: %v", a.addr, a.Refused())
			x.crashAgent(a, " by its master's word")
			a.CrashExecutors()
			if !x.c.referee.isDown(a.addr) {
				x.wipe(a)
			}
			a.Forgive()
		}
	}
	if x.c.Registry.Stopped() {
		x.crashLeader(" in a write")
		x.c.Registry.StopAt(0, false)
	}
	for _, d := range x.c.Candidates {
		if d.Deposed() != nil && !x.down[d] {
			x.say("master %s ended: %v", d.Addr, d.Deposed())
			x.masterEnded(d)
		}
	}
}

// rest ends all faults: from here on nobody is in the way of anybody.
func (x *chaos) rest() {
	x.say("all faults end")
	x.halt = nil
	if x.lender != nil {
		x.lender.calm.Store(true)
	}
	for _, a := range x.c.Agents {
		if x.stopping[a] && !a.Disk.Stopped() {
			a.Disk.StopAt(0, false)
			delete(x.stopping, a)
		}
	}
	if !x.c.Registry.Stopped() {
		x.c.Registry.StopAt(0, false)
	}
	x.c.Net.SetLatency(nil)
	x.c.chance.Store(nil)
	for len(x.later) > 0 { // what fell restarts, what was cut heals
		due := x.later[0]
		x.later = x.later[1:]
		due.f()
		x.watch()
	}
	x.advance(2 * time.Minute)
	if x.c.Leader() == nil {
		x.c.T.Fatal("nobody leads, two minutes after all faults")
	}
	for i := range chaosRoles {
		x.order("UPDATE_QUOTA", fmt.Sprintf(`"force":true,"quota_configs":[{"role":"role-%d"}]`, i))
		x.orders.Wait()
	}
	for _, f := range x.gone {
		x.tearDown(f)
		x.orders.Wait()
	}
	x.endMaintenance()
	x.loseOnly()
	for _, f := range x.f {
		f.LetGo()
	}
	x.advance(8 * time.Minute)
	x.checkDrains()
	for _, a := range x.c.Agents {
		if id := x.id(a); x.withdrawn[id] {
			x.order("REACTIVATE_AGENT", ofAgent(id))
			x.orders.Wait()
		}
	}
	x.askForOperations()
	x.advance(8 * time.Minute)
}

// checkDrains asks that whoever was to drain, and is there, has.
func (x *chaos) checkDrains() {
	kept := x.c.kept()
	for _, a := range kept.Agents() {
		if id := a.GetInfo().GetId().GetValue(); a.GetDrainInfo().GetState() == v1.DrainState_DRAINING {
			x.c.T.Errorf("agent %s still drains, ten minutes after all faults", id)
		}
	}
}

// checkFrameworks asks that none was removed that never was away for as long as its failover timeout.
func (x *chaos) checkFrameworks() {
	for _, f := range x.f {
		if err := f.Err(); err != nil {
			x.c.T.Errorf("framework %s was refused: %v", f.info.GetName(), err)
		}
	}
}

// sameVolumes asks that an agent's disks have what its master believes, and that no data waits for its deletion.
func (x *chaos) sameVolumes(a *Agent, want []string) {
	slices.Sort(want)
	if got := a.Volumes.There(); !slices.Equal(got, want) {
		x.c.T.Errorf("the disks of %s have volumes %v, the master believes in %v", a.addr, got, want)
	}
	if n := a.Volumes.Waste(); n > 0 {
		x.c.T.Errorf("agent %s: the data of %d volumes waits for its deletion", a.addr, n)
	}
}

// at is the agent whose actor has that name.
func (x *chaos) at(pid string) *Agent {
	for _, a := range x.c.Agents {
		if pid == "slave(1)@"+a.addr {
			return a
		}
	}
	return nil
}

// leftByID says that a framework was torn down.
func (x *chaos) leftByID(id string) bool {
	return slices.ContainsFunc(x.gone, func(f *Framework) bool { return f.ID() == id })
}

// check asks what must hold when all faults have ended long ago.
func (x *chaos) check() {
	t := x.c.T
	if x.c.Leader() == nil {
		t.Fatal("nobody leads")
	}
	x.c.Check()
	kept := x.c.kept()
	x.checkFrameworks()
	x.checkKills()
	x.checkOperations()
	for _, id := range x.names {
		f := x.tasks[id]
		if x.left[f] {
			if n := x.c.Runs(id); n != 0 {
				t.Errorf("task %s of a framework that is gone runs in %d containers", id, n)
			}
			continue
		}
		x.c.judge(f, id, kept)
	}
}

// judge says what is wrong with a task when all faults have ended long ago; kept is the registry by then.
func (c *Cluster) judge(f *Framework, id string, kept *registry.State) {
	c.T.Helper()
	s := f.Last(id)
	switch {
	case f.Wants(id):
		c.T.Errorf("task %s was not launched in all that time", id)
	case s == nil:
		c.T.Errorf("nothing was ever told of task %s", id)
	case s.GetState() == v1.TaskState_TASK_RUNNING && c.Runs(id) == 1:
	case s.GetState() == v1.TaskState_TASK_UNKNOWN && c.Runs(id) == 0:
		// Master and agent both lost their memory: nobody knows, and so it is told.
	case s.GetState() == v1.TaskState_TASK_UNREACHABLE && c.Runs(id) == 0 && kept.Agent(s.GetAgentId().GetValue()) == nil:
		// Its agent came back without its disk, as another one.
	case !f.Over(id):
		c.T.Errorf("task %s: the last word is %v, and %d containers run it", id, s.GetState(), c.Runs(id))
	case c.Runs(id) != 0:
		c.T.Errorf("task %s is told as %v, and %d containers run it", id, s.GetState(), c.Runs(id))
	}
	if starts := c.Starts(id); starts > 1 {
		c.T.Errorf("task %s was started %d times", id, starts)
	}
	if got := f.Endings(id); got > 1 {
		c.T.Errorf("task %s was told %d different endings: %v", id, got, f.States(id))
	}
}
