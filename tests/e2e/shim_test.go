package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// TestShimDies kills what holds containers of a shim of containerd: the shim itself,
// and the program between it and the agent. The tasks fail, the first with a message
// that says why, and nothing is left; a third one does not notice.
func TestShimDies(t *testing.T) {
	t.Parallel()
	p := programs["shim"]
	c, cl, runtime := startProgrammed(t, p.needs, p.flags)
	const waits = "PATH=/bin; echo begun; while :; do sleep 1; done"
	tasks := []string{"shimless", "left", "stays"}
	c.launchAll(isolatedTask("shimless", "cpus:0.1;mem:32", waits), isolatedTask("left", "cpus:0.1;mem:32", waits), isolatedTask("stays", "cpus:0.1;mem:32", waits))
	sockets := map[string]bool{}
	for _, name := range tasks {
		c.runs(name)
		for _, s := range shimSockets(t, runtime, containerOf(t, cl, name)) {
			sockets[s] = true
		}
	}
	if len(sockets) != len(tasks) {
		t.Fatalf("sockets of shims: got %v, want one for each of %v", sockets, tasks)
	}
	killProgram(t, "containerd-shim-runc-v2", containerOf(t, cl, "shimless"))
	killProgram(t, "mesos-oci", containerOf(t, cl, "left"))
	s := c.ends(t, cl, "shimless", v1.TaskState_TASK_FAILED, "The container's runtime failed: containerd-shim-runc-v2: ")
	if want := "signal Killed: the shim has ended"; !strings.Contains(s.GetMessage(), want) {
		t.Errorf("message of the task whose shim was killed: got %q, want %q in it", s.GetMessage(), want)
	}
	c.ends(t, cl, "left", v1.TaskState_TASK_FAILED, "")
	c.driver.Kill("stays", nil)
	c.ends(t, cl, "stays", v1.TaskState_TASK_KILLED, "")
	nothingProgrammed(t, cl, runtime)
	for s := range sockets {
		if _, err := os.Lstat(s); err == nil {
			t.Errorf("socket of a shim: got %s, want none", s)
		}
	}
}

func containerOf(t *testing.T, cl *cluster.Cluster, task string) string {
	t.Helper()
	runs, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", task, "runs", "latest"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("sandboxes of %s: got %v, %v, want one", task, runs, err)
	}
	to, err := os.Readlink(runs[0])
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(to)
}

// shimSockets are the sockets of the shims of a container.
func shimSockets(t *testing.T, runtime, container string) (paths []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(runtime, "containers", "*", "oci", container, "shimv2.address"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		_, rest, _ := strings.Cut(readFile(f), "unix://")
		path, _, _ := strings.Cut(rest, `"`)
		if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSocket == 0 {
			t.Errorf("address of the shim of %s: got %s, %v, want a socket", container, path, err)
		}
		paths = append(paths, path)
	}
	return paths
}

// killProgram kills the process of a program that has a container in its command line.
func killProgram(t *testing.T, name, container string) {
	t.Helper()
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range procs {
		words := strings.Split(readFile(f), "\x00")
		if filepath.Base(words[0]) != name || !strings.Contains(strings.Join(words, " "), container) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if err == nil {
			err = syscall.Kill(pid, syscall.SIGKILL)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatalf("no process of %s has %s in its command line", name, container)
}
