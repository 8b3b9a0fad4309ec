package simtest

import (
	"fmt"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// watch looks after those who ended: who stopped in a write crashes, and who was refused starts anew.
func (x *chaos) watch() {
	for _, a := range x.c.Agents {
		switch {
		case x.stopping[a] && a.Disk.Stopped():
			delete(x.stopping, a)
			x.crashAgent(a, " in a write")
		case a.Refused() != nil && !x.down[a]:
			x.say("agent %s was refused: %v", a.addr, a.Refused())
			x.crashAgent(a, " by its master's word")
			a.CrashExecutors()
			x.wipe(a)
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
	for _, a := range x.c.Agents {
		if id := x.id(a); x.withdrawn[id] {
			x.order("REACTIVATE_AGENT", ofAgent(id))
			x.orders.Wait()
		}
	}
	x.advance(17 * time.Minute)
}

// check asks what must hold when all faults have ended long ago.
func (x *chaos) check() {
	t := x.c.T
	if x.c.Leader() == nil {
		t.Fatal("nobody leads")
	}
	x.c.Check()
	kept := x.c.kept()
	for _, id := range x.names {
		f := x.tasks[id]
		if x.left[f] {
			if n := x.c.Runs(id); n != 0 {
				t.Errorf("task %s of a framework that is gone runs in %d containers", id, n)
			}
			continue
		}
		s := f.Last(id)
		switch {
		case f.Wants(id):
			t.Errorf("task %s was not launched in all that time", id)
		case s == nil:
			t.Errorf("nothing was ever told of task %s", id)
		case s.GetState() == v1.TaskState_TASK_RUNNING && x.c.Runs(id) == 1:
		case s.GetState() == v1.TaskState_TASK_UNKNOWN && x.c.Runs(id) == 0:
			// Master and agent both lost their memory: nobody knows, and so it is told.
		case s.GetState() == v1.TaskState_TASK_UNREACHABLE && x.c.Runs(id) == 0 && kept.Agent(s.GetAgentId().GetValue()) == nil:
			// Its agent came back without its disk, as another one.
		case !f.Over(id):
			t.Errorf("task %s: the last word is %v, and %d containers run it", id, s.GetState(), x.c.Runs(id))
		case x.c.Runs(id) != 0:
			t.Errorf("task %s is told as %v, and %d containers run it", id, s.GetState(), x.c.Runs(id))
		}
		if starts := x.c.Starts(id); starts > 1 {
			t.Errorf("task %s was started %d times", id, starts)
		}
		if got := f.Endings(id); got > 1 {
			t.Errorf("task %s was told %d different endings: %v", id, got, f.States(id))
		}
	}
}
