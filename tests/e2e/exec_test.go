package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// screen is one of our programs at a terminal, with a person before it.
type screen struct {
	*program
	*cluster.Terminal
}

// startAtTerminal starts the command line at a terminal of its own.
func startAtTerminal(t *testing.T, c *cluster.Cluster, args ...string) *screen {
	t.Helper()
	cmd := exec.Command(cluster.Binary(t, "mesos"), args...)
	cmd.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
	return atTerminal(t, cmd)
}

// atTerminal starts any command at a terminal of its own.
func atTerminal(t *testing.T, cmd *exec.Cmd) *screen {
	t.Helper()
	p := &program{t: t, cmd: cmd, done: make(chan struct{})}
	term := cluster.StartAtTerminal(t, p.cmd, &p.stdout)
	go func() {
		_ = p.cmd.Wait() // the exit code stays in ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails for one that has ended
		<-p.done
	})
	return &screen{p, term}
}

func TestExec(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	run := startMesos(t, c, "run", "--name", "sleeper", "--env", "SEEN=by sessions", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	for _, e := range []struct {
		args           []string
		stdin          string
		code           int
		stdout, stderr string
	}{
		{[]string{"sleeper", "--", "sh", "-c", "echo $SEEN; echo oops >&2; exit 7"}, "", 7, "by sessions\n", "oops\n"},
		{[]string{"sleeper", "--", "sh", "-c", "kill -TERM $$"}, "", 143, "", ""},
		{[]string{"-i", "sleeper", "--", "cat"}, "hello\n", 0, "hello\n", ""},
		{[]string{"sleeper", "--", "cat"}, "not passed on\n", 0, "", ""},
		{[]string{"-i", "sleeper", "--", "sh", "-c", "cat stdout; wc -c"}, strings.Repeat("x", 3<<20), 0, "started\n3145728\n", ""},
		{[]string{"sleeper", "--", "head", "-c", "3000000", "/dev/zero"}, "", 0, strings.Repeat("\x00", 3000000), ""},
		{[]string{"sleeper", "--", "/no/such/program"}, "", 1, "", "/no/such/program"},
		{[]string{"nobody", "--", "true"}, "", 1, "", "nobody"},
		{[]string{"sleeper"}, "", 2, "", "command"},
	} {
		p := exec.Command(cluster.Binary(t, "mesos"), append([]string{"exec"}, e.args...)...)
		p.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
		var stdout, stderr strings.Builder
		p.Stdin, p.Stdout, p.Stderr = strings.NewReader(e.stdin), &stdout, &stderr
		_ = p.Run() // the exit code is looked at
		if code := p.ProcessState.ExitCode(); code != e.code || stdout.String() != e.stdout || !strings.Contains(stderr.String(), e.stderr) {
			t.Errorf("%q: got %d, %.100q, %q, want %d, %.100q, %q", e.args, code, stdout.String(), stderr.String(), e.code, e.stdout, e.stderr)
		}
	}
}

func TestExecTerminal(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	run := startMesos(t, c, "run", "--name", "sleeper", "--", "sh", "-c", "echo started; sleep 1000")
	run.until(&run.stdout, "started")
	s := startAtTerminal(t, c, "exec", "-it", "sleeper", "--", "sh")
	s.Type("echo I am at $(tty | cut -c 1-8)\r")
	s.until(&s.stdout, "I am at /dev/pts")
	s.Type("stty size\r")
	s.until(&s.stdout, "24 80")
	s.Resize(31, 97)
	eventually(t, "the new size to arrive", func() bool {
		s.Type("stty size\r")
		return strings.Contains(s.stdout.String(), "31 97")
	})
	s.Type("sleep 1000\r")
	// The first Ctrl-C may come before the command that it is to end. Each throws away what the terminal has not passed
	// on, and the interrupted shell what it has read, so that only what is typed after its prompt is sure to be answered.
	eventually(t, "the command to be interrupted", func() bool {
		prompts := strings.Count(s.stdout.String(), "# ")
		s.Type("\x03")
		for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
			if strings.Count(s.stdout.String(), "# ") > prompts {
				return true
			}
		}
		return false
	})
	eventually(t, "the shell to answer", func() bool {
		s.Type("echo alive $((40+2))\r")
		for began := time.Now(); time.Since(began) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
			if strings.Contains(s.stdout.String(), "alive 42") {
				return true
			}
		}
		return false
	})
	s.Type("(exit 9)\r\x04") // Ctrl-D: the shell ends as its last command did
	if code := s.wait(); code != 9 {
		t.Errorf("got exit code %d, want 9", code)
	}
}
