package job

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// growing is an agent with one file; it answers as http.ServeContent does.
type growing struct {
	mu      sync.Mutex
	missing bool
	data    []byte
	older   []byte        // what "stdout.1" has, if anything
	asked   chan struct{} // one for each request, as far as somebody listens
}

func (g *growing) set(missing bool, data string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.missing, g.data = missing, []byte(data)
}

func (g *growing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	missing, data := g.missing, g.data
	if strings.HasSuffix(r.URL.Path, ".1") {
		missing, data = g.older == nil, g.older
	}
	g.mu.Unlock()
	if missing {
		http.NotFound(w, r)
	} else {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
	select {
	case g.asked <- struct{}{}:
	default:
	}
}

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func following(t *testing.T, g *growing) (*follower, *buffer) {
	t.Helper()
	s := httptest.NewServer(g)
	t.Cleanup(s.Close)
	to := &buffer{}
	return &follower{http: s.Client(), url: s.URL + "/stdout", to: to, must: true}, to
}

// TestFollow copies a file that comes late, grows, holds bytes that are no text, and gets its last part together with
// the end of its task.
func TestFollow(t *testing.T) {
	g := &growing{missing: true, asked: make(chan struct{})}
	f, to := following(t, g)
	ended, done := make(chan struct{}), make(chan error, 1)
	go func() { done <- f.run(t.Context(), ended) }()
	rounds := func(n int) {
		for range n {
			<-g.asked
		}
	}
	rounds(2)
	g.set(false, "")
	rounds(2)
	g.set(false, "a\x00\xff")
	rounds(3)
	if got, want := to.String(), "a\x00\xff"; got != want {
		t.Errorf("while it runs: got %q, want %q", got, want)
	}
	g.set(false, "a\x00\xff\xe2\x82last")
	close(ended)
	for err := error(nil); ; {
		select {
		case <-g.asked:
			continue
		case err = <-done:
		}
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if got, want := to.String(), "a\x00\xff\xe2\x82last"; got != want {
		t.Errorf("at the end: got %q, want %q", got, want)
	}
}

func TestFollowCutFile(t *testing.T) {
	g := &growing{data: []byte("12345")}
	f, to := following(t, g)
	for _, data := range []string{"12345", "ab", "ab", "abc"} {
		g.set(false, data)
		if err := f.fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := to.String(), "12345ab"+"c"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestFollowRotatedFile gets the end of the file that was rotated before what is in the new one.
func TestFollowRotatedFile(t *testing.T) {
	g := &growing{}
	f, to := following(t, g)
	for _, step := range []struct{ older, data string }{{"", "12345"}, {"12345678", "ab"}, {"12345678", "abcd"}, {"abcd", ""}, {"abcd", "x"}} {
		g.set(false, step.data)
		if step.older != "" {
			g.older = []byte(step.older)
		}
		if err := f.fetch(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := to.String(), "12345678"+"abcd"+"x"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFollowEnds(t *testing.T) {
	ended := make(chan struct{})
	close(ended)
	g := &growing{missing: true}
	f, _ := following(t, g)
	f.must = false
	if err := f.run(t.Context(), ended); err != nil {
		t.Errorf("a task that never had a sandbox: got %v", err)
	}
	g.set(false, "x")
	f.to = brokenPipe{}
	if err := f.run(t.Context(), ended); !errors.Is(err, errPipe) {
		t.Errorf("a terminal that is gone: got %v, want %v", err, errPipe)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.run(ctx, make(chan struct{})); !errors.Is(err, context.Canceled) {
		t.Errorf("a job that is over: got %v", err)
	}
}

var errPipe = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestPrefixer(t *testing.T) {
	var b strings.Builder
	p := &prefixer{to: &b, prefix: "[1] "}
	for _, s := range []string{"a", "b\nc\n", "", "\n", "tail"} {
		if n, err := fmt.Fprint(p, s); n != len(s) || err != nil {
			t.Fatalf("%q: got %d, %v", s, n, err)
		}
	}
	if want := "[1] ab\n[1] c\n[1] \n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	for range 2 {
		if err := p.flush(); err != nil {
			t.Fatal(err)
		}
	}
	if want := "[1] ab\n[1] c\n[1] \n[1] tail\n"; b.String() != want {
		t.Errorf("after flush: got %q, want %q", b.String(), want)
	}
	b.Reset()
	if _, err := p.Write(bytes.Repeat([]byte("x"), maxLine+1)); err != nil || b.Len() != maxLine+1+len("[1] \n") {
		t.Errorf("endless line: got %d bytes, %v", b.Len(), err)
	}
}

func TestScreen(t *testing.T) {
	var out, err strings.Builder
	s := &screen{err: &err, terminal: true}
	s.show("⠋ waiting")
	s.say("running")
	c := &copier{screen: s, to: &out, terminal: true}
	if _, werr := c.Write([]byte("no end")); werr != nil {
		t.Fatal(werr)
	}
	s.show("⠋ would wipe the task's line")
	s.say("finished")
	if want := "⠋ waiting\r\x1b[Kmesos: running\n\nmesos: finished\n"; err.String() != want {
		t.Errorf("stderr: got %q, want %q", err.String(), want)
	}
	if out.String() != "no end" {
		t.Errorf("stdout: got %q", out.String())
	}
	err.Reset()
	s = &screen{err: &err, quiet: true, terminal: true}
	s.say("state")
	s.show("⠋")
	s.complain("trouble")
	if want := "mesos: trouble\n"; err.String() != want {
		t.Errorf("quiet: got %q, want %q", err.String(), want)
	}
}
