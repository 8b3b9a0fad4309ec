package command

import (
	"time"

	"mesos/actors/executor"
	"mesos/messages/draining"
	v1 "mesos/messages/mesos/v1"
)

// endSoftly is for a kill by the scheduler. A command that clients are sent to (label MESOS_DRAIN_PERIOD) gets its SIGTERM that time after
// TASK_KILLING is told: by then nobody sends it anyone. Nobody would learn of it from a framework that does not know
// TASK_KILLING, nor before TASK_RUNNING.
func (e *Executor) endSoftly(d *executor.Driver, p *v1.KillPolicy) {
	grace := e.grace(p)
	quiet, rest, err := draining.Split(e.task.GetLabels(), p, grace)
	if err != nil { // the master refuses those
		d.Config().Log.Error("task is killed without draining", "task_id", e.id, "error", err)
	}
	if !e.tellKilling || !e.told {
		quiet, rest = 0, grace
	}
	e.end(d, killed, quiet, rest)
}

// terminateAfter sends the SIGTERM when quiet is over.
func (e *Executor) terminateAfter(quiet time.Duration) {
	if quiet == 0 {
		e.p.Terminate()
		return
	}
	e.drain = e.rt.Delay(quiet, func() {
		e.drain = nil
		e.p.Terminate()
	})
}

// hurry ends the draining, if it is under way: somebody is in need of the end.
func (e *Executor) hurry() {
	if e.drain != nil {
		stop(&e.drain)
		e.since = e.now()
		e.p.Terminate()
	}
}
