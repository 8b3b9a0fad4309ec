package containerizer

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

const pidNamespaces = "cgroups/all,namespaces/pid"

func amounts(t testing.TB, text string) resources.Resources {
	t.Helper()
	r, err := resources.Parse(text, "*")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sharePIDs() *v1.ContainerInfo {
	return &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{SharePidNamespace: proto.Bool(true)}}
}

// TestOwnProcesses wants a container to see its own processes alone, as the
// first of which something reaps.
func TestOwnProcesses(t *testing.T) {
	p := newIsolated(t, pidNamespaces, cgroups.Options{})
	const seen = `cd /proc; echo [0-9]*; echo $PPID; (setsid sleep 0 &); exit 5`
	for _, tt := range []struct {
		name   string
		reaper bool
		info   *v1.ContainerInfo
		want   string
	}{
		{"init", false, nil, "\n1\n"},            // that is its parent
		{"reaps by itself", true, nil, "1\n0\n"}, // it has none that it could see
		{"shared", false, sharePIDs(), "\n" + fmt.Sprint(os.Getpid()) + "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, "c", shell(seen))
			c.Reaper, c.Info = tt.reaper, tt.info
			e := run(t, p, c)
			if got := syscall.WaitStatus(e.Status); got.ExitStatus() != 5 {
				t.Errorf("got %s, want status 5", e.Message)
			}
			if got := read(t, c.Sandbox, "stdout"); !strings.HasSuffix(got, tt.want) {
				t.Errorf("got processes and parent %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNestedNamespaces nests containers in one with a pid namespace.
func TestNestedNamespaces(t *testing.T) {
	p := newIsolated(t, pidNamespaces, cgroups.Options{})
	up := outer(t, p, "a")
	const others = `cat /proc/[0-9]*/cmdline | tr '\0' ' ' | grep -c 'sleep 100[0]'`
	session := within(up, "s", shell(others))
	session.Session, session.Sandbox = true, up.Sandbox
	shared := within(up, "shared", shell(others))
	shared.Info = sharePIDs()
	for _, c := range []struct {
		Config
		want string
	}{{within(up, "own", shell(others)), "0\n"}, {shared, "1\n"}, {session, "1\n"}} {
		t.Run(c.ContainerID, func(t *testing.T) {
			if _, err := p.Launch(t.Context(), c.Config); err != nil {
				t.Fatal(err)
			}
			got := ""
			if c.Session {
				out, _, err := all(t, attached(t, p, c.ContainerID))
				if err != nil {
					t.Fatal(err)
				}
				got = out
			}
			<-p.Wait(c.ContainerID)
			if !c.Session {
				got = read(t, c.Sandbox, "stdout")
			}
			if got != c.want {
				t.Errorf("processes of the outer container seen: got %q, want %q", got, c.want)
			}
		})
	}
}

// TestNothingOfASharedContainerLives kills what daemonized in a container that
// shares all of its parent's limits and processes.
func TestNothingOfASharedContainerLives(t *testing.T) {
	p := newIsolated(t, pidNamespaces, cgroups.Options{})
	up := outer(t, p, "a")
	c := within(up, "b", shell(`(setsid env -i /bin/sleep 4242 &); echo > ready; sleep 1000`))
	c.Info = sharePIDs()
	exit := launched(t, p, c)
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(c.Sandbox, "ready")); return err == nil })
	p.Destroy(c.ContainerID)
	<-exit
	if left := sleepers("4242"); left != nil {
		t.Errorf("got %v alive, want none", left)
	}
	if _, err := p.Usage("a"); err != nil {
		t.Errorf("usage of the outer container: %v", err)
	}
}

func sleepers(mark string) (pids []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, l := range lines {
		if b, err := os.ReadFile(l); err == nil && strings.Contains(string(b), "sleep\x00"+mark) {
			pids = append(pids, l)
		}
	}
	return pids
}

// TestOutOfMemoryIsTold wants the Exit to have the figures, however the container
// ended.
func TestOutOfMemoryIsTold(t *testing.T) {
	for name, line := range map[string]string{"ends by it": "exec tail /dev/zero", "lives on": "tail /dev/zero; sleep 1000"} {
		t.Run(name, func(t *testing.T) {
			p := newIsolated(t, pidNamespaces, cgroups.Options{})
			c := config(t, "c", shell(line))
			c.Resources = amounts(t, "cpus:0.5;mem:48")
			e := run(t, p, c)
			if !e.HasReason || e.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY || !strings.Contains(e.Message, "Requested: 48MB Limit: 48MB") {
				t.Errorf("got %+v, want REASON_CONTAINER_LIMITATION_MEMORY with figures", e)
			}
			if len(e.Limitation) != 1 || e.Limitation[0].GetName() != "mem" {
				t.Errorf("limitation: got %v, want mem", e.Limitation)
			}
		})
	}
}

// TestWaitsForIsolation has the agent die before the container is isolated.
func TestWaitsForIsolation(t *testing.T) {
	needLinux(t)
	dir, err := helpers()
	if err != nil {
		t.Fatal(err)
	}
	pipes, err := boot.NewPipes()
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	pid, err := syscall.ForkExec(filepath.Join(dir, initProgram), []string{initProgram}, &syscall.ProcAttr{
		Files: append([]uintptr{null.Fd(), null.Fd(), null.Fd()}, pipes.Child()...),
	})
	if err != nil {
		t.Fatal(err)
	}
	pipes.Close()
	if ws, err := reap(pid); err != nil || ws.ExitStatus() != boot.NeverRan {
		t.Errorf("got %v, %v, want status %d", ws, err, boot.NeverRan)
	}
}

// TestRecoverIsolated restarts the agent: containers live on, are counted and
// limited again, and nothing that it does not know is left.
func TestRecoverIsolated(t *testing.T) {
	first := newIsolated(t, pidNamespaces, cgroups.Options{})
	up := config(t, "a", shell("sleep 1000"))
	inner := within(up, "b", shell("while [ ! -e go ]; do sleep 0.01; done; tail /dev/zero; sleep 1000"))
	inner.Info = &v1.ContainerInfo{LinuxInfo: &v1.LinuxInfo{ShareCgroups: proto.Bool(false)}}
	inner.Resources = amounts(t, "cpus:0.5;mem:48")
	orphan := config(t, "orphan", shell("sleep 1000"))
	var known []Known
	for _, c := range []Config{up, inner, orphan} {
		proc, err := first.Launch(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = reap(proc.PID) }() // as the machine's first process does
		known = append(known, Known{ContainerID: c.ContainerID, Sandbox: c.Sandbox, Process: proc, Runtime: c.Runtime, Info: c.Info})
	}
	first.Close()
	second := newIsolated(t, pidNamespaces, cgroups.Options{})
	alive, err := second.Recover("/nowhere", known[:2])
	if err != nil || len(alive) != 2 {
		t.Fatalf("got %v, %v, want two alive", alive, err)
	}
	eventually(t, func() bool { return !proctree.Alive(known[2].Process.PID) })
	if s, err := second.Usage(inner.ContainerID); err != nil || s.GetMemLimitBytes() != 48<<20 {
		t.Errorf("usage: got %v, %v, want a limit of 48 MB", s, err)
	}
	again := within(up, "c", shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
	again.Info = sharePIDs()
	if run(t, second, again); !strings.Contains(read(t, again.Sandbox, "stdout"), "sleep 1000") {
		t.Error("a container that is nested now does not see the outer one's processes")
	}
	exit := second.Wait(inner.ContainerID)
	if err := os.WriteFile(filepath.Join(inner.Sandbox, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if e := <-exit; e.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
		t.Errorf("end: got %+v, want REASON_CONTAINER_LIMITATION_MEMORY", e)
	}
	destroyed(second, "a")
}

// TestTerminalInNamespace gives the command of a pid namespace a terminal.
func TestTerminalInNamespace(t *testing.T) {
	p := newIsolated(t, pidNamespaces, cgroups.Options{})
	up := outer(t, p, "a")
	c := within(up, "b", shell("read x; tty >/dev/null && echo got $x; trap 'exit 6' INT; echo ready; while :; do sleep 0.01; done"))
	c.TTY = &v1.TTYInfo{}
	exit := launched(t, p, c)
	in := input(t, p, c.ContainerID)
	defer in.Close()
	if _, err := in.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return strings.Contains(read(t, c.Sandbox, "stdout"), "got hello\r\nready") })
	if _, err := in.Write([]byte{3}); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	if e := <-exit; syscall.WaitStatus(e.Status).ExitStatus() != 6 {
		t.Errorf("got %s, want status 6", e.Message)
	}
}
