package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// small starts a master and one agent, with a framework.
func small(t *testing.T, prepare func(dir string)) (*cluster.Cluster, *load) {
	t.Helper()
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:4;mem:4096;disk:64;ports:[31000-31010]", Separate: true, Prepare: prepare,
		MasterFlags: []string{"--agent_ping_timeout=" + pingTimeout.String(), "--max_agent_ping_timeouts=" + strconv.Itoa(pingsMissed)},
		AgentFlags:  []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs"},
	})
	return c, startLoad(t, c, 1)
}

// waiting is a command that ends when the test says so.
func waiting(t *testing.T) (command string, end func()) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "go")
	return "while ! [ -e " + file + " ]; do sleep 0.1; done", func() {
		t.Helper()
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// launchCommand launches a task on the command executor, launchCustom on the test's own.
func (l *load) launchCommand(id, what string) {
	t := task(id)
	t.Command = &v1.CommandInfo{Value: proto.String(l.command(id, what))}
	l.launch(&record{id: id}, t)
}

func (l *load) launchCustom(id, what string, http bool) {
	t := task(id)
	t.Executor = l.executorInfo("x-"+id, 1, http)
	t.Data = []byte(l.command(id, what))
	l.launch(&record{id: id, executor: "x-" + id}, t)
}

// expectGood reads the marks and wants no complaint of any task.
func (l *load) expectGood(t *testing.T) {
	t.Helper()
	if _, complaints := l.judge(t); complaints != nil {
		t.Errorf("complaints: %q", complaints)
	}
}

// TestStoppedAgent: an agent that is stopped for longer than the master's patience comes back with its tasks.
func TestStoppedAgent(t *testing.T) {
	t.Parallel()
	c, l := small(t, nil)
	what, end := waiting(t)
	l.launchCommand("t", what)
	eventually(t, "the task to run", l.is("t", v1.TaskState_TASK_RUNNING))
	c.Agents[0].Signal(syscall.SIGSTOP)
	eventually(t, "the task to be unreachable", l.is("t", v1.TaskState_TASK_UNREACHABLE))
	c.Agents[0].Signal(syscall.SIGCONT)
	eventually(t, "the task to be back", l.is("t", v1.TaskState_TASK_RUNNING))
	end()
	eventually(t, "the task to end", l.is("t", v1.TaskState_TASK_FINISHED))
	l.expectGood(t)
}

// TestExecutorsWithoutAgent: what ends while the agent is dead is told when it is back, over either wire.
func TestExecutorsWithoutAgent(t *testing.T) {
	t.Parallel()
	c, l := small(t, nil)
	what, end := waiting(t)
	l.launchCommand("command", what)
	l.launchCustom("link", what, false)
	l.launchCustom("http", what, true)
	tasks := []string{"command", "link", "http"}
	for _, id := range tasks {
		eventually(t, "the task to run", l.is(id, v1.TaskState_TASK_RUNNING))
	}
	c.Agents[0].Kill()
	end()
	eventually(t, "the commands to end", func() string {
		for _, id := range tasks {
			if b, _ := os.ReadFile(filepath.Join(l.marks, id)); string(b) != "start\nend\n" {
				return id
			}
		}
		return ""
	})
	c.Agents[0].Restart()
	for _, id := range tasks {
		eventually(t, "the task to be told finished", l.is(id, v1.TaskState_TASK_FINISHED))
	}
	l.expectGood(t)
}

// TestExecutorDiesWithoutAgent: an executor that was killed while its agent was dead is told as a failure, and its
// task as failed.
func TestExecutorDiesWithoutAgent(t *testing.T) {
	t.Parallel()
	c, l := small(t, nil)
	what, _ := waiting(t)
	l.launchCustom("t", what, false)
	eventually(t, "the task to run", l.is("t", v1.TaskState_TASK_RUNNING))
	c.Agents[0].Kill()
	l.strike("x-t")
	if err := syscall.Kill(executors(c)["x-t"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	c.Agents[0].Restart()
	eventually(t, "the task to fail", l.is("t", v1.TaskState_TASK_FAILED))
	eventually(t, "the failure of the executor", func() string {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.failures["x-t"] {
			return ""
		}
		return "it was not told"
	})
	l.expectGood(t)
}

// executorInfo describes the test's own executor, which leaves after n tasks.
func (l *load) executorInfo(id string, n int, http bool) *v1.ExecutorInfo {
	env := []*v1.Environment_Variable{{Name: proto.String(tasksEnv), Value: proto.String(strconv.Itoa(n))}}
	if http {
		env = append(env, &v1.Environment_Variable{Name: proto.String(httpEnv), Value: proto.String("1")})
	}
	return &v1.ExecutorInfo{
		ExecutorId: ids.Executor(id), Resources: resources.MustParse(perTask).Proto(),
		Command: &v1.CommandInfo{
			Shell: proto.Bool(false), Value: proto.String(l.self), Arguments: []string{l.self, executorArg}, Environment: &v1.Environment{Variables: env},
		},
	}
}
