package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/docker"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

// startContainers starts a cluster whose agent has some containerizers, and a
// framework that checkpoints.
func startContainers(t *testing.T, flags ...string) (*checked, *cluster.Cluster) {
	t.Helper()
	cl := cluster.Start(t, cluster.Options{
		Agents: 1, Separate: true, Resources: containersHave, AgentFlags: append([]string{"--executor_reregistration_timeout=15secs"}, flags...),
	})
	info := &v1.FrameworkInfo{User: proto.String("root"), Name: proto.String("containers"), Checkpoint: proto.Bool(true), FailoverTimeout: proto.Float64(60)}
	return &checked{framework: startFrameworkAs(t, cl, info), waiting: map[string][]*v1.TaskStatus{}, seen: map[string]bool{}, dir: t.TempDir()}, cl
}

const containersHave = "cpus:4;mem:1024;disk:0;ports:[31000-31000]"

func (c *checked) launchAll(tasks ...*v1.TaskInfo) {
	c.launch(c.offer("cpus:4;mem:1024;ports:[31000-31000]"), nil, tasks...)
}

func dockerTask(id, image string, command *v1.CommandInfo, change ...func(*v1.ContainerInfo)) *v1.TaskInfo {
	t := &v1.TaskInfo{
		Name: &id, TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.25;mem:64").Proto(), Command: command,
		Container: &v1.ContainerInfo{
			Type:   v1.ContainerInfo_DOCKER.Enum(),
			Docker: &v1.ContainerInfo_DockerInfo{Image: &image, Network: v1.ContainerInfo_DockerInfo_HOST.Enum()},
		},
	}
	for _, f := range change {
		f(t.Container)
	}
	return t
}

func with(parameters ...string) func(*v1.ContainerInfo) {
	return func(c *v1.ContainerInfo) {
		for _, p := range parameters {
			key, value, _ := strings.Cut(p, "=")
			c.Docker.Parameters = append(c.Docker.Parameters, &v1.Parameter{Key: &key, Value: &value})
		}
	}
}

// ends takes the update of a task's end, and says what was written if it is not the
// one that is wanted.
func (c *checked) ends(t *testing.T, cl *cluster.Cluster, task string, state v1.TaskState, word string) *v1.TaskStatus {
	t.Helper()
	s := c.take(task)
	for s.GetState() == v1.TaskState_TASK_STARTING || s.GetState() == v1.TaskState_TASK_RUNNING || s.GetState() == v1.TaskState_TASK_KILLING {
		s = c.take(task)
	}
	if s.GetState() != state || !strings.Contains(s.GetMessage(), word) {
		stderr, _ := filepath.Glob(filepath.Join(cl.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", task, "runs", "latest", "stderr"))
		said := ""
		for _, f := range stderr {
			said += readFile(f)
		}
		t.Errorf("end of %s: got %v, %v, %q, want %v with %q\n%s", task, s.GetState(), s.GetReason(), s.GetMessage(), state, word, said)
	}
	return s
}

// healthy waits until a task that runs is: at first its checks may come too early.
func (c *checked) healthy(t *testing.T, task string) {
	t.Helper()
	for {
		s := c.take(task)
		if s.GetState() != v1.TaskState_TASK_RUNNING {
			t.Fatalf("task %s: got update %q, want it to get healthy", task, describe(s))
		}
		if s.GetHealthy() {
			return
		}
	}
}

// runs takes the updates up to the one that a task runs.
func (c *checked) runs(task string) *v1.TaskStatus {
	c.next(task, "STARTING")
	return c.next(task, "RUNNING")
}

// TestDocker runs tasks by a Docker engine, beside one that is not: they are limited,
// logged, looked into and killed, and live through the death of the agent.
func TestDocker(t *testing.T) {
	t.Parallel()
	e := startEngine(t, "", machinesNetwork...)
	at := box.Registry(t, map[string]gcr.Image{
		"box:latest": box.Image(t, gcr.Config{Env: []string{"PATH=/bin", "OF=the image"}, WorkingDir: "/srv", Entrypoint: []string{"sh", "-c"}, Cmd: []string{"cat greeting; exit 7"}, User: "guest"}),
		"plain:1":    box.Image(t, gcr.Config{Env: []string{"PATH=/bin"}}),
	})
	c, cl := startContainers(t, "--containerizers=mesos,docker", "--isolation=posix/cpu,posix/mem"+byGroup(), "--docker_socket="+e.socket, "--docker_remove_delay=0secs", "--cgroups_enable_cfs")
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "file"), []byte("of the machine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	volumes := func(i *v1.ContainerInfo) {
		i.Volumes = []*v1.Volume{
			{ContainerPath: proto.String("/data"), HostPath: &data, Mode: v1.Volume_RO.Enum()},
			{ContainerPath: proto.String("/own"), HostPath: proto.String("in/sandbox"), Mode: v1.Volume_RW.Enum()},
		}
	}
	const look = `echo $MESOS_SANDBOX $MINE ${MESOS_CONTAINER_NAME%-*-*-*-*-*}; pwd; cat /data/file; touch /data/more && echo written; cat /srv/greeting
		echo here >/own/file; echo there >$MESOS_SANDBOX/there; echo complaint >&2; echo done; while :; do sleep 1; done`
	stays := dockerTask("stays", at+"/plain:1", inShell(look), volumes)
	stays.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("MINE"), Value: proto.String("my own")}}}
	stays.HealthCheck = often(1000)
	stays.HealthCheck.Type = v1.HealthCheck_COMMAND.Enum()
	stays.HealthCheck.Command = inShell("[ -e /srv/greeting ] && [ \"$MINE\" = \"my own\" ]")
	hungry := dockerTask("hungry", at+"/plain:1", inShell("cat /dev/zero | grep x"))
	c.launchAll(stays, hungry,
		dockerTask("entry", at+"/box", &v1.CommandInfo{Shell: proto.Bool(false)}, with("user=4711:4712", "env=ALSO=this")),
		dockerTask("args", at+"/box", &v1.CommandInfo{Shell: proto.Bool(false), Arguments: []string{`echo "$OF $ALSO"; id -u; exit 8`}}, with("user=4711:4712", "env=ALSO=this")),
		dockerTask("none", at+"/missing:1", inShell("true")),
		dockerTask("bad", at+"/plain:1", inShell("true"), with("rm=true")),
		dockerTask("mapped", at+"/plain:1", inShell("true"), func(i *v1.ContainerInfo) {
			i.Docker.PortMappings = []*v1.ContainerInfo_DockerInfo_PortMapping{{HostPort: proto.Uint32(31000), ContainerPort: proto.Uint32(80)}}
		}),
		isolatedTask("beside", "cpus:0.25;mem:64", "echo no container; exit 9"),
	)
	c.ends(t, cl, "none", v1.TaskState_TASK_FAILED, "missing:1")
	c.ends(t, cl, "bad", v1.TaskState_TASK_FAILED, `container.docker.parameters[0] "rm"`)
	c.ends(t, cl, "mapped", v1.TaskState_TASK_FAILED, "container.docker.port_mappings")
	c.ends(t, cl, "entry", v1.TaskState_TASK_FAILED, "status 7")
	c.ends(t, cl, "args", v1.TaskState_TASK_FAILED, "status 8")
	c.ends(t, cl, "beside", v1.TaskState_TASK_FAILED, "status 9")
	if got, want := sandboxFile(t, cl, "args", "stdout"), "the image this\n4711\n"; got != want {
		t.Errorf("entrypoint with arguments: got %q, want %q", got, want)
	}
	if s := c.ends(t, cl, "hungry", v1.TaskState_TASK_FAILED, "Memory limit exceeded: Requested: 64MB"); s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY {
		t.Errorf("reason of the hungry task's end: got %v, want REASON_CONTAINER_LIMITATION_MEMORY", s.GetReason())
	}
	if s := c.runs("stays"); !strings.Contains(string(s.GetData()), `"NetworkMode":"host"`) {
		t.Errorf("data of RUNNING: got %.200q, want what the engine says of the container", s.GetData())
	}
	c.healthy(t, "stays")
	want := "/mnt/mesos/sandbox my own mesos\n/\nof the machine\nof the image\ndone\n"
	eventually(t, "the task to have looked around", func() bool { return strings.HasSuffix(sandboxFile(t, cl, "stays", "stdout"), "done\n") })
	if got := sandboxFile(t, cl, "stays", "stdout"); got != want {
		t.Errorf("what the task sees: got %q, want %q", got, want)
	}
	if got := sandboxFile(t, cl, "stays", "stderr"); !strings.Contains(got, "complaint\n") {
		t.Errorf("standard error: got %q, want the complaint", got)
	}
	for file, want := range map[string]string{"in/sandbox/file": "here\n", "there": "there\n"} {
		if got := sandboxFile(t, cl, "stays", file); got != want {
			t.Errorf("file %s of the sandbox: got %q, want %q", file, got, want)
		}
	}
	mark := sha256.Sum256([]byte(cl.AgentWorkDir(0)))
	e.run("--name=mesos-orphan", "--net=none", "--label="+docker.LabelAgent+"="+hex.EncodeToString(mark[:4]), "--label="+docker.LabelContainer+"=orphan", at+"/plain:1", "sleep", "1000")
	e.run("--name=mesos-others", "--net=none", "--label="+docker.LabelAgent+"=another", "--label="+docker.LabelContainer+"=others", at+"/plain:1", "sleep", "1000")
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	eventually(t, "the orphan to be removed", func() bool { return !strings.Contains(fmt.Sprint(e.agents()), "orphan") })
	if got := e.agents(); len(got) != 2 || !strings.Contains(got[1], "running /mesos-others") {
		t.Errorf("containers after the agent's restart: got %v, want the task's, and that of another", got)
	}
	if now := statisticsOf(t, cl, "stays"); now.CPUs != 0.25 || now.Mem != 64<<20 {
		t.Errorf("limits after the agent's restart: got %v cpus and %d bytes, want 0.25 and 64 MB", now.CPUs, now.Mem)
	}
	inside := exec.Command(cluster.Binary(t, "mesos"), "exec", "stays", "--", "cat", "/srv/greeting")
	inside.Env = append(os.Environ(), "MESOS_MASTER="+cl.Addr())
	if out, err := inside.CombinedOutput(); err != nil || string(out) != "of the image\n" {
		t.Errorf("exec in the container after the agent's restart: got %q, %v", out, err)
	}
	c.driver.Kill("stays", nil)
	c.ends(t, cl, "stays", v1.TaskState_TASK_KILLED, "")
	eventually(t, "all containers to be removed", func() bool { return len(e.agents()) == 1 })
	eventually(t, "all processes to end", func() bool { return len(processesIn(t, cl.AgentWorkDir(0))) == 0 })
}
