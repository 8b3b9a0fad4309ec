package faults

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// TestJudge: the judge of the nemesis finds what is wrong, and only that.
func TestJudge(t *testing.T) {
	const starting, running, finished = v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_FINISHED
	const failed, killed, dropped, unreachable = v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_UNREACHABLE
	type told []v1.TaskState
	for _, c := range []struct {
		name string
		told told
		r    record
		want string // in the complaint; "" for none
	}{
		{"good", told{starting, running, finished}, record{marks: "start\nend\n"}, ""},
		{"away for a while", told{starting, unreachable, running, finished}, record{marks: "start\nend\n"}, ""},
		{"fails by itself", told{starting, running, failed}, record{marks: "start\nend\n", fails: true}, ""},
		{"killed as wanted", told{running, killed}, record{marks: "start\n", killed: true}, ""},
		{"never there", told{dropped}, record{}, ""},
		{"no end", told{starting, running}, record{marks: "start\n"}, "not told"},
		{"nothing", told{}, record{}, "not told"},
		{"run twice", told{running, finished}, record{marks: "start\nstart\nend\n"}, "started 2 times"},
		{"finished without end", told{running, finished}, record{marks: "start\n"}, "ended 0 times"},
		{"order", told{running, starting, finished}, record{marks: "start\nend\n"}, "after a later state"},
		{"after the end", told{running, finished, running}, record{marks: "start\nend\n"}, "after a later state"},
		{"two ends", told{running, finished, failed}, record{marks: "start\nend\n", fails: true}, "two ends"},
		{"failed for no reason", told{running, failed}, record{marks: "start\n"}, "nobody had struck"},
		{"killed for no reason", told{running, killed}, record{marks: "start\n"}, "nobody wanted"},
		{"dropped but run", told{dropped}, record{marks: "start\n"}, "started 1 times"},
	} {
		r := c.r
		for i, s := range c.told {
			r.hear(&v1.TaskStatus{State: s.Enum(), Uuid: []byte{byte(i)}, Message: proto.String("m")})
		}
		got := strings.Join(r.judge(), "; ")
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: got complaint %q, want %q", c.name, got, c.want)
		}
	}
	r := record{}
	for range 2 {
		r.hear(&v1.TaskStatus{State: running.Enum(), Uuid: []byte("u")})
	}
	if len(r.told) != 1 {
		t.Errorf("an update told twice: got %d notes, want 1", len(r.told))
	}
}
