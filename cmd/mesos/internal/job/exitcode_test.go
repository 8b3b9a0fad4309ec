package job

import (
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func TestExitCode(t *testing.T) {
	const failed, killed = v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED
	for _, tt := range []struct {
		state v1.TaskState
		text  string
		want  int
	}{
		{v1.TaskState_TASK_FINISHED, "Command exited with status 0", 0},
		{v1.TaskState_TASK_FINISHED, "", 0},
		{failed, "Command exited with status 3", 3},
		{failed, "Command exited with status 255", 255},
		{failed, "Command exited with status 256", 1},
		{failed, "Command exited with status 0", 1},
		{failed, "Command exited with status", 1},
		{failed, "Command terminated with signal Killed", 137},
		{failed, "Command terminated with signal Terminated", 143},
		{failed, "Command terminated with signal Segmentation fault (core dumped)", 139},
		{failed, "Executor terminated: terminated with signal killed", 137},
		{failed, "terminated with signal 6", 134},
		{failed, "terminated with signal of unknown name", 1},
		{killed, "Command terminated with signal Terminated", 143},
		{killed, "", 1},
		{failed, "Failed to launch container: no such file", 1},
		{v1.TaskState_TASK_LOST, "Agent lost", 1},
		{v1.TaskState_TASK_ERROR, "task uses no resources", 1},
	} {
		if got := ExitCode(&v1.TaskStatus{State: tt.state.Enum(), Message: proto.String(tt.text)}); got != tt.want {
			t.Errorf("%s %q: got %d, want %d", tt.state, tt.text, got, tt.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	for _, tt := range []struct {
		s    *v1.TaskStatus
		want string
	}{
		{&v1.TaskStatus{State: v1.TaskState_TASK_RUNNING.Enum(), Message: proto.String("x")}, "running"},
		{&v1.TaskStatus{State: v1.TaskState_TASK_FAILED.Enum(), Message: proto.String("Command exited with status 3"), Source: v1.TaskStatus_SOURCE_EXECUTOR.Enum()}, "failed: Command exited with status 3"},
		{&v1.TaskStatus{State: v1.TaskState_TASK_LOST.Enum(), Message: proto.String("Agent lost"), Source: v1.TaskStatus_SOURCE_MASTER.Enum(), Reason: v1.TaskStatus_REASON_AGENT_REMOVED.Enum()}, "lost: Agent lost (REASON_AGENT_REMOVED)"},
	} {
		if got := describe(tt.s); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
