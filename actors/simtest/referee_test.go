package simtest

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/memnet"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/resources"
	"mesos/registry"
)

// The referee says what is wrong. Each case is a story of what must not be.
func TestRefereeSees(t *testing.T) {
	told := func(r *referee, uuid string, s v1.TaskState) {
		m := &v1.TaskStatus{TaskId: ids.Task("t"), State: s.Enum()}
		if uuid != "" {
			m.Uuid = []byte(uuid)
		} else {
			m.Reason = v1.TaskStatus_REASON_RECONCILIATION.Enum()
		}
		r.update("f", m)
	}
	acknowledged := func(r *referee) {
		r.delivered(memnet.Delivery{Message: &executorv1.Event{
			Type: executorv1.Event_ACKNOWLEDGED.Enum(), Acknowledged: &executorv1.Event_Acknowledged{TaskId: ids.Task("t"), Uuid: []byte("u")},
		}})
	}
	launch := func(r *referee, id, res string) {
		r.launched(&v1.FrameworkInfo{Checkpoint: proto.Bool(true)}, &v1.TaskInfo{TaskId: ids.Task(id), Resources: resources.MustParse(res).Proto()})
	}
	gone := []registry.Row{{Table: string(registry.Gone), Key: "a", Value: []byte{1}}}
	for _, tt := range []struct {
		name string
		play func(r *referee)
		want string // "": nothing is wrong
	}{
		{"a task is told finished that runs", func(r *referee) { told(r, "u", v1.TaskState_TASK_FINISHED) }, "is not"},
		{"one that has finished", func(r *referee) {
			r.c.tasks.finish("t")
			told(r, "u", v1.TaskState_TASK_FINISHED)
		}, ""},
		{"updates in another order", func(r *referee) {
			told(r, "u", v1.TaskState_TASK_RUNNING)
			told(r, "v", v1.TaskState_TASK_STARTING)
		}, "after what came later"},
		{"an update told again", func(r *referee) {
			told(r, "u", v1.TaskState_TASK_STARTING)
			told(r, "v", v1.TaskState_TASK_RUNNING)
			told(r, "u", v1.TaskState_TASK_STARTING)
		}, ""},
		{"two ends", func(r *referee) {
			told(r, "u", v1.TaskState_TASK_FAILED)
			told(r, "v", v1.TaskState_TASK_KILLED)
		}, "after it was TASK_FAILED"},
		{"an end, and then the answer that nothing is known", func(r *referee) {
			told(r, "u", v1.TaskState_TASK_FAILED)
			told(r, "", v1.TaskState_TASK_GONE_BY_OPERATOR)
		}, ""},
		{"the answer that nothing is known, and then how it ended", func(r *referee) {
			told(r, "", v1.TaskState_TASK_GONE)
			told(r, "u", v1.TaskState_TASK_DROPPED)
		}, ""},
		{"an end by its agent, and then another", func(r *referee) {
			told(r, "", v1.TaskState_TASK_GONE)
			told(r, "u", v1.TaskState_TASK_DROPPED)
			told(r, "v", v1.TaskState_TASK_FAILED)
		}, "after it was TASK_DROPPED"},
		{"a task that starts twice", func(r *referee) { r.started("t", "c", 2) }, "for the 2. time"},
		{"more on a machine than it has", func(r *referee) {
			launch(r, "t", "cpus:1")
			launch(r, "s", "cpus:1.5")
			r.c.tasks.place("c", &Agent{addr: "host", resources: resources.MustParse("cpus:2")})
			r.c.tasks.start("t", "c")
			r.c.tasks.start("s", "c")
		}, "it has cpus:2"},
		{"an acknowledgement before the update is durable", func(r *referee) {
			launch(r, "t", "cpus:1")
			acknowledged(r)
		}, "before it is durable"},
		{"and after", func(r *referee) {
			launch(r, "t", "cpus:1")
			r.wrote(&internalpb.StatusUpdate{Uuid: []byte("u"), Status: &v1.TaskStatus{TaskId: ids.Task("t"), State: v1.TaskState_TASK_RUNNING.Enum()}})
			acknowledged(r)
		}, ""},
		{"a deposed master writes", func(r *referee) { r.written(false, gone) }, "was deposed"},
		{"an agent that is gone comes back", func(r *referee) {
			r.written(true, gone)
			r.written(true, []registry.Row{{Table: string(registry.Agents), Key: "a", Value: []byte{1}}})
		}, "is back"},
		{"one that is gone is forgotten", func(r *referee) {
			r.written(true, gone)
			r.written(true, []registry.Row{{Table: string(registry.Gone), Key: "a"}})
		}, "is forgotten"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &Cluster{T: t}
			r := newReferee(c)
			r.report, c.referee, c.tasks.watch = func(error) {}, r, r.started
			tt.play(r)
			switch err := c.Violation(); {
			case tt.want == "" && err != nil:
				t.Errorf("got %v, want nothing", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want that %q", err, tt.want)
			}
		})
	}
}
