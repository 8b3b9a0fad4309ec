package containerizer

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"mesos/actors/containerizer/proctree"
	"mesos/actors/fetcher"
	v1 "mesos/messages/mesos/v1"
)

var buildShim = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "shim")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mesos-shim")
	cmd := exec.Command("go", "build", "-o", path, "mesos/cmd/mesos-shim")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// newSupervising is newPosix with a shim.
func newSupervising(t testing.TB) *Posix {
	t.Helper()
	path, err := buildShim()
	if err != nil {
		t.Fatal(err)
	}
	f := fetcher.New(fetcher.Options{})
	p, err := NewPosix(Options{Fetcher: f, Shim: path, Isolation: isolation(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		f.Close()
	})
	return p
}

// outer launches a container that others can be nested in.
func outer(t testing.TB, p *Posix, id string) Config {
	t.Helper()
	c := config(t, id, shell("sleep 1000"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { destroyed(p, id) })
	return c
}

func destroyed(p *Posix, id string) (Exit, bool) {
	exit := p.Wait(id)
	p.Destroy(id)
	e, ok := <-exit
	return e, ok
}

// within is the configuration of a container nested in another.
func within(up Config, name string, c *v1.CommandInfo) Config {
	id := up.ContainerID + "." + name
	dir := filepath.Join(up.Sandbox, "containers", name)
	return Config{
		ContainerID: id, Sandbox: dir, Command: c, Runtime: filepath.Join(filepath.Dir(up.Sandbox), "rt", id),
		Environment: []string{"PATH=/usr/bin:/bin", "MESOS_SANDBOX=" + dir, "MESOS_CONTAINER_ID=" + id},
	}
}

func TestNested(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := within(up, "b", shell("pwd; echo oops >&2; exit 7"))
	e := run(t, p, c)
	if got := syscall.WaitStatus(e.Status).ExitStatus(); got != 7 {
		t.Errorf("got exit status %d (%s), want 7", got, e.Message)
	}
	if got, want := read(t, c.Sandbox, "stdout"), c.Sandbox+"\n"; got != want {
		t.Errorf("stdout: got %q, want %q", got, want)
	}
	if got, want := read(t, c.Sandbox, "stderr"), "oops\n"; got != want {
		t.Errorf("stderr: got %q, want %q", got, want)
	}
}

func TestNestedRefused(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := within(up, "b", program("/no/such/program"))
	_, err := p.Launch(t.Context(), c)
	var le *LaunchError
	if !errors.As(err, &le) || le.Step != StepExec {
		t.Errorf("no program: got %v, want a LaunchError of step exec", err)
	}
	stray := within(Config{ContainerID: "x", Sandbox: up.Sandbox}, "b", shell("true"))
	if _, err := p.Launch(t.Context(), stray); !errors.Is(err, ErrNoParent) {
		t.Errorf("no outer container: got %v, want %v", err, ErrNoParent)
	}
	if _, ok := destroyed(p, "a"); !ok {
		t.Fatal("outer container had ended")
	}
	if _, err := p.Launch(t.Context(), within(up, "c", shell("true"))); !errors.Is(err, ErrNoParent) {
		t.Errorf("outer container ended: got %v, want %v", err, ErrNoParent)
	}
}

// TestOuterTakesNestedAlong ends a container of three levels; the innermost has
// something that daemonized.
func TestOuterTakesNestedAlong(t *testing.T) {
	for _, how := range []string{"destroyed", "killed"} {
		t.Run(how, func(t *testing.T) {
			p := newSupervising(t)
			up := outer(t, p, "a")
			mid := within(up, "b", shell("sleep 1000"))
			in := within(mid, "c", shell("setsid sh -c 'sleep 1000' & echo $! >pid; echo >ready; sleep 1000"))
			var exits []<-chan Exit
			for _, c := range []Config{mid, in} {
				if _, err := p.Launch(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				exits = append(exits, p.Wait(c.ContainerID))
			}
			eventually(t, func() bool { _, err := os.Stat(filepath.Join(in.Sandbox, "ready")); return err == nil })
			outerExit := p.Wait("a")
			if how == "destroyed" {
				p.Destroy("a")
			} else {
				p.mu.Lock()
				pid := p.containers["a"].pid
				p.mu.Unlock()
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
			<-outerExit
			for i, exit := range exits {
				select {
				case <-exit:
				default:
					t.Errorf("nested container %d was not told to have ended before the outer one", i)
				}
			}
			for _, c := range []Config{up, mid, in} {
				if left := proctree.Marked([]string{"MESOS_SANDBOX=" + c.Sandbox}); len(left) > 0 {
					t.Errorf("container %s: processes are left: %v", c.ContainerID, left)
				}
			}
		})
	}
}

func TestSignal(t *testing.T) {
	p := newSupervising(t)
	up := outer(t, p, "a")
	c := within(up, "b", shell("trap 'exit 5' TERM; echo >ready; while :; do sleep 0.01; done"))
	if _, err := p.Launch(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	exit := p.Wait(c.ContainerID)
	eventually(t, func() bool { _, err := os.Stat(filepath.Join(c.Sandbox, "ready")); return err == nil })
	if err := p.Signal(c.ContainerID, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if e := <-exit; syscall.WaitStatus(e.Status).ExitStatus() != 5 {
		t.Errorf("got %s, want exit status 5", e.Message)
	}
	if err := p.Signal("a", syscall.SIGTERM); !errors.Is(err, ErrNotAttachable) {
		t.Errorf("a container without a shim: got %v, want %v", err, ErrNotAttachable)
	}
}
