package early

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// built has mesos-init as it is shipped, and begun by Go's runtime.
var built string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "early")
	if err != nil {
		panic(err)
	}
	built = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

var build = sync.OnceValues(func() (map[string]string, error) {
	out := make(map[string]string)
	for name, flags := range map[string]string{"before the runtime": LinkerFlags(), "by the runtime": ""} {
		out[name] = filepath.Join(built, name)
		cmd := exec.Command("go", "build", "-o", out[name], "-ldflags="+flags, "mesos/cmd/mesos-init")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, text)
		}
	}
	return out, nil
})

func ways(t *testing.T) map[string]string {
	t.Helper()
	out, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// follower is a process that follows a list.
type follower struct {
	cmd           *exec.Cmd
	order, answer *os.File
	out           bytes.Buffer
}

func follow(t *testing.T, program string) *follower {
	t.Helper()
	orderR, orderW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	answerR, answerW, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{cmd: exec.Command(program, Argument), order: orderW, answer: answerR}
	f.cmd.Stdout, f.cmd.ExtraFiles = &f.out, []*os.File{orderR, answerW}
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	orderR.Close()
	answerW.Close()
	t.Cleanup(func() {
		orderW.Close()
		answerR.Close()
		_ = f.cmd.Wait()
	})
	return f
}

// tell sends a list, and gives the answer, what was written and the exit status.
func (f *follower) tell(t *testing.T, l *List) (answer, out string, status int) {
	t.Helper()
	text, err := l.Text()
	if err == nil {
		_, err = f.order.Write(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(f.answer)
	if err != nil {
		t.Fatal(err)
	}
	var ended *exec.ExitError
	if err := f.cmd.Wait(); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return string(said), f.out.String(), f.cmd.ProcessState.ExitCode()
}

func write(s string) Call {
	return Call{What: "write", Trap: unix.SYS_WRITE, Args: []any{1, s, len(s)}}
}

// run is the last call of a list.
func run(l *List, argv, env []string) {
	l.Add(Call{What: "close", Trap: unix.SYS_FCNTL, Args: []any{AnswerFD, unix.F_SETFD, unix.FD_CLOEXEC}})
	l.Add(Call{What: "exec", Trap: unix.SYS_EXECVE, Args: []any{argv[0], l.Strings(argv), l.Strings(env)}})
}

// answerOf is how an error is told.
func answerOf(what string, e syscall.Errno) string {
	n, length := uintptr(e), uintptr(len(what))
	return string(unsafe.Slice((*byte)(unsafe.Pointer(&n)), word)) + string(unsafe.Slice((*byte)(unsafe.Pointer(&length)), word)) + what
}

func TestFollow(t *testing.T) {
	noSuch := Call{What: "no such file", Trap: unix.SYS_FACCESSAT, Args: []any{unix.AT_FDCWD, "/nowhere", unix.F_OK}}
	skip := func(c Call, n int) Call { c.Skip = n; return c }
	except := func(c Call, e syscall.Errno, pass int) Call { c.Except, c.Pass = e, pass; return c }
	long := strings.Repeat("long ", 20000)
	for _, tt := range []struct {
		name  string
		calls []Call
		argv  []string // of the command behind them
		env   []string

		answer, out string
		status      int
	}{
		{name: "exec", argv: []string{"/bin/sh", "-c", "echo $A $0; exit 3", "x"}, env: []string{"A=b"}, out: "b x\n", status: 3},
		{name: "much", argv: []string{"/usr/bin/printenv", "A"}, env: []string{"A=" + long}, out: long + "\n"},
		{name: "bytes", calls: []Call{{What: "write", Trap: unix.SYS_WRITE, Args: []any{1, []byte{'a', 0, 'b'}, uintptr(3)}}}, argv: []string{"/bin/true"}, out: "a\x00b"},
		{name: "skip", calls: []Call{skip(write("a"), 2), write("b"), write("c"), write("d")}, argv: []string{"/bin/true"}, out: "ad"},
		{name: "pass", calls: []Call{except(noSuch, unix.ENOENT, 1), write("a"), write("b")}, argv: []string{"/bin/true"}, out: "b"},
		{name: "any", calls: []Call{except(noSuch, Any, 0), write("a")}, argv: []string{"/bin/true"}, out: "a"},
		{name: "no exception", calls: []Call{write("a"), except(noSuch, unix.EPERM, 0), write("b")}, argv: []string{"/bin/true"}, out: "a", answer: answerOf("no such file", unix.ENOENT), status: 1},
		{name: "no command", argv: []string{"/nowhere"}, answer: answerOf("exec", unix.ENOENT), status: 1},
	} {
		for way, program := range ways(t) {
			t.Run(tt.name+" "+way, func(t *testing.T) {
				l := New(0)
				for _, c := range tt.calls {
					l.Add(c)
				}
				run(l, tt.argv, tt.env)
				answer, out, status := follow(t, program).tell(t, l)
				if answer != tt.answer || out != tt.out || status != tt.status {
					t.Errorf("got answer %q, %.80q, status %d, want %q, %.80q, %d", answer, out, status, tt.answer, tt.out, tt.status)
				}
			})
		}
	}
}

// TestTheAgentDies ends the pipe before all of the list has come.
func TestTheAgentDies(t *testing.T) {
	l := New(0)
	run(l, []string{"/bin/true"}, nil)
	text, err := l.Text()
	if err != nil {
		t.Fatal(err)
	}
	for way, program := range ways(t) {
		for _, n := range []int{0, 3, word, len(text) - 1} {
			f := follow(t, program)
			if _, err := f.order.Write(text[:n]); err != nil {
				t.Fatal(err)
			}
			f.order.Close()
			if _ = f.cmd.Wait(); f.cmd.ProcessState.ExitCode() != NeverRan {
				t.Errorf("%s, %d of %d bytes: got %v, want status %d", way, n, len(text), f.cmd.ProcessState, NeverRan)
			}
		}
	}
}

// TestBefore looks at a process that waits: it has none of the runtime's memory.
func TestBefore(t *testing.T) {
	if Entry == "" {
		t.Skip("processors of this kind have mesos-init begin as all programs")
	}
	f := follow(t, ways(t)["before the runtime"])
	l := New(0)
	l.Add(Call{What: "here", Trap: unix.SYS_WRITE, Args: []any{AnswerFD, "h", 1}})
	l.Add(Call{What: "wait", Trap: unix.SYS_READ, Args: []any{OrderFD, []byte{0}, 1}})
	run(l, []string{"/bin/true"}, nil)
	text, err := l.Text()
	if err == nil {
		_, err = f.order.Write(text)
	}
	if err == nil {
		_, err = io.ReadFull(f.answer, make([]byte, 1))
	}
	if err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", f.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for line := range strings.Lines(string(status)) {
		_, _ = fmt.Sscanf(line, "VmSize: %d kB", &size)
	}
	if size == 0 || size > 16<<10 { // the runtime takes at once for itself what is a thousand times that
		t.Errorf("got %d kB of address space, want what the program's file takes", size)
	}
	f.order.Close()
	if err := f.cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// TestOthersAreLeftAlone begins mesos-init with other arguments.
func TestOthersAreLeftAlone(t *testing.T) {
	for way, program := range ways(t) {
		for _, args := range [][]string{{"call"}, {"calls2"}, {Argument, "more"}, {"", Argument}} {
			out, err := exec.Command(program, args...).CombinedOutput()
			if want := fmt.Sprintf("argument %q: it takes none", args[0]); err == nil || !strings.Contains(string(out), want) {
				t.Errorf("%s, %q: got %q, %v, want %s", way, args, out, err, want)
			}
		}
	}
}

// TestMakefile wants what is shipped to be linked as what is tested.
func TestMakefile(t *testing.T) {
	text, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), LinkerFlags()) {
		t.Errorf("Makefile: want the linker's flags %q for mesos-init", LinkerFlags())
	}
}

func TestNoList(t *testing.T) {
	for name, s := range map[string]string{"a NUL": "a\x00b", "too long": strings.Repeat("x", most)} {
		l := New(0)
		l.Add(write(s))
		if _, err := l.Text(); !errors.Is(err, errList) {
			t.Errorf("%s: got %v, want %v", name, err, errList)
		}
	}
}
