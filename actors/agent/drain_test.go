package agent

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

func grace(d time.Duration) *v1.KillPolicy {
	return &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(d))}}
}

// A drain shortens the time that tasks get to end, and never makes it longer.
func TestCapPolicy(t *testing.T) {
	most := &v1.DrainConfig{MaxGracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(time.Minute))}}
	short := &v1.DrainConfig{MaxGracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(time.Second))}}
	for _, c := range []struct {
		name      string
		config    *v1.DrainConfig
		own, said *v1.KillPolicy
		want      *v1.KillPolicy
	}{
		{"no limit", &v1.DrainConfig{}, grace(time.Hour), nil, nil},
		{"no limit, and a kill before", &v1.DrainConfig{}, nil, grace(time.Hour), grace(time.Hour)},
		{"shorter by itself", most, grace(time.Second), nil, nil},
		{"longer by itself", most, grace(time.Hour), nil, grace(time.Minute)},
		{"a longer kill before", most, grace(time.Second), grace(time.Hour), grace(time.Minute)},
		{"a shorter kill before", most, grace(time.Hour), grace(time.Second), grace(time.Second)},
		{"the executor's default", most, nil, nil, nil},
		{"shorter than the executor's default", short, nil, nil, grace(time.Second)},
	} {
		if got := capPolicy(c.config, c.own, c.said); !proto.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// What a drain ends is told so; what ended by itself is not.
func TestExplainDrain(t *testing.T) {
	aware := &v1.FrameworkInfo{Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}}}
	for _, c := range []struct {
		name   string
		config *v1.DrainConfig
		fw     *v1.FrameworkInfo
		state  v1.TaskState
		want   v1.TaskState
		reason v1.TaskStatus_Reason
	}{
		{"not draining", nil, aware, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_KILLED, v1.TaskStatus_REASON_COMMAND_EXECUTOR_FAILED},
		{"finished", &v1.DrainConfig{}, aware, v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_FINISHED, v1.TaskStatus_REASON_COMMAND_EXECUTOR_FAILED},
		{"killing", &v1.DrainConfig{}, aware, v1.TaskState_TASK_KILLING, v1.TaskState_TASK_KILLING, v1.TaskStatus_REASON_AGENT_DRAINING},
		{"killed", &v1.DrainConfig{}, aware, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_KILLED, v1.TaskStatus_REASON_AGENT_DRAINING},
		{"to be gone", &v1.DrainConfig{MarkGone: proto.Bool(true)}, aware, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_GONE_BY_OPERATOR, v1.TaskStatus_REASON_AGENT_DRAINING},
		{"to be gone, old framework", &v1.DrainConfig{MarkGone: proto.Bool(true)}, &v1.FrameworkInfo{}, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_LOST, v1.TaskStatus_REASON_AGENT_DRAINING},
		{"killing, to be gone", &v1.DrainConfig{MarkGone: proto.Bool(true)}, aware, v1.TaskState_TASK_KILLING, v1.TaskState_TASK_KILLING, v1.TaskStatus_REASON_AGENT_DRAINING},
	} {
		a := &Agent{drain: draining{config: c.config}}
		s := &v1.TaskStatus{State: c.state.Enum(), Reason: v1.TaskStatus_REASON_COMMAND_EXECUTOR_FAILED.Enum()}
		a.explainDrain(s, c.fw)
		if s.GetState() != c.want || s.GetReason() != c.reason {
			t.Errorf("%s: got %v, %v, want %v, %v", c.name, s.GetState(), s.GetReason(), c.want, c.reason)
		}
	}
}
