package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// gpuMachine makes what a machine with two GPUs has, with a file of the Container
// Device Interface: a node and a variable for each, a library for all, and a hook
// unless it is left out.
func gpuMachine(t *testing.T, hook bool) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, d := range []string{"dev", "etc/cdi", "lib"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, minor := range map[string]uint32{"nvidia0": 0, "nvidia1": 1, "nvidiactl": 255} {
		const major = 195
		if err := unix.Mknod(filepath.Join(root, "dev", name), unix.S_IFCHR|0o666, int(unix.Mkdev(major, minor))); err != nil {
			t.Skip("device nodes cannot be made: ", err)
		}
	}
	device := func(n int) string {
		return fmt.Sprintf(`{"name": "%d", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia%d"}], "env": ["GPU_%d=given"]}}`, n, n, n)
	}
	hooks := ""
	if hook {
		hooks = `, "hooks": [{"hookName": "createContainer", "path": "/lib/hook", "args": ["hook", "of the GPU"], "env": ["PATH=/usr/bin:/bin"], "timeout": 60}]`
	}
	files := map[string]string{
		"etc/cdi/gpu.json": fmt.Sprintf(`{"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": [%s, %s], "containerEdits": {
			"deviceNodes": [{"path": "/dev/nvidiactl"}], "mounts": [{"hostPath": "/lib/cuda", "containerPath": "/opt/gpu/cuda.1", "options": ["ro", "bind"]}]%s}}`, device(0), device(1), hooks),
		"lib/cuda": "library\n",
		// As those of NVIDIA, it finds the root by the bundle that its standard input names.
		"lib/hook": `#!/bin/sh
bundle=$(sed 's/.*"bundle":"\([^"]*\)".*/\1/') || exit
top=$(sed 's/.*"path":"\([^"]*\)".*/\1/' "$bundle/config.json") || exit
[ "$(cat "$top/opt/gpu/cuda.1")" = library ] || { echo not mounted yet; exit 1; }
ln -s cuda.1 "$top/opt/gpu/cuda" && echo "$1" >"$top/srv/hooked"
`,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// looksAtGPUs tells which GPUs a task finds, which it can open, whether by a node of
// its own making, and what came with them. A node without a driver that may be opened
// is no device, one that may not is refused.
const looksAtGPUs = `PATH=/bin; echo sees $NVIDIA_VISIBLE_DEVICES: $GPU_0$GPU_1: /dev/nvidia*
for n in 0 1 255; do mknod /tmp/n$n c 195 $n; done
for n in /dev/nvidia[0-9] /dev/nvidiactl; do (: <$n) 2>&1 | grep -q 'No such device' && echo opens $n; done
for n in 0 1; do (: </tmp/n$n) 2>&1 | grep -q 'No such device' && [ ! -e /dev/nvidia$n ] && echo opens the other $n; done
cat /opt/gpu/cuda.1; touch /opt/gpu/cuda.1 2>/dev/null && echo written; cat /opt/gpu/cuda /srv/hooked 2>/dev/null; echo done; while [ ! -e $MESOS_SANDBOX/enough ]; do sleep 1; done`

// gpuSeen is what it tells of GPU n.
func gpuSeen(n int, hook bool) string {
	text := fmt.Sprintf("sees %d: given: /dev/nvidia%d /dev/nvidiactl\nopens /dev/nvidia%d\nopens /dev/nvidiactl\nlibrary\n", n, n, n)
	if hook {
		text += "library\nof the GPU\n"
	}
	return text + "done\n"
}

// TestGPUsEqual gives tasks GPUs in containers of every kind: each has its own, with
// what comes with it, and not its neighbour's, also after the death of the agent.
func TestGPUsEqual(t *testing.T) {
	t.Parallel()
	at := plainRegistry(t)
	for _, maker := range []string{"mesos", "docker", "runc", "crun", "lxc", "shim"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			testGPUsIn(t, maker, at)
		})
	}
}

// startGPUs starts an agent with two GPUs and some containerizer.
func startGPUs(t *testing.T, maker, registry string, hook bool) (*checked, *cluster.Cluster) {
	t.Helper()
	needDevices(t)
	flags, _ := madeBy(t, maker, registry, "--isolation=filesystem/linux,docker/runtime,namespaces/pid,cgroups/devices,gpu/nvidia", "--nvidia_root="+gpuMachine(t, hook),
		"--executor_reregistration_timeout=15secs")
	cl := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000];gpus:2", AgentFlags: flags})
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("gpus"), Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(60),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_GPU_RESOURCES.Enum()}},
	}
	return &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}, cl
}

// gpuTask is one that looks at its GPU and stays.
func gpuTask(name, maker, registry string) *v1.TaskInfo {
	task := plainTask(maker, registry, name, inShell(looksAtGPUs))
	task.Resources = resources.MustParse("cpus:0.25;mem:32;gpus:1").Proto()
	return task
}

func testGPUsIn(t *testing.T, maker, registry string) {
	hook := maker != "docker"
	c, cl := startGPUs(t, maker, registry, hook)
	// What is left is not offered again, however long all this takes: only with what a task gives back.
	rest := &v1.Filters{RefuseSeconds: proto.Float64(3600)}
	c.launch(c.offer("cpus:4;gpus:2;mem:1024;ports:[31000-31000]"), rest, gpuTask("first", maker, registry), gpuTask("second", maker, registry))
	looked := func(task string) string {
		t.Helper()
		c.runs(task)
		eventually(t, "task "+task+" to have looked around", func() bool { return strings.HasSuffix(sandboxFile(t, cl, task, "stdout"), "done\n") })
		return sandboxFile(t, cl, task, "stdout")
	}
	first, second := looked("first"), looked("second")
	firsts := 0
	if strings.HasPrefix(first, "sees 1") {
		firsts = 1
	}
	if first != gpuSeen(firsts, hook) || second != gpuSeen(1-firsts, hook) {
		t.Errorf("what the tasks found: got %q and %q, want %q and %q", first, second, gpuSeen(firsts, hook), gpuSeen(1-firsts, hook))
	}
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	end := func(task string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(filepath.Dir(sandboxPath(t, cl, task)), "enough"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		c.ends(t, cl, task, v1.TaskState_TASK_FINISHED, "")
	}
	end("first")
	c.launch(c.offerWithGPU(), nil, gpuTask("third", maker, registry))
	if got, want := looked("third"), gpuSeen(firsts, hook); got != want {
		t.Errorf("what the third found, after a restart of the agent: got %q, want %q", got, want)
	}
	end("second")
	end("third")
	eventually(t, "no GPU to be taken", func() bool {
		left, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "gpus*", "*"))
		return err == nil && len(left) == 0
	})
}

// offerWithGPU waits for one; what else is offered before is declined.
func (c *checked) offerWithGPU() *v1.Offer {
	c.t.Helper()
	for end := time.After(patience); ; {
		select {
		case o := <-c.offers:
			if r, err := resources.FromProto(o.GetResources()); err == nil && r.Unallocate().Contains(resources.MustParse("gpus:1;cpus:0.25;mem:32")) {
				return o
			}
			c.driver.Decline(scheduler.RefuseFor(0), o.Id)
		case <-end:
			c.t.Fatal("no offer with a GPU came")
		}
	}
}

// sandboxPath is the standard output of a task.
func sandboxPath(t *testing.T, cl *cluster.Cluster, task string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", task, "runs", "latest", "stdout"))
	if err != nil || len(files) != 1 {
		t.Fatalf("sandbox of task %s: %v, %v, want one", task, files, err)
	}
	return files[0]
}

// TestGPUsRefused are containers that cannot have what comes with a GPU: the launch
// fails, and says why.
func TestGPUsRefused(t *testing.T) {
	t.Parallel()
	at := plainRegistry(t)
	for maker, words := range map[string]string{
		"docker": "resources, gpus: files of the Container Device Interface have hooks",
		"runsc":  "resources, gpus: its kernel is its own",
	} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			c, cl := startGPUs(t, maker, at, true)
			c.launch(c.offer("cpus:4;gpus:2;mem:1024;ports:[31000-31000]"), nil, gpuTask("none", maker, at))
			if s := c.ends(t, cl, "none", v1.TaskState_TASK_FAILED, words); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
				t.Errorf("reason of the end: got %v, want that the launch failed", s.GetReason())
			}
		})
	}
}
