package systemd

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mesos/tests/cluster"
	"mesos/tests/vm"
)

// patience is how long the tests wait for what must come. It only ends what hangs.
const patience = 5 * time.Minute

// container is a booted systemd-nspawn container. What is written in it is gone with it.
type container struct {
	t      *testing.T
	leader int // process id, here, of its first process
}

var containers atomic.Int64

// boot starts a container in which the folder binds[path] is found, read-only, at path. netns, "" for one of its own with
// only the loopback interface, is the file of the network namespace to use.
func boot(t *testing.T, netns string, binds map[string]string) *container {
	t.Helper()
	tree := vm.NeedTree(t)
	if _, err := exec.LookPath("systemd-nspawn"); err != nil {
		t.Skipf("no containers here: %v (tests/setup.sh installs what it can)", err)
	}
	name := fmt.Sprintf("mesos-nspawn-%d-%d", os.Getpid(), containers.Add(1))
	network := "--private-network"
	if netns != "" {
		network = "--network-namespace-path=" + netns
	}
	args := []string{"systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--volatile=overlay", network, "--machine=" + name, "--boot", "--directory=" + tree}
	for to, from := range binds {
		args = append(args, "--bind-ro="+from+":"+to)
	}
	// nspawn keeps things in /run and makes control groups beside its own: both get a place that is only for it.
	groups := groupsFor(t, name)
	script := "mount -t tmpfs tmpfs /run && mkdir /run/systemd && "
	for _, g := range groups {
		script += "echo $$ >" + g + "/cgroup.procs && "
	}
	cmd := exec.Command("unshare", append([]string{"--mount", "--propagation", "private", "sh", "-c", script + `exec "$@"`, "sh"}, args...)...)
	cmd.Env = append(os.Environ(), "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1")
	screen := &screen{}
	cluster.StartAtTerminal(t, cmd, screen)
	over := make(chan struct{})
	go func() {
		defer close(over)
		_ = cmd.Wait() // it is killed in the end
	}()
	c := &container{t: t}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		removeGroups(t, groups)
		<-over
	})
	c.await("the container boots", func() error {
		select {
		case <-over:
			t.Fatalf("the container ended; its console says\n%s", screen.String())
		default:
		}
		// Asked anew each time: nspawn has another child before, which ends soon.
		if c.leader = childOf(cmd.Process.Pid); c.leader == 0 {
			return fmt.Errorf("it has no first process; its console says\n%s", screen.String())
		}
		state, _ := c.try("systemctl is-system-running") // its exit code is for what the word says
		if state = strings.TrimSpace(state); state != "running" && state != "degraded" {
			return fmt.Errorf("it is %q", state)
		}
		return nil
	})
	return c
}

// try runs a shell command in the container and returns what it printed.
func (c *container) try(command string) (string, error) {
	if c.leader == 0 {
		return "", fmt.Errorf("no first process")
	}
	cmd := exec.Command("nsenter", "-t", strconv.Itoa(c.leader), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "/bin/sh", "-ec", command)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME=/root", "TERM=dumb", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER="}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run is try for what must succeed, without the space around what is printed.
func (c *container) run(command string) string {
	c.t.Helper()
	out, err := c.try(command)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s\n%s", command, err, out, c.journal())
	}
	return strings.TrimSpace(out)
}

// await waits until f finds nothing to complain of.
func (c *container) await(what string, f func() error) {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: not after %v: %v\n%s", what, patience, err, c.journal())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// prints waits until a command succeeds and prints exactly want.
func (c *container) prints(command, want string) {
	c.t.Helper()
	c.await(command, func() error {
		out, err := c.try(command)
		if out = strings.TrimSpace(out); err == nil && out == want {
			return nil
		}
		return errors.Join(fmt.Errorf("got %q, want %q", out, want), err)
	})
}

// journal is what the daemons said last, for the message of a failure.
func (c *container) journal() string {
	out, _ := c.try("journalctl --no-pager -n 60 -u mesos-master -u mesos-agent")
	return out
}

// property of a unit, as systemctl shows it.
func (c *container) property(unit, name string) string {
	c.t.Helper()
	return c.run("systemctl show --value -p " + name + " " + unit)
}

// childOf is the process whose parent is pid, 0 while there is none.
func childOf(pid int) int {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err == nil {
				return child
			}
		}
	}
	return 0
}

// screen is the console of a container.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}
