package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

// programs are those that make containers, with what an agent is told of them.
var programs = map[string]struct {
	needs []string
	flags []string
}{
	"runc": {[]string{"runc"}, []string{"--containerizers=oci"}},
	"crun": {[]string{"crun"}, []string{"--containerizers=oci", "--oci_runtime=crun"}},
	// What Kata speaks, with containers of runc: there is no virtualization where this is tested.
	"shim": {[]string{"containerd-shim-runc-v2", "runc"}, []string{"--containerizers=oci", "--oci_runtime=io.containerd.runc.v2"}},
	// Another kernel: each system call of a container is stopped at, as in a machine without virtualization.
	"runsc": {[]string{"runsc"}, []string{"--containerizers=oci", "--oci_runtime=runsc --platform=ptrace"}},
	"lxc":   {[]string{"lxc-execute", "lxc-attach"}, []string{"--containerizers=lxc"}},
}

// TestPrograms runs tasks in containers that programs of the machine make: OCI
// runtimes and LXC. A task cannot tell which from what it is told.
func TestPrograms(t *testing.T) {
	t.Parallel()
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testProgram(t, p.needs, p.flags)
		})
	}
}

// TestProgramPods runs task groups in such containers: those of the tasks are nested
// in that of the executor.
func TestProgramPods(t *testing.T) {
	t.Parallel()
	for name, p := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, cl, runtime := startProgrammed(t, p.needs, p.flags)
			programPod(t, c, cl)
			nothingProgrammed(t, cl, runtime)
		})
	}
}

// needProgram skips a test that lacks the programs, or cgroups for what they make.
func needProgram(t *testing.T, needs []string) {
	t.Helper()
	for _, program := range needs {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("no %s: install runc, crun, runsc and lxc", program)
		}
	}
	cluster.NeedCgroups(t, "cpu", "memory")
}

func startProgrammed(t *testing.T, needs, flags []string) (*checked, *cluster.Cluster, string) {
	t.Helper()
	needProgram(t, needs)
	at := box.Registry(t, map[string]gcr.Image{
		"box:latest": box.Image(t, gcr.Config{Env: []string{"PATH=/bin", "OF=the image"}, WorkingDir: "/srv", Entrypoint: []string{"sh", "-c"}, Cmd: []string{"cat greeting; exit 7"}, User: "guest"}),
		"plain:1":    box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}}),
	})
	dir := t.TempDir()
	c, cl := startContainers(t, append([]string{
		"--isolation=filesystem/linux,docker/runtime" + byGroup(), "--image_providers=docker", "--docker_registry=http://" + at, "--docker_store_dir=" + filepath.Join(dir, "store"),
		"--runtime_dir=" + filepath.Join(dir, "run"), "--cgroups_enable_cfs",
	}, flags...)...)
	return c, cl, filepath.Join(dir, "run")
}

func testProgram(t *testing.T, needs, flags []string) {
	c, cl, runtime := startProgrammed(t, needs, flags)
	secret := t.TempDir()
	if err := os.WriteFile(filepath.Join(secret, "file"), []byte("of the machine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	volume := &v1.Volume{ContainerPath: proto.String("/data"), HostPath: &secret, Mode: v1.Volume_RO.Enum()}
	c.launchAll(
		imageTask("stays", "plain:1", inShell(`PATH=/bin; echo $MESOS_SANDBOX; pwd; ls /; cat /data/file; touch /data/more && echo written; ls `+secret+` && echo seen
			ls /proc | grep -c '^[0-9]'; echo here >here; echo complaint >&2; echo done; while :; do sleep 1; done`), volume),
		imageTask("entry", "box", &v1.CommandInfo{Shell: proto.Bool(false)}),
		imageTask("args", "box", &v1.CommandInfo{Shell: proto.Bool(false), Arguments: []string{`echo "$OF"; id -u; id -g; exit 8`}}),
		imageTask("none", "missing:1", inShell("true")),
		isolatedTask("plain", "cpus:0.25;mem:32", "cd $MESOS_SANDBOX; pwd; echo processes /proc/[0-9]*; exit 9"),
		isolatedTask("hungry", "cpus:0.5;mem:48", "tail /dev/zero"),
		isolatedTask("busy", "cpus:0.25;mem:32", "while :; do :; done"),
	)
	c.ends(t, cl, "none", v1.TaskState_TASK_FAILED, "missing:1")
	c.ends(t, cl, "entry", v1.TaskState_TASK_FAILED, "status 7")
	c.ends(t, cl, "args", v1.TaskState_TASK_FAILED, "status 8")
	c.ends(t, cl, "plain", v1.TaskState_TASK_FAILED, "status 9")
	if got, want := sandboxFile(t, cl, "args", "stdout"), "the image\n4711\n4712\n"; got != want {
		t.Errorf("entrypoint with arguments: got %q, want %q", got, want)
	}
	if dir, rest, _ := strings.Cut(sandboxFile(t, cl, "plain", "stdout"), "\n"); !strings.HasPrefix(dir, cl.AgentWorkDir(0)) || len(strings.Fields(rest)) > 5 {
		t.Errorf("what a task on the machine's files sees: got %q and %q, want its sandbox and its own processes", dir, rest)
	}
	if needs[0] == "runsc" { // it removes the cgroup of a sandbox that was killed, before or after that was looked at
		c.ends(t, cl, "hungry", v1.TaskState_TASK_FAILED, "")
	} else if s := c.ends(t, cl, "hungry", v1.TaskState_TASK_FAILED, "Memory limit exceeded: Requested: 48MB Limit: 48MB"); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
		t.Errorf("reason of the hungry task's end: got %v, want REASON_CONTAINER_LIMITATION_MEMORY", s.GetReason())
	}
	c.runs("stays")
	eventually(t, "the task to have looked around", func() bool { return strings.HasSuffix(sandboxFile(t, cl, "stays", "stdout"), "done\n") })
	want := "/mnt/mesos/sandbox\n/mnt/mesos/sandbox\nbin\ndata\ndev\netc\nmnt\nproc\nsrv\nsys\ntmp\nof the machine\n"
	if got := sandboxFile(t, cl, "stays", "stdout"); !strings.HasPrefix(got, want) || strings.Contains(got, "written") || strings.Contains(got, "seen") {
		t.Errorf("what the task sees: got %q, want it to begin with %q", got, want)
	}
	if got := sandboxFile(t, cl, "stays", "stderr"); !strings.Contains(got, "complaint\n") {
		t.Errorf("standard error: got %q, want the complaint", got)
	}
	first := statisticsOf(t, cl, "busy")
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	var now statistics
	eventually(t, "the busy task to have gone on", func() bool {
		now = statisticsOf(t, cl, "busy")
		return now.User+now.System >= first.User+first.System+0.1
	})
	if used, most := now.User+now.System-first.User-first.System, 0.25*(now.Timestamp-first.Timestamp+0.2)+0.1; used > most {
		t.Errorf("cpu time of the busy task: got %.2f s, want at most %.2f", used, most)
	}
	if now.CPUs != 0.25 || now.Mem != 32<<20 {
		t.Errorf("limits after the agent's restart: got %v cpus and %d bytes, want 0.25 and 32 MB", now.CPUs, now.Mem)
	}
	inside := exec.Command(cluster.Binary(t, "mesos"), "exec", "stays", "--", "cat", "/srv/greeting")
	inside.Env = append(os.Environ(), "MESOS_MASTER="+cl.Addr())
	if out, err := inside.CombinedOutput(); err != nil || string(out) != "of the image\n" {
		t.Errorf("exec in the image after the agent's restart: got %q, %v", out, err)
	}
	for _, task := range []string{"stays", "busy"} {
		c.driver.Kill(task, nil)
		c.ends(t, cl, task, v1.TaskState_TASK_KILLED, "")
	}
	nothingProgrammed(t, cl, runtime)
}

// programPod runs a task group.
func programPod(t *testing.T, c *checked, cl *cluster.Cluster) {
	t.Helper()
	tasks := []*v1.TaskInfo{
		imageTask("first", "plain:1", inShell("PATH=/bin; cat /srv/greeting; exit 0")),
		imageTask("second", "plain:1", inShell("PATH=/bin; sleep 1; exit 0")),
	}
	o := c.offer(containersHave)
	for _, task := range tasks {
		task.AgentId = o.AgentId
	}
	c.driver.LaunchGroup(o.GetId(), &v1.ExecutorInfo{ExecutorId: ids.Executor("pod"), Resources: resources.MustParse("cpus:0.1;mem:32").Proto()}, tasks, scheduler.RefuseFor(3600))
	for _, task := range []string{"first", "second"} {
		c.ends(t, cl, task, v1.TaskState_TASK_FINISHED, "")
	}
}

// nothingProgrammed waits until nothing of any container is left.
func nothingProgrammed(t *testing.T, cl *cluster.Cluster, runtime string) {
	t.Helper()
	eventually(t, "all processes to end", func() bool { return len(processesIn(t, cl.AgentWorkDir(0))) == 0 })
	eventually(t, "all containers to be removed", func() bool {
		left, err := filepath.Glob(filepath.Join(runtime, "containers", "*", "*", "*"))
		return err == nil && len(left) == 0
	})
	for _, at := range cluster.NeedCgroups(t).Mounts() {
		groups, err := filepath.Glob(filepath.Join(at, "mesos-cluster-"+filepath.Base(cl.WorkDir), "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			if info, err := os.Stat(g); err == nil && info.IsDir() {
				t.Errorf("cgroup %s: got it, want none", g)
			}
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), runtime) {
		t.Errorf("mounts of the machine: got one of %s, want none", runtime)
	}
}
