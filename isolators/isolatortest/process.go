package isolatortest

import (
	"bytes"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// Deadline is how long a test waits for what must come: much longer than even a
// busy machine takes.
const Deadline = 1 * time.Minute

// Process is a shell that waits to be isolated before it runs a script.
type Process struct {
	PID    int
	t      testing.TB
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  chan struct{}
	err    error
	once   sync.Once
	output bytes.Buffer
}

// Start makes a process that waits for Release. The test kills it in the end.
func Start(t testing.TB, script string) *Process {
	t.Helper()
	p := &Process{t: t, ended: make(chan struct{})}
	p.cmd = exec.Command("/bin/sh", "-c", "read go || exit 99\n"+script)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	// Orphans of the script hold the output open: they must not hold up the test.
	p.cmd.WaitDelay = time.Second
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.PID = p.cmd.Process.Pid
	go func() {
		defer close(p.ended)
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		<-p.ended
	})
	return p
}

// Release lets the script run.
func (p *Process) Release() {
	p.once.Do(func() {
		if _, err := io.WriteString(p.stdin, "go\n"); err != nil {
			p.t.Errorf("release of process %d: %v", p.PID, err)
		}
	})
}

// Wait waits for the end; what the shell and its children wrote, and how it
// ended, as exec.Cmd.Wait tells.
func (p *Process) Wait() (output string, err error) {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.output.String(), p.err
	case <-time.After(Deadline):
		p.t.Fatalf("process %d did not end", p.PID)
		return "", nil
	}
}

// Eventually waits until a condition holds, and fails the test if it never does.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(Deadline); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not so for %v", what, Deadline)
		}
	}
}
