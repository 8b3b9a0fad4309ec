package states

import (
	"testing"

	v1 "mesos/messages/mesos/v1"
)

func TestStates(t *testing.T) {
	terminal := map[v1.TaskState]bool{
		v1.TaskState_TASK_FINISHED: true, v1.TaskState_TASK_FAILED: true, v1.TaskState_TASK_KILLED: true, v1.TaskState_TASK_ERROR: true,
		v1.TaskState_TASK_LOST: true, v1.TaskState_TASK_DROPPED: true, v1.TaskState_TASK_GONE: true, v1.TaskState_TASK_GONE_BY_OPERATOR: true,
	}
	lost := map[v1.TaskState]bool{
		v1.TaskState_TASK_DROPPED: true, v1.TaskState_TASK_GONE: true, v1.TaskState_TASK_GONE_BY_OPERATOR: true,
		v1.TaskState_TASK_UNREACHABLE: true, v1.TaskState_TASK_UNKNOWN: true,
	}
	for n := range v1.TaskState_name {
		s := v1.TaskState(n)
		if got, want := Terminal(s), terminal[s]; got != want {
			t.Errorf("Terminal(%v) = %v, want %v", s, got, want)
		}
		if got := For(true, s); got != s {
			t.Errorf("For(partition aware, %v) = %v, want it unchanged", s, got)
		}
		want := s
		if lost[s] {
			want = v1.TaskState_TASK_LOST
		}
		if got := For(false, s); got != want {
			t.Errorf("For(old, %v) = %v, want %v", s, got, want)
		}
	}
}
