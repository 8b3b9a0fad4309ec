package boot

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot/early"
)

// TestCallsDoAsRunDoes has commands begin both ways, and tell what they have become.
func TestCallsDoAsRunDoes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give rights and mounts")
	}
	dir, program := t.TempDir(), initProgram(t, early.LinkerFlags())
	inside, file := filepath.Join(dir, "inside"), filepath.Join(dir, "file")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{file, filepath.Join(inside, "hidden")} {
		if err := os.WriteFile(f, []byte("text"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const own = unix.CLONE_NEWNS | unix.CLONE_NEWPID
	proc := Mount{Source: "proc", Target: "/proc", Type: "proc", Flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC}
	tmpfs := Mount{Source: "tmpfs", Target: inside, Type: "tmpfs", Flags: unix.MS_NOSUID, Data: "size=1m,mode=0711"}
	for name, l := range map[string]Launch{
		"nothing":        {},
		"user":           {User: &User{UID: 1234, GID: 2345, Groups: []int{7, 8}}},
		"no groups":      {User: &User{UID: 1234, GID: 2345}, NoNewPrivs: true},
		"limits":         {RLimits: []RLimit{{unix.RLIMIT_NOFILE, 100, 200}, {unix.RLIMIT_CORE, 0, 0}}, User: &User{UID: 1}},
		"namespaces":     {Clone: own, Mounts: []Mount{proc}},
		"mount":          {Clone: own, Mounts: []Mount{proc, tmpfs}},
		"masked":         {Clone: own, Mounts: []Mount{proc}, Masked: []string{inside, file, "/nowhere", "/proc/kcore"}},
		"read-only":      {Clone: own, Mounts: []Mount{proc, tmpfs}, ReadOnly: []string{inside, dir, "/nowhere/else", "/proc/sys"}},
		"host name":      {Clone: unix.CLONE_NEWUTS, Hostname: "other"},
		"cgroups":        {Clone: unix.CLONE_NEWNS, OwnCgroups: true},
		"with parent":    {DieWithParent: true, User: &User{UID: 1, GID: 1}},
		"relative":       {File: "./run"},
		"no command":     {File: "/nowhere"},
		"no directory":   {Dir: "/nowhere"},
		"no mount":       {Clone: own, Mounts: []Mount{{Source: "x", Target: "/nowhere", Type: "tmpfs"}}},
		"no file system": {Clone: own, Mounts: []Mount{{Source: "x", Target: inside, Type: "nothing"}}},
		"no script":      {File: file},
		"strings":        {Argv: []string{"", "a b", ""}, Env: []string{"A=1", "A=2", "no variable", ""}},

		"init":         {Clone: own, Mounts: []Mount{proc}, Init: true, User: &User{UID: 5, GID: 5}, RLimits: []RLimit{{unix.RLIMIT_NOFILE, 100, 200}}},
		"init, shared": {Init: true, DieWithParent: true},
		"its status":   {Clone: own, Mounts: []Mount{proc}, Init: true, File: "/bin/sh", Argv: []string{"sh", "-c", "exit 217"}},
		"its signal":   {Clone: own, Mounts: []Mount{proc}, Init: true, File: "/bin/sh", Argv: []string{"sh", "-c", "kill -9 $$"}},
		"its signal 3": {Clone: own, Mounts: []Mount{proc}, Init: true, File: "/bin/sh", Argv: []string{"sh", "-c", "ulimit -c 0; kill -3 $$"}},
		"not started":  {Clone: own, Init: true, File: "/nowhere"},
		"orphans":      {Clone: own, Mounts: []Mount{proc}, Init: true, File: "/bin/sh", Argv: []string{"sh", "-c", orphans}},
	} {
		t.Run(name, func(t *testing.T) {
			complete(t, &l, dir)
			if l.calls() == nil {
				t.Fatal("want a list of system calls")
			}
			want := begun(t, program, &l, Order{text: orderOf(&l)})
			if got := begun(t, program, &l, NewOrder(&l)); got != want {
				t.Errorf("got\n%s\nwant, as of Run,\n%s", got, want)
			}
		})
	}
}

// TestMain removes the programs that tests have built.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, program := range programs {
		_ = os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}

// programs by the linker's flags.
var programs = make(map[string]string)

func initProgram(t *testing.T, flags string) string {
	t.Helper()
	if programs[flags] != "" {
		return programs[flags]
	}
	dir, err := os.MkdirTemp("", "boot")
	if err != nil {
		t.Fatal(err)
	}
	programs[flags] = filepath.Join(dir, "mesos-init")
	build := exec.Command("go", "build", "-o", programs[flags], "-ldflags="+flags, "mesos/cmd/mesos-init")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return programs[flags]
}

// TestSignalsAreHandedOn sends some to what stays beside a command.
func TestSignalsAreHandedOn(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make pid namespaces")
	}
	const command = `trap 'echo usr1' USR1; trap 'echo cont' CONT; trap 'exit 8' TERM; echo ready; while :; do sleep 0.01; done`
	l := &Launch{Clone: unix.CLONE_NEWPID, Init: true, File: "/bin/sh", Argv: []string{"sh", "-c", command}, Dir: "/", Env: []string{"PATH=/bin:/usr/bin"}}
	for way, flags := range map[string]string{"before the runtime": early.LinkerFlags(), "by the runtime": ""} {
		t.Run(way, func(t *testing.T) {
			said, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer said.Close()
			pid := started(t, initProgram(t, flags), l, NewOrder(l), out)
			out.Close()
			lines := bufio.NewScanner(said)
			for _, step := range []struct {
				want string
				then syscall.Signal
			}{{"ready", syscall.SIGUSR1}, {"usr1", syscall.SIGCONT}, {"cont", syscall.SIGTERM}} {
				if !lines.Scan() || lines.Text() != step.want {
					t.Errorf("got %q, %v, want %q", lines.Text(), lines.Err(), step.want)
				}
				if err := syscall.Kill(pid, step.then); err != nil {
					t.Fatal(err)
				}
			}
			var ws syscall.WaitStatus
			if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil || ws.ExitStatus() != 8 {
				t.Errorf("got %v, %v, want status 8", ws, err)
			}
		})
	}
}

// started is the first process of a container whose command runs.
func started(t *testing.T, program string, l *Launch, o Order, out *os.File) int {
	t.Helper()
	pid, err := launched(t, program, l, o, out)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// orphans is a command that goes on when one that it has left behind has been reaped.
const orphans = `(sh -c 'echo $$ > orphan; echo > orphan.told' &) </dev/null
while [ ! -e orphan.told ] || [ -e /proc/$(cat orphan) ]; do sleep 0.01; done
rm orphan orphan.told; echo reaped`

// complete has a Launch without a command tell about itself.
func complete(t *testing.T, l *Launch, dir string) {
	t.Helper()
	const tells = `#!/bin/sh
grep -E "$PWD| /proc" /proc/self/mountinfo
for f in inside/* file; do echo $f; cat $f; done
for f in inside/new new; do (echo > $f) && rm $f; done
(: >> /proc/sys/kernel/core_pattern) && echo may be changed
grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig[BIC]|Shd)' /proc/self/status
cat /proc/self/limits /proc/self/cgroup
hostname; pwd; 
read pid name state parent group session terminal foreground rest < /proc/$$/stat
[ $parent -le 1 ] && echo $parent $((group == pid)) $((session == pid)) $terminal $foreground
 tr '\0' '\n' < /proc/$$/environ; ls -l /proc/self/fd/; echo $0 "$@" $#
`
	run := filepath.Join(dir, "run")
	if err := os.WriteFile(run, []byte(tells), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if l.File == "" {
		l.File = run
	}
	if l.Dir == "" {
		l.Dir = dir
	}
	if l.Argv == nil {
		l.Argv = []string{"name", "one", "two words"}
	}
	if l.Env == nil {
		l.Env = []string{"PATH=/usr/bin:/bin", "VARIABLE=value"}
	}
}

// launched starts mesos-init and tells it what to run; the error is its.
func launched(t *testing.T, program string, l *Launch, o Order, out *os.File) (int, error) {
	t.Helper()
	pipes, err := NewPipes()
	if err != nil {
		t.Fatal(err)
	}
	defer pipes.Close()
	pid, err := syscall.ForkExec(program, append([]string{"mesos-init"}, o.Arguments...), &syscall.ProcAttr{
		Files: append([]uintptr{out.Fd(), out.Fd(), out.Fd()}, pipes.Child()...), Sys: &syscall.SysProcAttr{Cloneflags: l.Clone},
	})
	if err != nil {
		t.Fatal(err)
	}
	pipes.Started()
	return pid, pipes.Send(o)
}

// begun is what a command tells, or why there is none. What differs from process to
// process is left out.
func begun(t *testing.T, program string, l *Launch, o Order) string {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	pid, sent := launched(t, program, l, o, out)
	var info unix.Siginfo
	for errors.Is(unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT, nil), unix.EINTR) {
	}
	by := EndedBy(pid)
	var ws syscall.WaitStatus
	if _, err := syscall.Wait4(pid, &ws, 0, nil); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.ReplaceAll(text, []byte(out.Name()), []byte("OUTPUT"))
	for from, to := range map[string]string{
		`(?m)^\d+ \d+ \d+:\d+ `:            "MOUNT ",
		`master:\d+`:                       "master",
		`(?m)^l.* (\d+ ->)`:                "$1",
		`/proc/\d+/fd`:                     "/proc/PID/fd",
		`(?m)^Sig(?:Q|Pnd).*\n|^total.*\n`: "",
	} {
		text = regexp.MustCompile(from).ReplaceAll(text, []byte(to))
	}
	said := strings.ReplaceAll(fmt.Sprint(sent), "mount point ", "mount at ") // which is found before it is mounted at, or not
	return strings.TrimSpace(fmt.Sprint(said, " ", ws, " ", by, "\n", string(text)))
}

// TestNotCalls are launches for which more must be known than what to call.
func TestNotCalls(t *testing.T) {
	for name, l := range map[string]*Launch{
		"root":         {Rootfs: "/somewhere"},
		"init":         {Init: true, NoNewPrivs: true},
		"user":         {Remap: "/proc/1/ns/user"},
		"network":      {Join: []Join{{unix.CLONE_NEWNET, "/proc/1/ns/net"}}},
		"loopback":     {Loopback: true},
		"capabilities": {Capabilities: &Capabilities{}},
		"filter":       {Seccomp: make([]byte, 8)},
		"search":       {File: "true", Search: "/bin"},
		"bind":         {Clone: unix.CLONE_NEWNS, Mounts: []Mount{{Source: "/", Target: "/mnt", Flags: unix.MS_BIND}}},
		"made":         {Clone: unix.CLONE_NEWNS, Mounts: []Mount{{Source: "x", Target: "/mnt", Type: "tmpfs", Make: true}}},
	} {
		if o := NewOrder(l); o.Arguments != nil {
			t.Errorf("%s: got %v, want a Launch", name, o.Arguments)
		}
	}
	long := &Launch{Env: []string{strings.Repeat("x", 300<<10)}}
	if o := NewOrder(long); o.Arguments != nil {
		t.Errorf("a long environment: got %v, want a Launch", o.Arguments)
	}
	nul := &Launch{Env: []string{"a\x00b"}}
	if o := NewOrder(nul); o.Arguments != nil {
		t.Errorf("a NUL: got %v, want a Launch", o.Arguments)
	}
}
