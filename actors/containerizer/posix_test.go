package containerizer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"mesos/actors/containerizer/proctree"
	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) {
	if os.Args[0] == "mesos-logger" {
		beLogger()
		return
	}
	goleak.VerifyTestMain(m)
}

func TestRun(t *testing.T) {
	tests := []struct {
		name    string
		command *v1.CommandInfo
		status  int
		message string
		stdout  string
	}{
		{"shell", shell("echo hello; exit 3"), 3 << 8, "exited with status 3", "hello\n"},
		{"program in PATH", program("printf", "printf", "%s-%s", "a b", "$HOME"), 0, "exited with status 0", "a b-$HOME"},
		{"argv[0]", program("/bin/sh", "me", "-c", "echo $0"), 0, "exited with status 0", "me\n"},
		{"no arguments", program("/bin/true"), 0, "exited with status 0", ""},
		{"signal", shell("kill -SEGV $$"), 11, "terminated with signal Segmentation fault", ""},
		{"nothing of the agent's environment", program("env"), 0, "exited with status 0", "PATH=/usr/bin:/bin\nMESOS_SANDBOX=%\nMESOS_DIRECTORY=%\n"},
		{"works in the sandbox", shell("pwd -P"), 0, "exited with status 0", "%\n"},
		{"leads its session", shell(`[ "$(ps -o sid= -p $$ | tr -d ' ')" = $$ ] && echo yes`), 0, "exited with status 0", "yes\n"},
		{"no other descriptors", shell("ls /proc/self/fd | wc -l"), 0, "exited with status 0", "4\n"}, // and that of ls
	}
	// A descriptor that the agent itself got from its parent.
	inherited, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(inherited)
	p := newPosix(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "no other descriptors" {
				syscall.CloseOnExec(inherited)
			}
			c := config(t, "c", tt.command)
			e := run(t, p, c)
			if e.Status&^0x80 != tt.status || !strings.HasPrefix(e.Message, tt.message) || e.HasReason {
				t.Errorf("got %+v, want status %d, %q", e, tt.status, tt.message)
			}
			if got, want := read(t, c.Sandbox, "stdout"), strings.ReplaceAll(tt.stdout, "%", c.Sandbox); got != want {
				t.Errorf("got output %q, want %q", got, want)
			}
		})
	}
}

func TestSandbox(t *testing.T) {
	p := newPosix(t)
	old := syscall.Umask(0o077)
	defer syscall.Umask(old)
	c := config(t, "first", shell("echo out; echo err >&2"))
	run(t, p, c)
	run(t, p, c) // outputs are appended to
	runs := filepath.Dir(c.Sandbox)
	for name, want := range map[string]string{"latest/stdout": "out\nout\n", "latest/stderr": "err\nerr\n"} {
		if got := read(t, runs, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for dir, want := range map[string]fs.FileMode{c.Sandbox: 0o750, runs: 0o755} {
		if i, err := os.Stat(dir); err != nil || i.Mode().Perm() != want {
			t.Errorf("%s: got %v, %v, want %v", dir, i.Mode(), err, want)
		}
	}
	next := c
	next.ContainerID, next.Sandbox = "second", filepath.Join(runs, "second")
	run(t, p, next)
	if got, _ := os.Readlink(filepath.Join(runs, "latest")); got != "second" {
		t.Errorf("latest: got %q, want %q", got, "second")
	}
}

func TestSameIDTwice(t *testing.T) {
	p := newPosix(t)
	c := config(t, "c", shell("sleep 1000"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Launch(t.Context(), c); !errors.Is(err, ErrExists) {
		t.Errorf("got %v, want ErrExists", err)
	}
	w := p.Wait("c")
	p.Destroy("c")
	if e := <-w; e.Status != int(syscall.SIGKILL) {
		t.Errorf("got %+v, want killed", e)
	}
}

func TestWait(t *testing.T) {
	p := newPosix(t)
	c := config(t, "c", shell("read x < fifo"))
	os.MkdirAll(c.Sandbox, 0o755)
	fifo := filepath.Join(c.Sandbox, "fifo")
	syscall.Mkfifo(fifo, 0o600)
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	a, b := p.Wait("c"), p.Wait("c")
	f, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	for _, ch := range []<-chan Exit{a, b} {
		if e, ok := <-ch; !ok || e.Status != 1<<8 {
			t.Errorf("got %+v, %v, want status 1", e, ok)
		}
		if e, ok := <-ch; ok {
			t.Errorf("got a second exit %+v", e)
		}
	}
	if e, ok := <-p.Wait("c"); ok {
		t.Errorf("got %+v after it was collected, want nothing", e)
	}
}

func TestLateAskersAndBoundedMemory(t *testing.T) {
	p := newPosix(t)
	for i := range maxEnded + 10 {
		id := strconv.Itoa(i)
		c := &container{id: id, ended: make(chan struct{})}
		p.containers[id] = c
		p.end(c, Exit{Status: i})
	}
	if len(p.containers) != maxEnded || len(p.ended) != maxEnded {
		t.Errorf("got %d containers and %d ended, want %d of each", len(p.containers), len(p.ended), maxEnded)
	}
	if e, ok := <-p.Wait("5"); ok {
		t.Errorf("got %+v of a container that was forgotten, want nothing", e)
	}
	if e, ok := <-p.Wait("20"); !ok || e.Status != 20 {
		t.Errorf("got %+v, %v, want status 20", e, ok)
	}
	if e, ok := <-p.Wait("20"); ok {
		t.Errorf("got %+v a second time", e)
	}
}

func TestCloseLetsContainersRun(t *testing.T) {
	f := fetcher.New(fetcher.Options{})
	defer f.Close()
	p, err := NewPosix(Options{Fetcher: f, Isolation: isolation(t)})
	if err != nil {
		t.Fatal(err)
	}
	proc, err := p.Launch(t.Context(), config(t, "c", program("sleep", "sleep", "1000")))
	if err != nil {
		t.Fatal(err)
	}
	w := p.Wait("c")
	p.Close()
	if e, ok := <-w; ok {
		t.Errorf("got %+v, want a channel closed without an exit", e)
	}
	if !proctree.Alive(proc.PID) {
		t.Error("got the container dead, want it alive")
	}
	syscall.Kill(proc.PID, syscall.SIGKILL)
	reap(proc.PID)
	if _, err := p.Launch(t.Context(), config(t, "d", shell("true"))); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}
