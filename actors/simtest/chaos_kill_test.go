package simtest

import (
	"slices"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// chaosHop is about as long as some messages take.
const chaosHop = 15 * time.Millisecond

// tookKill is how long after a kill the master is asked whether it knows of it.
const tookKill = 3 * time.Second

// kill has a framework kill a task; often something goes wrong on the way of that.
func (x *chaos) kill() {
	if f, id := x.killOne(); f != nil {
		x.trip(f, f.agentOf(id))
	}
}

// killOne has a framework kill a task, if there is one.
func (x *chaos) killOne() (*Framework, string) {
	for i := 0; i < 20 && len(x.names) > 0; i++ {
		id := x.names[x.r.IntN(len(x.names))]
		f := x.tasks[id]
		if x.down[f] || f.Over(id) || f.Wants(id) {
			continue
		}
		x.say("%s kills %s", f.info.GetName(), id)
		f.Driver().Kill(id, nil)
		x.in(tookKill, func() { x.noteKill(f, id) })
		return f, id
	}
	return nil, ""
}

// noteKill remembers a kill that the leading master has taken: while it leads that one is not lost.
func (x *chaos) noteKill(f *Framework, id string) {
	x.c.stage.settle()
	if x.c.Leader() != nil && x.c.leader.ToBeKilled(f.ID(), id) {
		x.killed[id] = x.c.master
	}
}

// wasUnreachable says that a task was ever told unreachable.
func (f *Framework) wasUnreachable(id string) bool {
	return slices.Contains(f.States(id), v1.TaskState_TASK_UNREACHABLE)
}

// checkKills asks that a task is over if the present leader was told to kill it. Of one that was unreachable meanwhile the
// order is forgotten, as its framework was told.
func (x *chaos) checkKills() {
	for _, id := range x.names {
		f := x.tasks[id]
		if x.killed[id] == nil || x.killed[id] != x.c.master || x.left[f] || f.wasUnreachable(id) {
			continue
		}
		if n := x.c.Runs(id); n != 0 || !f.Over(id) {
			x.c.T.Errorf("task %s was to be killed long ago: %d containers run it, and it is told as %v", id, n, f.Last(id).GetState())
		}
	}
}
