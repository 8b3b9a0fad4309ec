package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// step is a moment in the life of a task at which something is killed.
type step struct {
	name string
	hold string // the state that the scheduler does not acknowledge before the kill
	at   func(line) bool
}

func event(name, state string) func(line) bool {
	return func(l line) bool { return l.Event == name && (state == "" || l.State == state) }
}

var steps = []step{
	{"offered", "OFFER", event("OFFER", "")},
	{"launched", "", event("LAUNCHED", "")},
	{"starting", "TASK_STARTING", event("UPDATE", "TASK_STARTING")},
	{"starting-acknowledged", "", event("ACKNOWLEDGED", "TASK_STARTING")},
	{"running", "TASK_RUNNING", event("UPDATE", "TASK_RUNNING")},
	{"running-acknowledged", "", event("ACKNOWLEDGED", "TASK_RUNNING")},
	{"finished", "TASK_FINISHED", event("UPDATE", "TASK_FINISHED")},
	{"finished-acknowledged", "", event("ACKNOWLEDGED", "TASK_FINISHED")},
}

// Whoever is killed with -9, and whenever, the scheduler learns one outcome of
// its task, and a true one: FINISHED only if the command ran to its end, once.
func TestKillAtEveryStep(t *testing.T) {
	for _, victim := range []string{"agent", "agent-for-good", "executor", "scheduler", "master"} {
		for _, s := range steps {
			if s.name == "offered" && (victim == "executor" || victim == "agent-for-good") {
				continue // there is no executor yet, or never an agent to launch on
			}
			t.Run(victim+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				killAt(t, victim, s)
			})
		}
	}
}

func killAt(t *testing.T, victim string, s step) {
	// Only an agent that stays away is to be given up: on a slow machine the others may take their time to come back.
	pings := "--max_agent_ping_timeouts=60"
	if victim == "agent-for-good" {
		pings = "--max_agent_ping_timeouts=4"
	}
	c := cluster.Start(t, cluster.Options{
		Agents: 1, Resources: "cpus:1;mem:256;disk:64;ports:[31000-31010]", Separate: true,
		MasterFlags: []string{"--agent_ping_timeout=500ms", pings},
		AgentFlags:  []string{"--registration_backoff_factor=100ms", "--executor_shutdown_grace_period=1secs", "--executor_reregistration_timeout=15secs"},
	})
	marker := filepath.Join(t.TempDir(), "ran")
	o := order{
		Master: c.Addr(), TaskID: "task", Hold: s.hold,
		Command: fmt.Sprintf("sleep 0.5; echo $$ >> %s", marker),
	}
	sched := startScheduler(t, o)
	var agentID string
	sched.await("step "+s.name, func(l line) bool {
		if l.AgentID != "" {
			agentID = l.AgentID
		}
		return s.at(l)
	})
	told := strike(t, c, victim, o, sched, agentID)
	final := settle(t, told, marker)
	if victim == "agent" && s.name != "offered" && s.name != "launched" && final != "TASK_FINISHED" {
		// The agent had the task: nothing of it is lost with the agent's program.
		t.Errorf("the task of a restarted agent ended in %s, want TASK_FINISHED\n%s", final, story(told.told()))
	}
}

// strike kills the victim, brings back what comes back, and returns the
// scheduler that goes on.
func strike(t *testing.T, c *cluster.Cluster, victim string, o order, sched *schedulerProcess, agentID string) *schedulerProcess {
	t.Helper()
	switch victim {
	case "agent":
		c.Agents[0].Kill()
		c.Agents[0].Restart()
	case "agent-for-good":
		c.Agents[0].Kill()
	case "executor":
		killExecutors(t, c.AgentWorkDir(0))
	case "master":
		c.Master.Kill()
		c.Master.Restart()
	case "scheduler":
		fid := ""
		for _, l := range sched.told() {
			if l.FrameworkID != "" {
				fid = l.FrameworkID
			}
		}
		sched.kill()
		o.FrameworkID, o.Hold = fid, ""
		if launched(sched) {
			o.AgentID = agentID
		}
		return startScheduler(t, o)
	}
	if o.Hold != "" {
		// A scheduler that withholds an acknowledgement for ever is another
		// test's matter: a new instance takes over and hears the rest.
		fid := sched.await("SUBSCRIBED", event("SUBSCRIBED", "")).FrameworkID
		sched.kill()
		o.FrameworkID, o.Hold = fid, ""
		if launched(sched) {
			o.AgentID = agentID
		}
		return startScheduler(t, o)
	}
	return sched
}

func launched(p *schedulerProcess) bool {
	for _, l := range p.told() {
		if l.Event == "LAUNCHED" || l.Event == "UPDATE" {
			return true
		}
	}
	return false
}

// settle checks what the scheduler is told in the end against the trace that
// the command left.
func settle(t *testing.T, sched *schedulerProcess, marker string) (final string) {
	t.Helper()
	sched.await("an outcome", outcome)
	time.Sleep(1500 * time.Millisecond) // a second, contradicting outcome or run would come now
	for _, l := range sched.told() {
		if !outcome(l) || l.State == "TASK_UNREACHABLE" {
			continue
		}
		if final != "" && final != l.State && !compatible(final, l.State) {
			t.Errorf("two outcomes: %s and %s\n%s", final, l.State, story(sched.told()))
		}
		final = l.State
	}
	runs := strings.Count(readFile(marker), "\n")
	if runs > 1 {
		t.Errorf("the command ran %d times, want once\n%s", runs, story(sched.told()))
	}
	if final == "TASK_FINISHED" && runs != 1 {
		t.Errorf("TASK_FINISHED was told of a command that ran %d times\n%s", runs, story(sched.told()))
	}
	return final
}

// compatible says that b adds nothing false to a: a task that is over is also
// gone from its agent, for one who asks again.
func compatible(a, b string) bool { return b == "TASK_GONE" || a == "TASK_GONE" && b == a }

func readFile(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return "" // not written
	}
	return string(b)
}

// killExecutors kills the executors whose sandboxes are below dir.
func killExecutors(t *testing.T, dir string) {
	t.Helper()
	for _, pid := range executorsIn(t, dir) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // fails for one that has just ended
	}
}
