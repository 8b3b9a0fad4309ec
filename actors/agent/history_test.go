package agent

import (
	"maps"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/store"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
)

// shown is a table of what is served.
type shown map[string]string

func (s shown) Attach(virtual, real string) error { s[virtual] = real; return nil }
func (s shown) Detach(virtual string)             { delete(s, virtual) }

func ran(fid, eid, container string, ended int64) store.Completed {
	return store.Completed{
		Framework:  &v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n"), Id: ids.Framework(fid)},
		ExecutorID: eid, ContainerID: container, Ended: time.Unix(ended, 0), Info: &v1.ExecutorInfo{ExecutorId: ids.Executor(eid)},
		Tasks: []store.CompletedTask{{
			Info:     &v1.TaskInfo{TaskId: ids.Task("t")},
			Statuses: []*v1.TaskStatus{{State: v1.TaskState_TASK_RUNNING.Enum()}, {State: v1.TaskState_TASK_FAILED.Enum()}},
		}},
	}
}

// restored is an agent with a history, that does not run.
func restored(t *testing.T) (*Agent, shown) {
	t.Helper()
	files := shown{}
	st, err := store.OpenMemory(&store.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Crash)
	a := New(Config{WorkDir: "/w", Sandboxes: files, Store: st})
	a.id = "A"
	if err := a.restoreCompleted([]store.Completed{ran("f", "e", "c1", 1), ran("f", "e", "c2", 2), ran("g", "x", "c3", 3)}); err != nil {
		t.Fatal(err)
	}
	return a, files
}

const (
	runs  = "/w/slaves/A/frameworks/f/executors/e/runs/"
	alias = "/frameworks/f/executors/e/runs/latest"
)

func TestHistoryIsShownAgain(t *testing.T) {
	a, files := restored(t)
	if len(a.completed) != 2 || len(a.frameworks) != 0 || len(a.completedOf("f")) != 2 {
		t.Fatalf("got %d frameworks in the history and %d live, want 2 and none", len(a.completed), len(a.frameworks))
	}
	if task := a.completedOf("f")[0].completed[0]; task.state != v1.TaskState_TASK_FAILED || len(task.statuses) != 2 {
		t.Errorf("got the task %v with %d statuses, want its last state and both", task.state, len(task.statuses))
	}
	for virtual, want := range map[string]string{runs + "c1": runs + "c1", runs + "c2": runs + "c2", runs + "latest": runs + "c2", alias: runs + "c2"} {
		if got := files[virtual]; got != want {
			t.Errorf("%s: got %q shown, want %q", virtual, got, want)
		}
	}
}

// When an old run's sandbox goes, what leads to the newest run stays.
func TestOldRunLeavesTheNewestShown(t *testing.T) {
	a, files := restored(t)
	a.forgetSandbox(runs + "c1")
	if _, there := files[runs+"c1"]; there || files[alias] != runs+"c2" || files[runs+"latest"] != runs+"c2" {
		t.Errorf("got %v, want c1 not shown, and the names of the newest run on c2", maps.Clone(files))
	}
	a.forgetSandbox(runs + "c2")
	if _, there := files[alias]; there {
		t.Errorf("got %v, want nothing of e shown", files)
	}
}

// A framework that launches again has its history, once.
func TestHistoryFollowsItsFramework(t *testing.T) {
	a, _ := restored(t)
	f := a.framework(&v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n"), Id: ids.Framework("f")})
	if len(f.completed) != 2 || f.completed[0].f != f || len(a.completed) != 1 || a.completed[0].id != "g" {
		t.Errorf("got %d executors with the framework and %d frameworks in the history, want 2 and g alone", len(f.completed), len(a.completed))
	}
}
