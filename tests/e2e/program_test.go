package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// patience is how long a test waits for what must happen at all; it measures nothing.
const patience = time.Minute

// program is one of our programs under way, as a user would start it.
type program struct {
	t              testing.TB
	cmd            *exec.Cmd
	stdout, stderr output
	done           chan struct{}
}

// output collects what a program writes and can be read meanwhile.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// startProgram starts a program that ends with the test at the latest.
func startProgram(t testing.TB, path string, env []string, args ...string) *program {
	t.Helper()
	p := &program{t: t, cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Env = &p.stdout, &p.stderr, append(os.Environ(), env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the exit code stays in ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails for one that has ended
		<-p.done
		if t.Failed() {
			t.Logf("%s %q: stdout %q, stderr:\n%s", filepath.Base(path), args, p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

// startMesos starts the command line against a cluster.
func startMesos(t testing.TB, c *cluster.Cluster, args ...string) *program {
	t.Helper()
	return startProgram(t, cluster.Binary(t, "mesos"), append(c.TLSEnv(), "MESOS_MASTER="+c.Addr()), args...)
}

// mesos runs the command line to its end.
func mesos(t testing.TB, c *cluster.Cluster, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	p := startMesos(t, c, args...)
	code = p.wait()
	return code, p.stdout.String(), p.stderr.String()
}

// wait returns the exit code, -1 if a signal ended the program.
func (p *program) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(2 * patience):
		p.t.Fatalf("%q still runs", p.cmd.Args)
	}
	return p.cmd.ProcessState.ExitCode()
}

func (p *program) signal(sig syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for a text in what the program writes.
func (p *program) until(o *output, text string) {
	p.t.Helper()
	eventually(p.t, "the text "+text, func() bool { return strings.Contains(o.String(), text) })
}

// eventually waits for what must come true.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	eventuallyIn(t, patience, what, f)
}

// eventuallyIn is eventually for what takes longer.
func eventuallyIn(t testing.TB, limit time.Duration, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !f(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// alive tells whether a process runs; one that has ended but was not waited for does not.
func alive(t testing.TB, pid string) bool {
	t.Helper()
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}
