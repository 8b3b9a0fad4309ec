package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	gcr "github.com/google/go-containerregistry/pkg/v1"
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/box"
	"mesos/tests/cluster"
)

// machinesNetwork are the flags of an engine that has no network of its own.
var machinesNetwork = []string{"--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"}

// TestDockerTerminal attaches to a task that has a terminal in a container of a Docker
// engine, resizes it, leaves it, kills the agent and finds the same shell; and has a
// second shell executed beside it, at a terminal, too.
func TestDockerTerminal(t *testing.T) {
	t.Parallel()
	e := startEngine(t, "", machinesNetwork...)
	e.load("box:1", box.Image(t, gcr.Config{}), "ENV PATH=/bin")
	c, cl := startContainers(t, "--containerizers=docker", "--docker_socket="+e.socket, "--docker_remove_delay=0secs")
	c.launchAll(dockerTask("shell", "box:1", inShell("exec sh"), func(i *v1.ContainerInfo) { i.TtyInfo = &v1.TTYInfo{} }))
	livesAtTerminal(t, c, cl, true)
	eventually(t, "all containers to be removed", func() bool { return len(e.agents()) == 0 })
}

// livesAtTerminal attaches to the task shell and resizes its terminal, before and after
// its agent was killed, and executes another shell beside it. Sizes are left out where
// the program that makes the container does not pass them on.
func livesAtTerminal(t *testing.T, c *checked, cl *cluster.Cluster, sizes bool) {
	t.Helper()
	c.runs("shell")
	s := startAtTerminal(t, cl, "attach", "shell")
	sized := func(s *screen) {
		t.Helper()
		if !sizes {
			return
		}
		s.Resize(31, 101)
		// The size comes to the container by the agent and the engine, when it does.
		s.Type("until busybox stty size | grep '^31 101$'; do sleep 0.1; done\r")
		s.until(&s.stdout, "\n31 101")
	}
	s.Type("WHO=me; [ -t 0 ] && echo set $((40+2))\r")
	s.until(&s.stdout, "set 42")
	sized(s)
	s.Type("\x10\x11")
	if code := s.wait(); code != 0 {
		t.Errorf("Ctrl-P Ctrl-Q: got exit code %d, want 0", code)
	}
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	inside := startAtTerminal(t, cl, "exec", "-it", "shell", "--", "sh")
	inside.Type("[ -t 0 ] && echo beside $((40+3))\r")
	inside.until(&inside.stdout, "beside 43")
	sized(inside)
	inside.Type("exit 5\r")
	if code := inside.wait(); code != 5 {
		t.Errorf("the shell beside: got exit code %d, want 5", code)
	}
	s = startAtTerminal(t, cl, "attach", "shell")
	s.Type("echo still $WHO\r")
	s.until(&s.stdout, "still me")
	s.Type("exit 3\r")
	if code := s.wait(); code != 0 {
		t.Errorf("the task's end: got exit code %d, want 0", code)
	}
	c.ends(t, cl, "shell", v1.TaskState_TASK_FAILED, "status 3")
}

// TestDockerExecutorStays kills the agent below an executor of a framework that is in
// a container of a Docker engine: it goes on with its task, and is told to end it.
func TestDockerExecutorStays(t *testing.T) {
	t.Parallel()
	e := startEngine(t, "", machinesNetwork...)
	e.load("box:1", box.Image(t, gcr.Config{}), "ENV PATH=/bin")
	c, cl := startContainers(t, "--containerizers=docker", "--docker_socket="+e.socket, "--docker_remove_delay=0secs")
	program, err := os.ReadFile(cluster.Example(t, "executor"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "executor"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	task := dockerTask("counts", "box:1", nil)
	task.Data = []byte("2 1000000000000") // until it is killed
	task.Resources = resources.MustParse("cpus:0.1;mem:32").Proto()
	task.Executor = &v1.ExecutorInfo{
		ExecutorId: ids.Executor("theirs"), Resources: resources.MustParse("cpus:0.1;mem:64").Proto(), Command: inShell("exec /their/executor"),
		Container: task.Container,
	}
	task.Container = nil
	task.Executor.Container.Volumes = []*v1.Volume{{ContainerPath: proto.String("/their"), HostPath: &dir, Mode: v1.Volume_RO.Enum()}}
	c.launchAll(task)
	for s := c.take("counts"); s.GetState() != v1.TaskState_TASK_RUNNING; s = c.take("counts") {
		if s.GetState() != v1.TaskState_TASK_STARTING {
			t.Fatalf("got %q, want it to run", describe(s))
		}
	}
	before := e.agents()
	cl.Agents[0].Kill()
	cl.Agents[0].Restart()
	cl.WaitAgents(1)
	c.driver.Kill("counts", nil)
	if s := c.ends(t, cl, "counts", v1.TaskState_TASK_KILLED, ""); s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR {
		t.Errorf("source of the end: got %v, want the executor", s.GetSource())
	}
	if after := e.agents(); len(before) != 1 || !slices.Equal(after, before) {
		t.Errorf("containers: got %v, and %v after the agent's restart, want that of the executor", before, after)
	}
	c.driver.ShutdownExecutor(task.GetAgentId().GetValue(), "theirs")
	eventually(t, "all containers to be removed", func() bool { return len(e.agents()) == 0 })
}
