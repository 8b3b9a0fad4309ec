package clients

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// screen collects what a program shows and can be read meanwhile.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestMshInteractive has msh attach to a shell at a terminal, types into it, and
// leaves by Ctrl-D.
func TestMshInteractive(t *testing.T) {
	t.Parallel()
	needC(t)
	bin, err := buildMsh()
	if err != nil {
		t.Fatal(err)
	}
	cl := cluster.Start(t, cluster.Options{Separate: true})
	if !strings.HasSuffix(cl.AgentAddr(0), ":5051") {
		t.Skip("msh attaches to port 5051 of the agent, which another program of this machine holds")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var shown screen
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "msh"), "-master", cl.Addr(), "-user", me(t), "-interactive", "-tty", "--", "sh")
	cmd.Env = append(os.Environ(), "TERM=vt100")
	term := cluster.StartAtTerminal(t, cmd, &shown)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	until := func(text, keys string) {
		t.Helper()
		for !strings.Contains(shown.String(), text) {
			select {
			case err := <-ended:
				t.Fatalf("msh ended (%v) before it showed %q; it showed %q", err, text, shown.String())
			case <-time.After(200 * time.Millisecond): // msh takes keys once it is attached
				if keys != "" {
					term.Type(keys)
				}
			}
		}
	}
	until("typed 42", "echo typed $((40+2))\r")
	until("24 80", "stty size\r")
	until("vt100", "echo $TERM\r")
	for {
		term.Type("\x04")
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("got %v, want exit code 0; it showed %q", err, shown.String())
			}
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}
