package actors_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/memnet"
)

func TestMain(m *testing.M) {
	if os.Getenv(panicChild) != "" {
		panickingProgram()
		return
	}
	goleak.VerifyTestMain(m)
}

// logbook collects lines from several actors.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (l *logbook) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// take returns the lines since the last take.
func (l *logbook) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

func spawn(t *testing.T, s *actors.System, id string, init func(p *actors.Process)) *actors.Process {
	t.Helper()
	p, err := s.Spawn(id, actors.ActorFunc(init))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// listener is an actor that logs the texts it gets.
func (l *logbook) listener(p *actors.Process) {
	actors.Install(p, func(from actors.UPID, m *wrapperspb.StringValue) { l.add("%s from %s", m.Value, from.ID) })
	p.OnExited(func(addr string) { l.add("%s: exited %s", p.Self().ID, addr) })
}

func text(s string) proto.Message { return wrapperspb.String(s) }

// system makes a System at addr, shut down at the end of the test.
func system(t *testing.T, n *memnet.Net, addr string) *actors.System {
	s := actors.NewSystem(n.Node(addr))
	t.Cleanup(s.Shutdown)
	return s
}

// inBubble runs f on virtual time, with everything settled at its end.
func inBubble(t *testing.T, f func(t *testing.T, n *memnet.Net)) {
	synctest.Test(t, func(t *testing.T) { f(t, memnet.NewNet()) })
}

func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
