package dockertask

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	v1 "mesos/messages/mesos/v1"
)

// stage is a Task on a fake engine. What is dispatched runs at once, one after the
// other.
type stage struct {
	*fakeEngine
	task    *Task
	mu      sync.Mutex // that of dispatch
	out     lockedBuffer
	about   *v1.TaskStatus
	err     error
	started chan struct{}
	ended   chan syscall.WaitStatus
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newStage(t *testing.T) *stage {
	s := &stage{fakeEngine: newFake(t), started: make(chan struct{}), ended: make(chan syscall.WaitStatus, 1)}
	o := &docker.Order{Name: "mesos-c", Task: true, Container: &engine.Container{Image: "i", Env: []string{"A=1"}}}
	s.task = NewTask(o, s.client, func(f func()) { s.mu.Lock(); defer s.mu.Unlock(); f() }, "", slog.New(slog.DiscardHandler))
	s.task.c.stdout, s.task.c.stderr = &s.out, &s.out
	t.Cleanup(s.task.Close)
	return s
}

func (s *stage) start() {
	info := &v1.TaskInfo{Command: &v1.CommandInfo{Value: proto.String("line"), Environment: &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("A"), Value: proto.String("2")}}}}}
	s.task.StartSlowly(info, func(about *v1.TaskStatus, err error) { s.about, s.err = about, err; close(s.started) }, func(ws syscall.WaitStatus) { s.ended <- ws })
}

func (s *stage) eventually(what string, cond func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("waited a minute for %s; calls %s, output %q", what, s.log(), s.out.String())
		}
	}
}

func TestTask(t *testing.T) {
	s := newStage(t)
	s.start()
	<-s.started
	if s.err != nil || s.about.GetLabels().GetLabels()[0].GetValue() != "10.9.8.7" || !strings.HasPrefix(string(s.about.GetData()), "[{") {
		t.Fatalf("start: got %v, %v, want the container's address and all that the engine says", s.about, s.err)
	}
	s.say(1, "out ")
	s.say(2, "err")
	s.eventually("the output", func() bool { return s.out.String() == "out err" })
	s.task.Terminate()
	s.eventually("the image's stop signal", func() bool { return strings.Contains(s.log(), "kill SIGQUIT") })
	s.task.Kill()
	s.eventually("the kill", func() bool { return strings.Contains(s.log(), "kill SIGKILL") })
	s.end(3)
	if ws := <-s.ended; ws.ExitStatus() != 3 {
		t.Errorf("end: got %d, want 3", ws.ExitStatus())
	}
	s.fakeEngine.mu.Lock()
	defer s.fakeEngine.mu.Unlock()
	if env := s.created["Env"].([]any); len(env) != 1 || env[0] != "A=2" {
		t.Errorf("environment: got %v, want the task's", env)
	}
}

// TestTaskStartFails leaves no container, whatever fails on the way.
func TestTaskStartFails(t *testing.T) {
	for _, call := range []string{"create", "attach", "start", "json"} {
		s := newStage(t)
		s.refuses = call
		s.start()
		<-s.started
		if s.err == nil || !strings.Contains(s.err.Error(), "no "+call+" today") {
			t.Errorf("%s refused: got %v, want the engine's words", call, s.err)
		}
		if removed := strings.HasSuffix(s.log(), "remove"); removed != (call != "create") {
			t.Errorf("%s refused: got calls %s, want the container removed if it was made", call, s.log())
		}
	}
}

// TestTaskKilledEarly does not start what is to end.
func TestTaskKilledEarly(t *testing.T) {
	s := newStage(t)
	s.task.Terminate()
	s.task.killing.Wait()
	s.start()
	<-s.started
	if s.err == nil || strings.Contains(s.log(), "start") || !strings.HasSuffix(s.log(), "remove") {
		t.Errorf("got %v, calls %s, want an error and no start", s.err, s.log())
	}
}

// TestEngineRestarts waits for the engine and goes on, with the output, too.
func TestEngineRestarts(t *testing.T) {
	s := newStage(t)
	s.start()
	<-s.started
	s.eventually("the wait", s.waiting)
	s.drop(true)
	s.eventually("the second wait", func() bool { return s.waiting() && strings.Count(s.log(), "attach") == 2 })
	s.fakeEngine.mu.Lock()
	s.lost = false
	s.fakeEngine.mu.Unlock()
	s.say(1, "again")
	s.eventually("the output", func() bool { return s.out.String() == "again" })
	s.end(4)
	if ws := <-s.ended; ws.ExitStatus() != 4 {
		t.Errorf("end: got %d, want 4", ws.ExitStatus())
	}
}

// TestContainerRemoved is a container that somebody took away while the engine was
// lost.
func TestContainerRemoved(t *testing.T) {
	s := newStage(t)
	s.start()
	<-s.started
	s.eventually("the wait", s.waiting)
	s.fakeEngine.mu.Lock()
	s.removed = true
	s.fakeEngine.mu.Unlock()
	s.drop(true)
	if ws := <-s.ended; ws.Signal() != syscall.SIGKILL {
		t.Errorf("end: got %v, want as if killed", ws)
	}
}
