package plan

import (
	"fmt"
	"strings"
	"time"

	v1 "mesos/messages/mesos/v1"
)

// Update takes in what the cluster tells of a task. It says whether the task must be killed: one that runs, and should not.
func (s *State) Update(st *v1.TaskStatus, now time.Time) (kill bool) {
	r, t := s.try(st.GetTaskId().GetValue())
	if t == nil {
		return mayRun(st.GetState())
	}
	state := st.GetState()
	if t.State != state.String() || t.Message != short(st.GetMessage()) {
		t.State, t.Message = state.String(), short(st.GetMessage())
		s.touchRun(r)
	}
	switch state {
	case v1.TaskState_TASK_STAGING:
	case v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_KILLING:
		s.onAgent(r, t, now)
		return r.Killing && state != v1.TaskState_TASK_KILLING
	case v1.TaskState_TASK_UNREACHABLE:
		s.phase(r, Unreachable)
	case v1.TaskState_TASK_FINISHED:
		s.finished(r, now)
	case v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_ERROR:
		s.failed(r, now, fmt.Sprintf("%s: %s", state, t.Message))
	default: // DROPPED, LOST, GONE, GONE_BY_OPERATOR, UNKNOWN
		s.lost(r, state, now)
	}
	return false
}

// try is the present try of a run that the task is, if its end is not known yet.
func (s *State) try(taskID string) (*Run, *Try) {
	slot, attempt, ok := parseTaskID(taskID)
	r := s.runs[slot]
	if !ok || r == nil || r.Attempt != attempt || r.Phase == Reporting {
		return nil, nil
	}
	return r, r.present()
}

// mayRun says that a task in this state may use resources.
func mayRun(state v1.TaskState) bool {
	switch state {
	case v1.TaskState_TASK_STAGING, v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING:
		return true
	}
	return false
}

// short keeps rows small: a message may hold whatever a program wrote.
func short(text string) string {
	const most = 500
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

func (s *State) phase(r *Run, p Phase) {
	if r.Phase != p {
		r.Phase = p
		s.touchRun(r)
	}
}

// onAgent notes that the task of a try is on its agent.
func (s *State) onAgent(r *Run, t *Try, now time.Time) {
	r.Begun = true
	if t.Started.IsZero() {
		t.Started = now
		s.touchRun(r)
	}
	s.phase(r, Running)
}

// finished is a task that ended well. An async job has only begun by then.
func (s *State) finished(r *Run, now time.Time) {
	r.Begun = true
	r.present().Ended = now
	e := s.jobs[r.Job]
	switch {
	case e == nil || !bool(e.Job.Async) || r.Killing:
		s.succeeded(r, now)
	case r.Reported == nil:
		s.phase(r, Reporting)
	default:
		s.reported(r, now)
	}
}

// failed is the end of a try by its own fault.
func (s *State) failed(r *Run, now time.Time, why string) {
	r.Begun = true
	r.present().Ended = now
	s.touchRun(r)
	e := s.jobs[r.Job]
	r.Failures++
	switch {
	case r.Reported != nil && !r.Killing: // an async job that was over before its task was
		s.reported(r, now)
	case e == nil || r.Killing:
		s.end(r, Killed, why, now)
	case r.Failures > int(e.Job.Retries):
		s.end(r, Failure, why, now)
	default:
		s.again(r, now.Add(s.o.RetryDelay))
	}
}

// lost is the end of a try by the cluster's fault.
func (s *State) lost(r *Run, state v1.TaskState, now time.Time) {
	r.Begun = r.Begun || state != v1.TaskState_TASK_DROPPED
	r.present().Ended = now
	s.touchRun(r)
	switch {
	case s.jobs[r.Job] == nil || r.Killing:
		s.end(r, Killed, state.String(), now)
	case r.Reported != nil:
		s.reported(r, now)
	default:
		s.again(r, now.Add(s.o.LostDelay))
	}
}

// again lets another try follow.
func (s *State) again(r *Run, at time.Time) {
	r.Phase, r.NotBefore, r.Reported = Waiting, at, nil
	r.Attempt++
	s.touchRun(r)
}

// Report takes in what an async job says of a task: 0 for success. Errors wrap ErrNoTask.
func (s *State) Report(taskID string, code int, now time.Time) error {
	slot, attempt, ok := parseTaskID(taskID)
	r := s.runs[slot]
	if !ok || r == nil || r.Attempt != attempt || r.present() == nil {
		return fmt.Errorf("task %q: %w", taskID, ErrNoTask)
	}
	if e := s.jobs[r.Job]; e == nil || !bool(e.Job.Async) {
		return fmt.Errorf("task %q: job %q is not async: the end of its task is its end", taskID, r.Job)
	}
	r.Reported = &code
	s.touchRun(r)
	if r.Phase == Reporting {
		s.reported(r, now)
	}
	return nil
}

// reported ends a try of an async job whose task is over.
func (s *State) reported(r *Run, now time.Time) {
	code := *r.Reported
	if code == 0 {
		s.succeeded(r, now)
		return
	}
	r.Phase, r.Reported = Running, nil
	s.failed(r, now, fmt.Sprintf("the job reported the status %d", code))
}
