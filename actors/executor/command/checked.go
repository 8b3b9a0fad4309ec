package command

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
)

// checked is what checks have found of the task, and the checks themselves.
type checked struct {
	healthy *bool // nil: not known yet
	why     string
	status  *v1.CheckStatusInfo // nil: the task has no check
	runners []*checks.Runner
}

// check starts the task's checks. One that cannot be made is left out: the
// master refuses those, and the task does its work without.
func (e *Executor) check(d *executor.Driver) {
	if c := e.task.GetCheck(); c != nil {
		e.checked.status = checks.NoResult(c.GetType())
	}
	var machines []*checks.Machine
	add := func(m *checks.Machine, err error) {
		if err != nil {
			d.Config().Log.Error("task runs unchecked", "task_id", e.id, "error", err)
			return
		}
		machines = append(machines, m)
	}
	if c := e.task.GetCheck(); c != nil {
		add(checks.NewCheck(c))
	}
	if c := e.task.GetHealthCheck(); c != nil {
		add(checks.NewHealth(c))
	}
	for _, m := range machines {
		e.checked.runners = append(e.checked.runners, checks.Run(e.rt, e, e.now, m, func(f checks.Effects) { e.found(d, f) }))
	}
}

// found tells what a check has found. Every such update repeats what is known
// from the other.
func (e *Executor) found(d *executor.Driver, f checks.Effects) {
	c := &e.checked
	reason := v1.TaskStatus_REASON_TASK_CHECK_STATUS_UPDATED
	if f.Status != nil {
		c.status = f.Status
	}
	if h := f.Health; h != nil {
		reason = v1.TaskStatus_REASON_TASK_HEALTH_CHECK_STATUS_UPDATED
		c.healthy, c.why = &h.Healthy, h.Why
		if !h.Healthy {
			d.Config().Log.Warn("task is not healthy", "task_id", e.id, "why", h.Why)
		}
	}
	s := e.status(v1.TaskState_TASK_RUNNING, c.why)
	s.Reason = reason.Enum()
	s.Healthy, s.CheckStatus = c.healthy, proto.CloneOf(c.status)
	d.Update(s)
	if f.Health != nil && f.Health.Kill {
		e.end(d, unhealthy, 0, e.grace(nil))
	}
}

// uncheck ends the checks, for good.
func (e *Executor) uncheck() {
	for _, r := range e.checked.runners {
		r.Stop()
	}
	e.checked.runners = nil
}

// Probe implements checks.Prober.
func (e *Executor) Probe(p checks.Probe, done func(checks.Result)) (cancel func()) {
	return e.p.Probe(e.task, p, done)
}
