package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"mesos/tests/cluster"
)

// screen is one of our programs at a terminal, with a person before it.
type screen struct {
	*program
	master *os.File
}

// startAtTerminal starts the command line at a terminal of its own.
func startAtTerminal(t *testing.T, c *cluster.Cluster, args ...string) *screen {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var number, unlock int32
	ioctl(t, fd, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	ioctl(t, fd, syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	s := &screen{master: os.NewFile(uintptr(fd), "terminal")}
	s.resize(t, 24, 80)
	p := &program{t: t, cmd: exec.Command(cluster.Binary(t, "mesos"), args...), done: make(chan struct{})}
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.Env = append(os.Environ(), "MESOS_MASTER="+c.Addr())
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.program = p
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		buf := make([]byte, 4096)
		for {
			n, err := s.master.Read(buf)
			_, _ = p.stdout.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	go func() {
		_ = p.cmd.Wait() // the exit code stays in ProcessState
		close(p.done)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // fails for one that has ended
		<-p.done
		s.master.Close()
		<-shown
		if t.Failed() {
			t.Logf("%q showed %q", args, p.stdout.String())
		}
	})
	return s
}

func (s *screen) write(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) resize(t *testing.T, rows, columns uint16) {
	t.Helper()
	size := [4]uint16{rows, columns}
	ioctl(t, int(s.master.Fd()), syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}

func ioctl(t *testing.T, fd int, request uintptr, arg unsafe.Pointer) {
	t.Helper()
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); e != 0 {
		t.Fatal(e)
	}
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
	s.write("echo I am at $(tty | cut -c 1-8)\r")
	s.until(&s.stdout, "I am at /dev/pts")
	s.write("stty size\r")
	s.until(&s.stdout, "24 80")
	s.resize(t, 31, 97)
	eventually(t, "the new size to arrive", func() bool {
		s.write("stty size\r")
		return strings.Contains(s.stdout.String(), "31 97")
	})
	s.write("sleep 1000\r")
	eventually(t, "the command to be interrupted", func() bool {
		s.write("\x03echo alive $((40+2))\r")
		return strings.Contains(s.stdout.String(), "alive 42")
	})
	s.write("(exit 9)\r\x04") // Ctrl-D: the shell ends as its last command did
	if code := s.wait(); code != 9 {
		t.Errorf("got exit code %d, want 9", code)
	}
}
