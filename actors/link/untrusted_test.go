package link_test

import (
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/nettest"
)

// lines counts log lines by level.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) count(parts ...string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		has := true
		for _, p := range parts {
			has = has && strings.Contains(line, p)
		}
		if has {
			n++
		}
	}
	return n
}

func logTo(l *lines) *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// A peer that is not trusted tries again and again: both sides hear why, once.
func TestToldOnce(t *testing.T) {
	const attempts = 4
	var here, there lines
	n := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(trusted(t)), Log: logTo(&there)})
	n.Start(nettest.NewRecorder())
	d := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(trusted(t)), Log: logTo(&here)})
	r := nettest.NewRecorder()
	d.Start(r)
	for range attempts {
		d.Send(link.UPID{ID: "x", Addr: d.Addr()}, link.UPID{ID: "y", Addr: n.Addr()}, wrapperspb.String("hello"))
		if e := r.Next(t); e.Exited != n.Addr() {
			t.Fatalf("got %+v, want exited %s", e, n.Addr())
		}
	}
	if loud, quiet := here.count("level=WARN", "none of the authorities"), here.count("level=DEBUG", "none of the authorities"); loud != 1 || quiet != attempts-1 {
		t.Errorf("the one that dials: got %d warnings and %d quiet lines, want 1 and %d", loud, quiet, attempts-1)
	}
	const refused = "does not believe this program's certificate"
	for deadline := time.Now().Add(time.Minute); there.count(refused) < attempts; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the one that is dialed: got %d refusals, want %d", there.count(refused), attempts)
		}
	}
	if loud := there.count("level=WARN", refused); loud != 1 {
		t.Errorf("the one that is dialed: got %d warnings, want 1", loud)
	}
}
