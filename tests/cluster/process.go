package cluster

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"mesos/actors/secure"
)

// patience is how long the package waits for what must happen at all: a program's start, its end on a signal. It is no
// measure of speed; a test that times out here has found a program that hangs.
const patience = time.Minute

// Process is one daemon of a cluster. Its methods fail the test that owns it; they are for that test's goroutine.
type Process struct {
	Name string // "master", "agent-0", "local"
	Addr string // host:port of its HTTP

	t       testing.TB
	argv    []string
	env     []string
	net     *os.File // network namespace; nil: the test's
	user    *url.Userinfo
	tls     *secure.TLS
	health  string // path that is answered when the program serves
	logPath string

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when the running program has ended and was waited for
}

// PID is the process id of the running program, or of the last one.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Done is closed when the running program ends.
func (p *Process) Done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// URL is http://Addr, or with TLS https://Addr, followed by path.
func (p *Process) URL(path string) string {
	if p.user != nil {
		return p.tls.Scheme() + "://" + p.user.String() + "@" + p.Addr + path
	}
	return p.tls.Scheme() + "://" + p.Addr + path
}

// start runs the program; its output is appended to the log, so that the log tells the whole story over restarts.
func (p *Process) start() error {
	log, err := os.OpenFile(p.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, log, log
	if err := StartIn(p.net, cmd); err != nil {
		return fmt.Errorf("start of %s: %w", p.Name, err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // the exit status stays in cmd.ProcessState
		close(done)
	}()
	p.mu.Lock()
	p.cmd, p.done = cmd, done
	p.mu.Unlock()
	return nil
}

// Signal sends sig to the program alone, not to what it started.
func (p *Process) Signal(sig syscall.Signal) {
	p.t.Helper()
	if err := syscall.Kill(p.PID(), sig); err != nil {
		p.t.Fatalf("signal %v to %s: %v", sig, p.Name, err)
	}
}

// Kill ends the program as kill -9 does and returns when it is gone. Executors and tasks are left alone.
func (p *Process) Kill() {
	p.t.Helper()
	p.Signal(syscall.SIGKILL)
	p.wait()
}

// Stop sends sig (SIGTERM as an operator, SIGUSR1 as an agent's orderly retreat) and returns the exit code, -1 if a
// signal ended the program.
func (p *Process) Stop(sig syscall.Signal) int {
	p.t.Helper()
	p.Signal(sig)
	p.wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.ProcessState.ExitCode()
}

// Restart starts the program again with the same flags; a program that still runs is killed first. It returns when
// the new one answers that it is there.
func (p *Process) Restart() {
	p.t.Helper()
	select {
	case <-p.Done():
	default:
		p.Kill()
	}
	if err := p.start(); err != nil {
		p.t.Fatal(err)
	}
	p.waitHealthy()
}

// StartEnded starts the program again if it has ended, and says whether it had. It does not wait for it: who loses its session
// at once ends again.
func (p *Process) StartEnded() bool {
	p.t.Helper()
	select {
	case <-p.Done():
	default:
		return false
	}
	if err := p.start(); err != nil {
		p.t.Fatal(err)
	}
	return true
}

func (p *Process) wait() {
	p.t.Helper()
	select {
	case <-p.Done():
	case <-time.After(patience):
		p.t.Fatalf("%s (pid %d) is still running %v after the signal\n%s", p.Name, p.PID(), patience, p.tail())
	}
}

// Log is all that the program wrote to stdout and stderr, over all its starts.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.logPath)
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(b)
}

// tail is the end of the log, under a line that names the program, for the output of a failed test.
func (p *Process) tail() string {
	const lines = 60
	b := []byte(p.Log())
	for i, n := len(b)-1, 0; i > 0; i-- {
		if b[i] == '\n' {
			if n++; n > lines {
				b = b[i+1:]
				break
			}
		}
	}
	return fmt.Sprintf("--- log of %s (last lines)\n%s", p.Name, bytes.TrimSpace(b))
}
