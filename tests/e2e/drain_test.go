package e2e

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

// agentLine is what `mesos agents -o json` tells of an agent.
type agentLine struct {
	ID       string `json:"agent_id"`
	Hostname string `json:"hostname"`
	Address  string `json:"address"`
	State    string `json:"state"`
}

func agentLines(t *testing.T, c *cluster.Cluster) (out []agentLine) {
	t.Helper()
	code, stdout, stderr := mesos(t, c, "agents", "-o", "json")
	if code != 0 {
		t.Fatalf("mesos agents: got %d %s", code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func agentIs(t *testing.T, c *cluster.Cluster, state string) func() bool {
	return func() bool { a := agentLines(t, c); return len(a) == 1 && a[0].State == state }
}

// must runs a command that succeeds and prints something.
func must(t *testing.T, c *cluster.Cluster, want string, args ...string) {
	t.Helper()
	if code, stdout, stderr := mesos(t, c, args...); code != 0 || !strings.Contains(stdout, want) {
		t.Fatalf("mesos %s: got %d, %q, %q, want 0 and %q", strings.Join(args, " "), code, stdout, stderr, want)
	}
}

// An agent is drained while master and agent are killed and restarted in the middle: a
// task that does not want to end is killed by force when its time, which the deadline
// shortens, is over.
func TestDrainAgent(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true})
	stubborn := smallTask("stubborn", `trap "" TERM; echo started; while :; do sleep 0.1; done`)
	hour := int64(time.Hour)
	stubborn.KillPolicy = &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: &hour}}
	b := startTasks(t, c, stubborn, smallTask("mild", "sleep 1000"))
	runs := func(id string) func() bool {
		return func() bool { s := b.states(id); return len(s) > 0 && s[len(s)-1] == v1.TaskState_TASK_RUNNING }
	}
	eventually(t, "both tasks to run", func() bool { return runs("stubborn")() && runs("mild")() })
	id := agentLines(t, c)[0].ID
	must(t, c, "drains", "agent", "drain", id[:len(id)-1], "--deadline", "5s")
	c.Agents[0].Kill()
	c.Master.Kill()
	c.Master.Restart()
	c.Agents[0].Restart()
	monitor := startMesos(t, c, "agent", "drain", id, "--deadline", "5s", "--monitor")
	monitor.until(&monitor.stdout, "is drained")
	if code := monitor.wait(); code != 0 {
		t.Errorf("the monitor ended with %d, want 0", code)
	}
	for _, task := range []string{"stubborn", "mild"} {
		b.endsIn(t, v1.TaskState_TASK_KILLED, task)
		// The new master may also answer by the state alone, before or after the agent repeats its own words.
		eventually(t, "the reason of "+task+" to be that the agent drains", func() bool { return b.toldReason(task, v1.TaskStatus_REASON_AGENT_DRAINING) })
	}
	eventually(t, "the agent to be shown as drained", agentIs(t, c, "drained"))
	must(t, c, "is active", "agent", "reactivate", id)
	must(t, c, "hello", "run", "--", "echo", "hello")
	must(t, c, "is deactivated", "agent", "deactivate", id)
	eventually(t, "the agent to be shown as deactivated", agentIs(t, c, "deactivated"))
	must(t, c, "is active", "agent", "reactivate", id)
	if code, _, stderr := mesos(t, c, "agent", "reactivate", "nobody"); code != 1 || !strings.Contains(stderr, "nobody") {
		t.Errorf("reactivation of nobody: got %d %q, want 1 and its name", code, stderr)
	}
}

// A machine goes down for maintenance, and comes back.
func TestMaintenance(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true})
	run, pid := startSleep(t, c)
	a := agentLines(t, c)[0]
	host, _, _ := strings.Cut(a.Address, ":")
	machine := a.Hostname + "/" + host
	must(t, c, "No maintenance", "maintenance", "schedule")
	if code, _, stderr := mesos(t, c, "maintenance", "down", machine); code != 1 || !strings.Contains(stderr, "schedule it first") {
		t.Errorf("down without a schedule: got %d %q, want 1 and what to do", code, stderr)
	}
	must(t, c, "1 machines", "maintenance", "schedule", machine, "--in", "1h", "--for", "30m")
	must(t, c, "for 30m0s", "maintenance", "schedule")
	must(t, c, "draining", "maintenance", "status")
	must(t, c, "1 machines", "maintenance", "down", machine)
	must(t, c, "down", "maintenance", "status")
	eventually(t, "the task's process to end", func() bool { return !alive(t, pid) })
	eventually(t, "the agent to be gone from the list", func() bool { return len(agentLines(t, c)) == 0 })
	must(t, c, "1 machines", "maintenance", "up", machine)
	must(t, c, "No machine", "maintenance", "status")
	run.wait() // it was told that its task is lost
}
