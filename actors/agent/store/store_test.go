package store

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// opened is a store as the agent sees it.
type opened interface {
	Load() *State
	Commit(then func(), writes ...Write)
}

// implementations open what an earlier opening of the same test left.
func implementations(t *testing.T) map[string]func() (opened, func()) {
	dir, disk := t.TempDir(), &Disk{}
	return map[string]func() (opened, func()){
		"bolt": func() (opened, func()) {
			s, err := Open(dir, quiet)
			if err != nil {
				t.Fatal(err)
			}
			return s, func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		},
		"memory": func() (opened, func()) {
			s, err := OpenMemory(disk)
			if err != nil {
				t.Fatal(err)
			}
			return s, s.Crash
		},
	}
}

// durable commits and waits.
func durable(s opened, w ...Write) {
	done := make(chan struct{})
	s.Commit(func() { close(done) }, w...)
	<-done
}

func update(task, uuid string, state v1.TaskState) *internalpb.StatusUpdate {
	return &internalpb.StatusUpdate{
		FrameworkId: ids.Framework("f"), ExecutorId: ids.Executor("e"), SlaveId: ids.Agent("a"), Timestamp: proto.Float64(1), Uuid: []byte(uuid),
		Status: &v1.TaskStatus{TaskId: ids.Task(task), State: state.Enum(), Message: proto.String("a message of usual length"), Timestamp: proto.Float64(1)},
	}
}

// everything is a row in each table.
func everything() (*State, []Write) {
	fw := &v1.FrameworkInfo{User: proto.String("u"), Name: proto.String("n"), Id: ids.Framework("f")}
	a := Agent{"agent-1", "boot", &v1.AgentInfo{Hostname: proto.String("h")}}
	e := Executor{"f", "e", "container", true, true, true, Process{42, 1 << 40}, "executor(1)@10.0.0.1:4000", &v1.ExecutorInfo{ExecutorId: ids.Executor("e")}, &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Hostname: proto.String("h")}}
	task := Task{"e", "f", true, []string{"s", "t"}, &v1.TaskInfo{Name: proto.String("n"), TaskId: ids.Task("t"), AgentId: ids.Agent("agent-1")}}
	one, two, three := update("t", "1", v1.TaskState_TASK_STARTING), update("t", "2", v1.TaskState_TASK_RUNNING), update("t", "3", v1.TaskState_TASK_FINISHED)
	seen := &internalpb.StatusUpdate{FrameworkId: one.FrameworkId, Status: &v1.TaskStatus{TaskId: ids.Task("t")}, Uuid: one.Uuid}
	c := Container{"container.inner", true, Process{43, 1 << 41}, &agentv1.Call_LaunchContainer{ContainerId: ids.Container("inner")}}
	drain := Drain{&v1.DrainConfig{MarkGone: proto.Bool(true)}, time.Unix(7, 0).UTC()}
	return &State{
			Agent: &a, Frameworks: []*v1.FrameworkInfo{fw}, Executors: []Executor{e}, Tasks: []Task{task},
			Updates: []Update{{1, true, seen}, {2, true, two}, {300, false, three}}, Containers: []Container{c}, Drain: &drain,
		},
		[]Write{PutAgent(a), PutFramework(fw), PutExecutor(e), PutTask(task), PutUpdate(300, three), PutUpdate(1, one), PutAcknowledged(2, two), PutSeen(1, one), PutContainer(c), PutDrain(drain)}
}

func same(t *testing.T, got, want *State) {
	t.Helper()
	if g, w := text(got), text(want); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

// text is a state in words; messages print with random spaces, so they are encoded.
func text(s *State) (out string) {
	if s.Agent != nil {
		out += fmt.Sprintf("%s %s %x\n", s.Agent.ID, s.Agent.BootID, bytesOf(s.Agent.Info))
	}
	for _, f := range s.Frameworks {
		out += fmt.Sprintf("%x\n", bytesOf(f))
	}
	for _, e := range s.Executors {
		info := bytesOf(e.Info)
		e.Info = nil
		out += fmt.Sprintf("%+v %x\n", e, info)
	}
	for _, t := range s.Tasks {
		info := bytesOf(t.Info)
		t.Info = nil
		out += fmt.Sprintf("%+v %x\n", t, info)
	}
	for _, c := range s.Containers {
		call := bytesOf(c.Launch)
		c.Launch = nil
		out += fmt.Sprintf("%+v %x\n", c, call)
	}
	for _, u := range s.Updates {
		out += fmt.Sprintf("%d %v %x\n", u.Number, u.Acknowledged, bytesOf(u.Update))
	}
	if s.Drain != nil {
		out += fmt.Sprintf("%v %x\n", s.Drain.Began, bytesOf(s.Drain.Config))
	}
	return out
}

func TestKeepsEverything(t *testing.T) {
	for name, open := range implementations(t) {
		t.Run(name, func(t *testing.T) {
			s, end := open()
			if !s.Load().Empty() {
				t.Errorf("a new store is not empty: %s", text(s.Load()))
			}
			want, rows := everything()
			durable(s, rows...)
			end()
			s, end = open()
			same(t, s.Load(), want)
			durable(s, DeleteDrain(), DeleteContainer("container.inner"), DeleteTask("f", "t"), DeleteExecutor("f", "e"), DeleteFramework("f"), DeleteUpdate(1), DeleteUpdate(2), DeleteUpdate(300), DeleteUpdate(999))
			end()
			s, end = open()
			defer end()
			same(t, s.Load(), &State{Agent: want.Agent})
		})
	}
}

// What is said to be durable comes in the order of the commits, also without a write.
func TestOrderOfCommits(t *testing.T) {
	for name, open := range implementations(t) {
		t.Run(name, func(t *testing.T) {
			s, end := open()
			defer end()
			var mu sync.Mutex
			var order []int
			for i := range 500 {
				then := func() { mu.Lock(); defer mu.Unlock(); order = append(order, i) }
				if i%3 == 0 {
					s.Commit(then)
				} else {
					s.Commit(then, PutUpdate(uint64(i), update("t", fmt.Sprint(i), v1.TaskState_TASK_RUNNING)))
				}
			}
			durable(s)
			for i, got := range order {
				if got != i {
					t.Fatalf("commit %d was told in place %d", got, i)
				}
			}
			if len(order) != 500 {
				t.Errorf("%d commits were told, want 500", len(order))
			}
		})
	}
}

func TestCommitsAreGrouped(t *testing.T) {
	s, err := Open(t.TempDir(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 5000 {
		s.Commit(nil, PutUpdate(uint64(i), update("t", fmt.Sprint(i), v1.TaskState_TASK_RUNNING)))
	}
	durable(s)
	if st := s.Stats(); st.Writes != 5000 || st.Commits > 500 {
		t.Errorf("%d writes took %d commits, want 5000 in 500 at most", st.Writes, st.Commits)
	}
}

// A disk that stops loses what it was not told to keep, and tells nothing.
func TestDiskStops(t *testing.T) {
	for _, after := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			d := &Disk{}
			s, err := OpenMemory(d)
			if err != nil {
				t.Fatal(err)
			}
			d.StopAt(2, after)
			durable(s, PutUpdate(1, update("t", "1", v1.TaskState_TASK_RUNNING)))
			s.Commit(func() { t.Error("a commit was told after the disk stopped") }, PutUpdate(2, update("t", "2", v1.TaskState_TASK_RUNNING)))
			time.Sleep(time.Minute)
			s.Crash()
			if !d.Stopped() {
				t.Error("the disk did not stop")
			}
			s, err = OpenMemory(d)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Crash()
			if got, want := len(s.Load().Updates), map[bool]int{false: 1, true: 2}[after]; got != want {
				t.Errorf("written %v: %d updates are left, want %d", after, got, want)
			}
		})
	}
}
