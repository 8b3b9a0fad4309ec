package agent

import (
	"encoding/hex"
	"time"

	"mesos/actors/tracing"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// way is when a task got where, for its trace; zero where an earlier run of the agent saw it.
type way struct {
	received time.Time
	sent     time.Time // to its executor
}

// start is when the start of an executor got where.
type start struct {
	begun, made, fetched, up, subscribed time.Time
	told                                 bool // in the trace of the first of its tasks
}

func keyOf(frameworkID, taskID string) tracing.Task {
	return tracing.Task{FrameworkID: frameworkID, TaskID: taskID}
}

// traceSent tells of a task that is with its executor, and of how that one was
// started if it was for this task.
func (a *Agent) traceSent(e *executor, t *task) {
	k, now := keyOf(e.f.id, t.id()), time.Now()
	t.way.sent = now
	if !a.conf.Tracer.On(k) {
		return
	}
	about := map[string]string{"agent_id": a.id, "executor_id": e.id, "container_id": e.containerID}
	launch, container := tracing.Ref{Name: "launch"}, tracing.Ref{Name: "container"}
	a.conf.Tracer.Record(tracing.Span{Task: k, Ref: launch, Start: t.way.received, End: now, Attributes: about})
	if e.start.told || e.start.subscribed.IsZero() {
		return
	}
	e.start.told = true
	for _, s := range []tracing.Span{
		{Ref: container, Parent: launch, Start: e.start.begun, End: e.start.up},
		{Ref: tracing.Ref{Name: "fetch"}, Parent: container, Start: e.start.made, End: e.start.fetched},
		{Ref: tracing.Ref{Name: "subscribe"}, Parent: launch, Start: e.start.up, End: e.start.subscribed},
	} {
		s.Task, s.Attributes = k, about
		a.conf.Tracer.Record(s)
	}
}

// traceStatus tells what an executor did until a status that it sent: its start
// of the task, and its run. t has taken the status in.
func (a *Agent) traceStatus(t *task, s *v1.TaskStatus) {
	k := keyOf(t.frameworkID, t.id())
	if s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR || !a.conf.Tracer.On(k) {
		return
	}
	span := tracing.Span{
		Task: k, Service: tracing.Executor, Start: t.way.sent, End: clock(s),
		Attributes: map[string]string{"agent_id": a.id, "executor_id": s.GetExecutorId().GetValue(), "state": s.GetState().String()},
	}
	if states.Terminal(s.GetState()) && s.GetState() != v1.TaskState_TASK_FINISHED && s.GetState() != v1.TaskState_TASK_KILLED {
		span.Failed = s.GetMessage()
	}
	var ran time.Time
	before := t.statuses[:len(t.statuses)-1]
	for _, b := range before {
		if b.GetState() == v1.TaskState_TASK_RUNNING {
			ran = clock(b)
			break
		}
	}
	switch {
	case ran.IsZero() && (s.GetState() == v1.TaskState_TASK_RUNNING || states.Terminal(s.GetState())):
		span.Ref = tracing.Ref{Name: "start"}
	case !ran.IsZero() && states.Terminal(s.GetState()):
		span.Ref, span.Start = tracing.Ref{Name: "run"}, ran
	default:
		return
	}
	a.conf.Tracer.Record(span)
}

// traceUpdate tells of an update that its framework has acknowledged.
func (a *Agent) traceUpdate(u *internalpb.StatusUpdate) {
	s := u.GetStatus()
	k := keyOf(u.GetFrameworkId().GetValue(), s.GetTaskId().GetValue())
	if u == nil || !a.conf.Tracer.On(k) {
		return
	}
	a.conf.Tracer.Record(tracing.Span{
		Task: k, Ref: tracing.Ref{Name: "update", Of: hex.EncodeToString(u.GetUuid())}, Start: clock(s), End: time.Now(),
		Attributes: map[string]string{"agent_id": a.id, "state": s.GetState().String()},
	})
}

// clock is the time that a status names.
func clock(s *v1.TaskStatus) time.Time { return time.UnixMicro(int64(s.GetTimestamp() * 1e6)) }
