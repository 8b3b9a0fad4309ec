package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// TestGPUs has tasks on the machine's files open the nodes of their GPUs and no others.
// No driver is needed: who may open a node is told that it has no device, who may not
// that it is forbidden.
func TestGPUs(t *testing.T) {
	t.Parallel()
	for _, maker := range []string{"mesos", "runc", "crun", "lxc", "shim"} {
		t.Run(maker, func(t *testing.T) {
			t.Parallel()
			if maker != "mesos" {
				needProgram(t, programs[maker].needs)
			}
			testGPUs(t, append(programs[maker].flags, "--runtime_dir="+t.TempDir()))
		})
	}
}

func testGPUs(t *testing.T, flags []string) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, minor := range map[string]uint32{"nvidia0": 0, "nvidia1": 1, "nvidia2": 2, "nvidiactl": 255} {
		const major = 195
		if err := unix.Mknod(filepath.Join(root, "dev", name), unix.S_IFCHR|0o666, int(unix.Mkdev(major, minor))); err != nil {
			t.Skip("device nodes cannot be made: ", err)
		}
	}
	needDevices(t)
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: "cpus:4;mem:1024;disk:0;ports:[31000-31000];gpus:2",
		AgentFlags: append(flags, "--isolation=cgroups/devices,gpu/nvidia", "--nvidia_root="+root, "--nvidia_gpu_devices=2,0", "--executor_reregistration_timeout=15secs"),
	})
	// One that cannot deal with GPUs gets no offer: else nobody else would.
	plain := startFrameworkAs(t, cl, &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("plain")})
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("gpus"), Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(60),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_GPU_RESOURCES.Enum()}},
	}
	c := &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}
	script := func(task, then string) string {
		return fmt.Sprintf(`cd %s/dev; { echo sees $NVIDIA_VISIBLE_DEVICES; for n in *; do { : <$n; } 2>&1 | sed "s/.*$n: /$n: /"; done; } >%s.part; mv %s.part %s; %s`,
			root, c.path(task), c.path(task), c.path(task), then)
	}
	// said waits until a task has told which nodes it may open.
	said := func(task string) string {
		eventually(t, "a word of task "+task, func() bool { _, err := os.Stat(c.path(task)); return err == nil })
		return readFile(c.path(task))
	}
	const forbidden = "Operation not permitted"
	opens := func(task, sees string, nodes ...string) {
		t.Helper()
		got := said(task)
		if !strings.HasPrefix(got, strings.TrimSpace("sees "+sees)+"\n") || strings.Count(got, forbidden) != 4-len(nodes) {
			t.Errorf("task %s: got %s, want to see %q and to open %v alone", task, got, sees, nodes)
		}
		for _, n := range nodes {
			if strings.Contains(got, n+": "+forbidden) {
				t.Errorf("task %s: got %s, want %s to be opened", task, got, n)
			}
		}
	}
	stay := "while [ ! -e " + c.path("enough") + " ]; do sleep 0.1; done"
	c.launch(c.offer("cpus:4;gpus:2;mem:1024;ports:[31000-31000]"), nil,
		isolatedTask("first", "cpus:0.5;mem:64;gpus:1", script("first", stay)), isolatedTask("none", "cpus:0.5;mem:64", script("none", stay)))
	opens("first", "2", "nvidia2", "nvidiactl")
	opens("none", "")
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	c.launch(c.offerWithGPU(), nil, isolatedTask("second", "cpus:0.5;mem:64;gpus:1", script("second", stay)))
	opens("second", "0", "nvidia0", "nvidiactl")
	c.touch("enough")
	for _, task := range []string{"first", "none", "second"} {
		c.ends(t, cl, task, v1.TaskState_TASK_FINISHED, "")
	}
	eventually(t, "no GPU to be taken", func() bool {
		left, err := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "gpus*", "*"))
		return err == nil && len(left) == 0
	})
	select {
	case o := <-plain.offers:
		t.Errorf("a framework without GPU_RESOURCES: got offer %v, want none", o)
	default:
	}
}

// needDevices skips where who opens which device cannot be said.
func needDevices(t *testing.T) {
	t.Helper()
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		t.Skip(err)
	}
	l.Writable()
	var missing *isolators.MissingError
	if _, err := cgroups.New(l, cgroups.Options{Root: "mesos"}, "cgroups/devices"); errors.As(err, &missing) {
		t.Skip(err)
	}
}
