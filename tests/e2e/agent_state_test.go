package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// sleeper is a cluster with one agent that runs one long task.
func sleeper(t *testing.T) (*cluster.Cluster, *batch) {
	t.Helper()
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:1;mem:256;disk:64;ports:[31000-31010]", Separate: true,
		AgentFlags: []string{"--registration_backoff_factor=100ms", "--executor_reregistration_timeout=15secs"},
	})
	b := startBatch(t, c, map[string]string{"long": "sleep 1000"})
	eventually(t, "the task to run", func() bool { return len(b.states("long")) == 2 })
	return c, b
}

// agentProgram is a second run of a cluster's agent, by other flags.
func agentProgram(t *testing.T, c *cluster.Cluster, flags ...string) *program {
	t.Helper()
	_, port, _ := strings.Cut(c.AgentAddr(0), ":")
	args := append([]string{
		"--master=" + c.Addr(), "--ip=" + c.IP(), "--port=" + port, "--hostname=" + c.IP(), "--work_dir=" + c.AgentWorkDir(0),
		"--launcher_dir=" + filepath.Dir(cluster.Binary(t, "mesos-executor")), "--registration_backoff_factor=100ms",
		"--executor_reregistration_timeout=15secs",
	}, flags...)
	return startProgram(t, cluster.Binary(t, "mesos-agent"), nil, args...)
}

const sameResources = "--resources=cpus:1;mem:256;disk:64;ports:[31000-31010]"

func TestAgentCheck(t *testing.T) {
	t.Parallel()
	c, _ := sleeper(t)
	dir := c.AgentWorkDir(0)
	code, _, stderr := mesos(t, c, "agent", "check", "--work_dir", dir)
	if pid := fmt.Sprintf("process %d", c.Agents[0].PID()); code != 1 || !strings.Contains(stderr, pid) {
		t.Errorf("check of a running agent: exit %d, %q, want 1 and %q", code, stderr, pid)
	}
	c.Agents[0].Kill()
	code, stdout, _ := mesos(t, c, "agent", "check", "--work_dir", dir)
	for _, want := range []string{"is whole", "executors   1", "tasks       1", "TASK_RUNNING  long"} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("check: exit %d, %q, want 0 and %q", code, stdout, want)
		}
	}
	state := filepath.Join(dir, "meta", "agent.db")
	if err := os.Truncate(state, 10000); err != nil {
		t.Fatal(err)
	}
	code, _, stderr = mesos(t, c, "agent", "check", "--work_dir", dir)
	if code != 1 || !strings.Contains(stderr, "cut short") {
		t.Errorf("check of a truncated file: exit %d, %q, want 1 and that it is cut short", code, stderr)
	}
	p := agentProgram(t, c, sameResources)
	if code := p.wait(); code != 1 || !strings.Contains(p.stderr.String(), "cut short") || !strings.Contains(p.stderr.String(), state) {
		t.Errorf("agent with a truncated file: exit %d, %q, want 1 and the file's name", code, p.stderr.String())
	}
}

func TestAgentRefusesOthersAndChanges(t *testing.T) {
	t.Parallel()
	c, b := sleeper(t)
	p := agentProgram(t, c, sameResources)
	if code := p.wait(); code != 1 || !strings.Contains(p.stderr.String(), "another agent uses it") {
		t.Errorf("second agent in one work_dir: exit %d, %q, want 1 and why", code, p.stderr.String())
	}
	c.Agents[0].Kill()
	for _, tt := range []struct{ flags, want string }{
		{"--resources=cpus:2;mem:256;disk:64;ports:[31000-31010]", "resources changed"},
		{sameResources + " --attributes=rack:r1", "attributes changed"},
		{"--resources=cpus:0.5;mem:256;disk:64;ports:[31000-31010] --reconfiguration_policy=additive", "resources changed"},
	} {
		p := agentProgram(t, c, strings.Fields(tt.flags)...)
		if code := p.wait(); code != 1 || !strings.Contains(p.stderr.String(), tt.want) {
			t.Errorf("%s: exit %d, %q, want 1 and %q", tt.flags, code, p.stderr.String(), tt.want)
		}
	}
	p = agentProgram(t, c, "--resources=cpus:2;mem:256;disk:64;ports:[31000-31010]", "--attributes=rack:r1", "--reconfiguration_policy=additive")
	p.until(&p.stderr, "executor subscribed")
	p.until(&p.stderr, "agent re-registered")
	if got := b.states("long"); len(got) != 2 {
		t.Errorf("the task was told %v after an additive change, want nothing new", got)
	}
}

func TestAgentCleanup(t *testing.T) {
	t.Parallel()
	c, _ := sleeper(t)
	c.Agents[0].Kill()
	if n := len(executorsIn(t, c.AgentWorkDir(0))); n != 1 {
		t.Fatalf("%d executors run on without their agent, want 1", n)
	}
	p := agentProgram(t, c, sameResources, "--recover=cleanup")
	if code := p.wait(); code != 0 {
		t.Errorf("cleanup: exit %d, %q, want 0", code, p.stderr.String())
	}
	if left := executorsIn(t, c.AgentWorkDir(0)); len(left) > 0 {
		t.Errorf("executors %v are left after the cleanup", left)
	}
	code, stdout, _ := mesos(t, c, "agent", "check", "--work_dir", c.AgentWorkDir(0))
	if code != 0 || !strings.Contains(stdout, "never registered") {
		t.Errorf("check after the cleanup: exit %d, %q, want an empty state", code, stdout)
	}
}

// An executor that dies with its agent's program away is told failed, and what
// its command left behind is killed.
func TestExecutorDiesWithoutItsAgent(t *testing.T) {
	t.Parallel()
	c, b := sleeper(t)
	c.Agents[0].Kill()
	for _, pid := range executorsIn(t, c.AgentWorkDir(0)) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	c.Agents[0].Restart()
	eventually(t, "the task's end", func() bool { return len(b.states("long")) == 3 })
	if got := b.states("long")[2]; got != v1.TaskState_TASK_FAILED {
		t.Errorf("the task ended in %v, want TASK_FAILED", got)
	}
}

// A cluster of mesos local lives as long as the program: Ctrl-C ends its tasks,
// and what a killed one left is gone with the next start.
func TestLocalEndsItsTasks(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		c := cluster.Start(t, cluster.Options{Resources: "cpus:1;mem:256;disk:64;ports:[31000-31010]"})
		b := startBatch(t, c, map[string]string{"long": "sleep 1000"})
		eventually(t, "the task to run", func() bool { return len(b.states("long")) == 2 })
		dir := filepath.Join(c.WorkDir, "local")
		if len(executorsIn(t, dir)) != 1 {
			t.Fatalf("no executor below %s", dir)
		}
		c.Master.Stop(sig)
		if sig == syscall.SIGKILL {
			c.Master.Restart()
			c.WaitAgents(1)
		}
		if left := executorsIn(t, dir); len(left) > 0 {
			t.Errorf("%v: executors %v are left", sig, left)
		}
	}
}
