package containerizer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newPosix(t testing.TB) *Posix {
	t.Helper()
	f := fetcher.New(fetcher.Options{})
	p, err := NewPosix(Options{Fetcher: f})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		f.Close()
	})
	return p
}

func shell(line string) *v1.CommandInfo { return &v1.CommandInfo{Value: &line} }

func program(value string, args ...string) *v1.CommandInfo {
	no := false
	return &v1.CommandInfo{Shell: &no, Value: &value, Arguments: args}
}

// config of a container whose sandbox is in the Mesos layout.
func config(t testing.TB, id string, c *v1.CommandInfo) Config {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runs", id)
	return Config{ContainerID: id, Sandbox: dir, Command: c, Environment: []string{
		"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + dir, "MESOS_DIRECTORY=" + dir,
	}}
}

func run(t *testing.T, p *Posix, c Config) Exit {
	t.Helper()
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	e, ok := <-p.Wait(c.ContainerID)
	if !ok {
		t.Fatalf("got no exit of container %s, want one", c.ContainerID)
	}
	return e
}

func read(t testing.TB, elem ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
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

func TestUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can switch users")
	}
	a, err := launch.LookupAccount("nobody")
	if err != nil {
		t.Skipf("no user to switch to: %v", err)
	}
	p := newPosix(t)
	// t.TempDir is closed to others.
	top, err := os.MkdirTemp("", "containerizer")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(top)
	os.Chmod(top, 0o755)
	c := config(t, "c", shell("id -u; id -G; touch made; stat -c %u . stdout made"))
	c.Sandbox, c.User = filepath.Join(top, "a/b"), "nobody"
	run(t, p, c)
	var groups []string
	for _, g := range a.Groups {
		groups = append(groups, strconv.Itoa(int(g)))
	}
	id := fmt.Sprint(a.UID)
	want := id + "\n" + strings.Join(groups, " ") + "\n" + strings.Repeat(id+"\n", 3)
	if got := read(t, c.Sandbox, "stdout"); got != want {
		t.Errorf("got %q, want %q (stderr %q)", got, want, read(t, c.Sandbox, "stderr"))
	}
}

func TestUserSwitchNeedsRoot(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("runs as root, who can switch")
	}
	_, err := newPosix(t).Launch(t.Context(), func() Config { c := config(t, "c", shell("true")); c.User = "root"; return c }())
	if !errors.Is(err, launch.ErrUser) || !strings.Contains(err.Error(), "only root") {
		t.Errorf("got %v, want ErrUser that says who may", err)
	}
}

func TestOwnUserIsNoSwitch(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Skip(err)
	}
	c := config(t, "c", shell("true"))
	c.User = me.Username
	if e := run(t, newPosix(t), c); e.Status != 0 {
		t.Errorf("got %+v, want status 0", e)
	}
}

func TestLaunchErrors(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	os.WriteFile(script, []byte("not a program"), 0o755)
	blocked := filepath.Join(t.TempDir(), "file")
	os.WriteFile(blocked, nil, 0o644)
	gone := "/no/such/file"
	with := func(c *v1.CommandInfo, change func(*Config)) func(*Config) {
		return func(cfg *Config) {
			cfg.Command = c
			if change != nil {
				change(cfg)
			}
		}
	}
	tests := []struct {
		name string
		set  func(*Config)
		step Step
		is   error
		word string
	}{
		{"unknown user", with(shell("true"), func(c *Config) { c.User = "no-such-user" }), StepUser, launch.ErrUser, "no-such-user"},
		{"sandbox in a file", with(shell("true"), func(c *Config) { c.Sandbox = blocked + "/x" }), StepSandbox, nil, blocked},
		{"fetch", with(&v1.CommandInfo{Value: &gone, Uris: []*v1.CommandInfo_URI{{Value: &gone}}}, nil), StepFetch, fs.ErrNotExist, gone},
		{"no program", with(program("no-such-program"), nil), StepExec, launch.ErrCommand, `"no-such-program"`},
		{"no file", with(program("/no/such/program"), nil), StepExec, launch.ErrExec, "/no/such/program"},
		{"not executable", with(program("/etc/passwd"), nil), StepExec, fs.ErrPermission, "/etc/passwd"},
		{"not a program", with(program(script), nil), StepExec, launch.ErrExec, "#!"},
		{"no value", with(&v1.CommandInfo{}, nil), StepExec, launch.ErrCommand, "command.value"},
		{"nul in an argument", with(program("/bin/true", "a", "b\x00"), nil), StepExec, launch.ErrCommand, "arguments[1]"},
		{"nul in the environment", with(shell("true"), func(c *Config) { c.Environment = []string{"BAD=\x00"} }), StepExec, launch.ErrExec, `"BAD"`},
	}
	p := newPosix(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, "c", nil)
			tt.set(&c)
			_, err := p.Launch(t.Context(), c)
			var l *LaunchError
			if !errors.As(err, &l) || l.Step != tt.step || l.ContainerID != "c" {
				t.Fatalf("got %v, want a LaunchError of step %s", err, tt.step)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v, want %v", err, tt.is)
			}
			if !strings.Contains(err.Error(), tt.word) {
				t.Errorf("got %q, want it to say %q", err, tt.word)
			}
			if l.Reason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
				t.Errorf("got reason %v, want REASON_CONTAINER_LAUNCH_FAILED", l.Reason())
			}
			if e, ok := <-p.Wait("c"); ok {
				t.Errorf("got exit %+v, want none", e)
			}
		})
	}
}

// slow is a fetcher that waits until it is told to stop.
type slow chan struct{}

func (s slow) Fetch(ctx context.Context, _ fetcher.Request) error {
	close(s)
	<-ctx.Done()
	return context.Cause(ctx)
}

func TestLaunchCutShort(t *testing.T) {
	tests := []struct {
		name   string
		cut    func(p *Posix, cancel func())
		want   error
		reason v1.TaskStatus_Reason
	}{
		{"destroy", func(p *Posix, _ func()) { p.Destroy("c") }, ErrDestroyed, v1.TaskStatus_REASON_TASK_KILLED_DURING_LAUNCH},
		{"cancel", func(_ *Posix, cancel func()) { cancel() }, context.Canceled, v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := make(slow)
			p := newPosix(t)
			p.fetcher = s
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-s
				tt.cut(p, cancel)
			}()
			_, err := p.Launch(ctx, config(t, "c", shell("true")))
			var l *LaunchError
			if !errors.As(err, &l) || !errors.Is(err, tt.want) || l.Reason() != tt.reason {
				t.Errorf("got %v, want %v with reason %v", err, tt.want, tt.reason)
			}
			cancel()
		})
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
		c := &container{id: id}
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

// await reads process ids that a container's processes wrote into files.
func await(t *testing.T, dir string, names ...string) (pids []int) {
	t.Helper()
	for _, n := range names {
		for {
			b, _ := os.ReadFile(filepath.Join(dir, n))
			if pid, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil {
				pids = append(pids, pid)
				break
			}
			time.Sleep(time.Millisecond)
		}
	}
	return pids
}

// family is a child, a grandchild, one in another process group, and a daemon:
// its parent ended and its session is its own.
const family = `
sh -c 'sleep 1000 & echo $! > grandchild; wait' & echo $! > child
timeout 1000 sleep 1000 & echo $! > group
setsid sh -c 'setsid sleep 1000 & echo $! > daemon'
`

var members = []string{"child", "grandchild", "group", "daemon"}

func TestDestroyKillsTheWholeTree(t *testing.T) {
	p := newPosix(t)
	c := config(t, "c", shell(family+"wait"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	pids := await(t, c.Sandbox, members...)
	w := p.Wait("c")
	p.Destroy("c")
	p.Destroy("c")
	if e := <-w; e.Status != int(syscall.SIGKILL) {
		t.Errorf("got %+v, want killed", e)
	}
	for i, pid := range pids {
		if proctree.Alive(pid) {
			t.Errorf("got the %s alive, want it dead", members[i])
		}
	}
}

func TestLeftovers(t *testing.T) {
	tests := []struct {
		name, end string
		daemon    bool // survives until Destroy
	}{
		{"exit", "exit 0", true},
		{"killed", "kill -KILL $$", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPosix(t)
			c := config(t, "c", shell(family+"while ! [ -s grandchild -a -s daemon ]; do :; done\n"+tt.end))
			if _, err := p.Launch(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			// No Wait yet: a container whose Exit was collected is forgotten.
			pids := await(t, c.Sandbox, members...)
			for p.alive("c") {
				time.Sleep(time.Millisecond)
			}
			for i, pid := range pids[:3] {
				if proctree.Alive(pid) {
					t.Errorf("got the %s alive, want it dead", members[i])
				}
			}
			if got := proctree.Alive(pids[3]); got != tt.daemon {
				t.Errorf("got the daemon alive %v, want %v", got, tt.daemon)
			}
			p.Destroy("c")
			for proctree.Alive(pids[3]) {
				time.Sleep(time.Millisecond)
			}
			if _, ok := <-p.Wait("c"); !ok {
				t.Error("got no exit, want it kept for the late asker")
			}
		})
	}
}

// alive tells whether a container has no Exit yet.
func (p *Posix) alive(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.containers[id] != nil && p.containers[id].exit == nil
}

func TestCloseLetsContainersRun(t *testing.T) {
	f := fetcher.New(fetcher.Options{})
	defer f.Close()
	p, err := NewPosix(Options{Fetcher: f})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := p.Launch(t.Context(), config(t, "c", program("sleep", "sleep", "1000")))
	if err != nil {
		t.Fatal(err)
	}
	w := p.Wait("c")
	p.Close()
	if e, ok := <-w; ok {
		t.Errorf("got %+v, want a channel closed without an exit", e)
	}
	if !proctree.Alive(pid) {
		t.Error("got the container dead, want it alive")
	}
	syscall.Kill(pid, syscall.SIGKILL)
	reap(pid)
	if _, err := p.Launch(t.Context(), config(t, "d", shell("true"))); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v, want ErrClosed", err)
	}
}

func TestManyLeaveNothing(t *testing.T) {
	p := newPosix(t)
	run(t, p, config(t, "warm", shell("true")))
	before := len(openFiles(t))
	top := t.TempDir()
	errs := make(chan error, 200)
	for i := range 200 {
		go func() {
			id := strconv.Itoa(i)
			c := Config{ContainerID: id, Sandbox: filepath.Join(top, id), Command: shell("sleep 1000 & exit 0"), Environment: []string{"PATH=/bin:/usr/bin", "MESOS_SANDBOX=" + filepath.Join(top, id)}}
			if _, err := p.Launch(t.Context(), c); err != nil {
				errs <- err
				return
			}
			if e := <-p.Wait(id); e.Status != 0 {
				errs <- fmt.Errorf("got %+v, want status 0", e)
				return
			}
			errs <- nil
		}()
	}
	var marks []string
	for i := range 200 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
		marks = append(marks, "MESOS_SANDBOX="+filepath.Join(top, strconv.Itoa(i)))
	}
	if left := proctree.Marked(marks); len(left) > 0 {
		t.Errorf("got %d processes left: %v", len(left), left)
	}
	if kids := proctree.Descendants(os.Getpid()); len(kids) > 0 {
		t.Errorf("got children %v, want all reaped", kids)
	}
	if after := len(openFiles(t)); after > before {
		t.Errorf("got %d open files, want %d as before: %v", after, before, openFiles(t))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.containers) > 0 {
		t.Errorf("got %d containers remembered, want none", len(p.containers))
	}
}

func openFiles(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func BenchmarkContainer(b *testing.B) {
	p := newPosix(b)
	top := b.TempDir()
	i := 0
	for b.Loop() {
		i++
		id := strconv.Itoa(i)
		c := Config{ContainerID: id, Sandbox: filepath.Join(top, id), Command: program("/bin/true"), Environment: []string{}}
		if _, err := p.Launch(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		<-p.Wait(id)
	}
}

func BenchmarkForkExecOnly(b *testing.B) {
	for b.Loop() {
		p, err := launch.Start(launch.Spec{File: "/bin/true", Argv: []string{"true"}, Env: []string{}, Files: [3]uintptr{0, 1, 2}})
		if err != nil {
			b.Fatal(err)
		}
		reap(p.PID)
		syscall.Close(p.PIDFD)
	}
}
