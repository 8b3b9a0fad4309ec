package job

import (
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// describe says in few words what a status means. The cluster's words are added where something went wrong.
func describe(s *v1.TaskStatus) string {
	text := strings.ToLower(strings.TrimPrefix(s.GetState().String(), "TASK_"))
	switch s.GetState() {
	case v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_FINISHED:
		return text
	}
	if s.GetMessage() != "" {
		text += ": " + s.GetMessage()
	}
	if s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR && s.Reason != nil {
		text += " (" + s.GetReason().String() + ")"
	}
	return text
}
