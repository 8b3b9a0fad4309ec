package pod

import (
	"syscall"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/actors/containerizer/proctree"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	"mesos/messages/units"
)

// status is one of the task itself. It says nothing that checks have found, but
// if the task has a check, that there is one.
func (c *child) status(state v1.TaskState, message string) *v1.TaskStatus {
	s := &v1.TaskStatus{
		TaskId: c.task.TaskId, State: &state,
		ContainerStatus: &v1.ContainerStatus{ContainerId: c.container},
	}
	if message != "" {
		s.Message = &message
	}
	if k := c.task.GetCheck(); k != nil {
		s.CheckStatus = checks.NoResult(k.GetType())
	}
	return s
}

// outcome is the terminal status of a task whose container ended.
func (c *child) outcome(w *agentv1.Response_WaitContainer) *v1.TaskStatus {
	ws := syscall.WaitStatus(w.GetExitStatus())
	s := c.status(v1.TaskState_TASK_FAILED, "How the command ended is not known")
	if w.ExitStatus != nil {
		s.Message = proto.String("Command " + proctree.Describe(ws))
	}
	if w.Message != nil && (w.Reason != nil || w.ExitStatus == nil) { // else it only says the same
		s.Message = w.Message
	}
	s.Reason, s.Limitation = w.Reason, w.Limitation
	if w.ExitStatus != nil && ws.Exited() && ws.ExitStatus() == 0 && w.Reason == nil {
		s.State = v1.TaskState_TASK_FINISHED.Enum()
	}
	if w.State != nil {
		s.State = w.State
	}
	return c.judge(s, w.Limitation != nil)
}

// judge lets the reason for which a task was ended decide on its state. One that
// went over a limit has failed whatever else was about to happen.
func (c *child) judge(s *v1.TaskStatus, limited bool) *v1.TaskStatus {
	if limited {
		return s
	}
	switch c.cause {
	case overtime:
		most := time.Duration(c.task.GetMaxCompletionTime().GetNanoseconds())
		s.State = v1.TaskState_TASK_FAILED.Enum()
		s.Reason = v1.TaskStatus_REASON_MAX_COMPLETION_TIME_REACHED.Enum()
		s.Message = proto.String("Command did not end within its max_completion_time of " + units.FormatDuration(most))
	case killed, together:
		s.State, s.Reason = v1.TaskState_TASK_KILLED.Enum(), nil
	case unhealthy:
		s.State, s.Reason, s.Healthy = v1.TaskState_TASK_KILLED.Enum(), nil, proto.Bool(false)
	}
	return s
}
