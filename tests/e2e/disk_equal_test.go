package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/isolators"
	"mesos/isolators/disk"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// startDisks starts an agent with disk to give, and some containerizer.
func startDisks(t *testing.T, maker string, flags ...string) (c *checked, cl *cluster.Cluster, task func(line string) *v1.TaskInfo) {
	t.Helper()
	at := plainRegistry(t)
	flags, _ = madeBy(t, maker, at, append(flags, "--executor_reregistration_timeout=15secs")...)
	cl = cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:1;mem:128;disk:64;ports:[31000-31000]", AgentFlags: flags})
	return asIsolated(t, cl), cl, func(line string) *v1.TaskInfo {
		task := plainTask(maker, at, "task", inShell(line))
		task.Resources = resources.MustParse("cpus:0.5;mem:64;disk:4").Proto()
		return task
	}
}

// TestDiskEqual has a task keep more than it may, in containers of every kind.
func TestDiskEqual(t *testing.T) {
	t.Parallel()
	for _, maker := range []string{"mesos", "docker", "runc", "crun", "lxc", "shim"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			c, cl, task := startDisks(t, maker, "--isolation=filesystem/linux,docker/runtime,disk/du", "--enforce_container_disk_quota", "--container_disk_watch_interval=100ms")
			c.launch(c.offer("cpus:1;mem:128;disk:64;ports:[31000-31000]"), nil, task("cd $MESOS_SANDBOX; busybox dd if=/dev/zero of=big bs=1048576 count=8; while :; do sleep 1; done"))
			if s := c.ends(t, cl, "task", v1.TaskState_TASK_FAILED, "exceeds quota (4MB)"); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LIMITATION_DISK {
				t.Errorf("reason of the end: got %v, want REASON_CONTAINER_LIMITATION_DISK", s.GetReason())
			}
		})
	}
}

// TestLoopEqual has a task find its sandbox full, also after the death of the agent, and
// what it wrote be there when it is over.
func TestLoopEqual(t *testing.T) {
	t.Parallel()
	needLoops(t)
	for _, maker := range []string{"mesos", "runc", "crun", "lxc", "shim"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			c, cl, task := startDisks(t, maker, "--isolation=filesystem/linux,docker/runtime,disk/loop")
			const line = `cd $MESOS_SANDBOX; fill() { busybox dd if=/dev/zero of=$1 bs=65536 count=128 2>/dev/null && echo room || echo full; busybox rm $1; }
				echo mine >kept; fill one; while [ ! -e enough ]; do sleep 1; done; fill two`
			c.launch(c.offer("cpus:1;mem:128;disk:64;ports:[31000-31000]"), nil, task(line))
			c.runs("task")
			eventually(t, "the task to have found out", func() bool { return strings.Contains(sandboxFile(t, cl, "task", "stdout"), "\n") })
			cl.Agents[0].Kill()
			cl.Agents[0].Restart()
			cl.WaitAgents(1)
			if err := os.WriteFile(filepath.Join(filepath.Dir(sandboxPath(t, cl, "task")), "enough"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			c.ends(t, cl, "task", v1.TaskState_TASK_FINISHED, "")
			eventually(t, "the file system to be gone", func() bool {
				left, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "loops*", "*"))
				return err == nil && len(left) == 0
			})
			if out, kept := sandboxFile(t, cl, "task", "stdout"), sandboxFile(t, cl, "task", "kept"); out != "full\nfull\n" || kept != "mine\n" {
				t.Errorf("the sandbox afterwards: got output %q and file %q, want full twice, and what was written", out, kept)
			}
		})
	}
}

// needLoops skips where file systems of a fixed size cannot be made.
func needLoops(t *testing.T) {
	t.Helper()
	k, err := disk.NewLoop(disk.LoopOptions{Dir: t.TempDir()})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	k.Close()
}
