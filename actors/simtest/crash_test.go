package simtest

import (
	"testing"
	"time"

	"mesos/actors/fault"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// rule puts fault rules in force.
func (c *Cluster) rule(text string) {
	c.T.Helper()
	rules, err := fault.Parse(text)
	if err == nil {
		_, err = c.Faults().Add(rules...)
	}
	if err != nil {
		c.T.Fatal(err)
	}
}

// A rule can crash every kind of program. Masters, agents and schedulers start again by themselves; an executor's task
// has failed.
func TestRulesCrashEveryKindOfProgram(t *testing.T) {
	for _, tt := range []struct {
		rule string
		died func(c *Cluster, before int) bool
		ends bool // the task does
	}{
		{rule: "crash message=Call.KILL of=receiver", died: masterDied},
		{rule: "crash message=Call.KILL of=receiver after restart=20s", died: masterDied},
		{rule: "crash message=KillTaskMessage of=sender", died: masterDied},
		{rule: "crash message=Call.KILL of=receiver wipe", died: masterDied},
		{rule: "crash message=KillTaskMessage of=receiver after", died: agentDied},
		{rule: "crash message=Call.KILL of=sender restart=3s", died: schedulerDied},
		{rule: "crash message=Event.KILL of=receiver", died: executorDied, ends: true},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			Run(t, Options{Agents: 1, Seed: 3}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				f.Launch("t", "forever", "cpus:1;mem:32")
				c.Until(time.Minute, "the task to run", f.In("t", running))
				before := c.started()
				c.rule(tt.rule + " count=1")
				f.Driver().Kill("t", nil)
				c.Until(time.Minute, "the crash", func() bool { return tt.died(c, before) })
				if tt.ends {
					c.Until(time.Minute, "the end of the task", func() bool { return f.Over("t") })
				}
				c.Advance(time.Minute) // who starts again is back
				f.Driver().Kill("t", nil)
				c.Until(10*time.Minute, "the task to be over", func() bool { return f.Over("t") })
				f.Launch("u", "true", "cpus:4;mem:4096")
				c.Until(time.Minute, "another task", func() bool { return f.Over("u") })
				c.Check()
			})
		})
	}
}

// started counts the programs that were started.
func (c *Cluster) started() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.programs)
}

func (c *Cluster) diedAfter(addr string, before int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.programs[:before] {
		if p.addr == addr && p.dead.Load() {
			return true
		}
	}
	return false
}

func masterDied(c *Cluster, before int) bool { return c.diedAfter(masterAddr, before) }
func agentDied(c *Cluster, before int) bool {
	return c.diedAfter(c.Agents[0].Addr(), before)
}
func schedulerDied(c *Cluster, before int) bool { return c.started() > before }
func executorDied(c *Cluster, _ int) bool       { return c.Agents[0].Containers() == 0 }

// A scheduler that a rule crashed with its disk comes back as another framework.
func TestRuleCrashesASchedulerWithItsDisk(t *testing.T) {
	Run(t, Options{Agents: 1, Seed: 3}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		first := f.info.GetId().GetValue()
		c.rule("crash message=Call.KILL of=sender wipe count=1")
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "another framework", func() bool {
			f.mu.Lock()
			defer f.mu.Unlock()
			id := f.info.GetId().GetValue()
			return id != "" && id != first
		})
	})
}

// Drivers of version 0 and what they say are under the rules, too.
func TestRulesOnVersion0(t *testing.T) {
	for _, rule := range []string{
		"drop message=RegisterFrameworkMessage count=3", "hangup message=LaunchTasksMessage count=1", "duplicate message=StatusUpdateMessage count=1",
		"crash message=LaunchTasksMessage of=receiver after count=1",
		"crash message=StatusUpdateAcknowledgementMessage of=sender from=scheduler(1)@* count=1",
		"delay 2s inorder message=RegisterExecutorMessage count=1", "hangup message=ExecutorRegisteredMessage count=1",
	} {
		t.Run(rule, func(t *testing.T) {
			Run(t, Options{Agents: 1, Seed: 3}, func(c *Cluster) {
				c.rule(rule)
				f := c.V0Framework(aware(), false)
				f.Launch("a", "sleep 5")
				c.slowly(20*time.Minute, "the task to be over, or an answer about it", func() bool {
					agent, _ := f.AgentOf("a")
					f.Tell(&internalpb.ReconcileTasksMessage{FrameworkId: f.Info().Id, Statuses: []*v1.TaskStatus{
						{TaskId: ids.Task("a"), AgentId: agent, State: running.Enum()},
					}})
					return f.Over("a")
				})
				if s := c.Faults().Rules()[0]; s.Done == 0 {
					t.Errorf("the rule %q matched nothing", s.Rule)
				}
				c.Check()
			})
		})
	}
}
