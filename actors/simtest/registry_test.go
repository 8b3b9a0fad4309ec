package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/registry"
)

// kept is what the registry's disk holds.
func (c *Cluster) kept() *registry.State {
	c.T.Helper()
	seen := make(chan *registry.State, 1)
	r := registry.Start(c.Registry.Look(), registry.Options{Log: c.log}, func(s *registry.State, err error) {
		if err != nil {
			c.T.Error(err)
		}
		seen <- s
	})
	defer r.Close()
	return <-seen
}

// slowly is Until in steps of a second: what is looked at costs a reading of the disk.
func (c *Cluster) slowly(limit time.Duration, what string, holds func() bool) {
	c.T.Helper()
	for start := time.Now(); !holds(); c.Advance(time.Second) {
		if time.Since(start) > limit {
			c.T.Fatalf("after %v of virtual time: still waiting for %s", limit, what)
		}
	}
}

// Wherever the master dies, between or during any two writes of its registry, the
// next one goes on: the agent is unreachable or back, its task is told once, and
// neither registry nor cluster hold two of anything.
func TestMasterCrashAtEveryWrite(t *testing.T) {
	for _, after := range []bool{false, true} {
		steps := 0
		for masterCrashAt(t, steps+1, after) {
			steps++
		}
		// Admission, unreachability, return, the framework's deadline and its return.
		if steps < 5 {
			t.Errorf("after %v: a life took %d writes, want 5 at least: was nothing kept?", after, steps)
		}
	}
}

// masterCrashAt is false when all was over before the n-th write.
func masterCrashAt(t *testing.T, n int, after bool) (crashed bool) {
	Run(t, Options{}, func(c *Cluster) {
		where := fmt.Sprintf("crash at write %d, written %v", n, after)
		c.Registry.StopAt(n, after)
		over := func() bool {
			if c.Registry.Stopped() && !crashed {
				crashed = true
				c.CrashMaster()
				c.Advance(time.Second)
				c.StartMaster()
			}
			return false
		}
		until := func(limit time.Duration, what string, holds func() bool) {
			c.slowly(limit, where+": "+what, func() bool { return over() || holds() })
		}
		c.AddAgent("")
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		until(2*time.Minute, "the task to run", f.In("t", running))
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		// An admission that was written but not told leaves an id that nobody has: the agent gets another.
		agent := f.Last("t").GetAgentId().GetValue()
		until(20*time.Minute, "the agent to be unreachable", func() bool { return c.kept().Unreachable(agent) != nil })
		heal()
		until(10*time.Minute, "the agent to be back", func() bool { return c.kept().Agent(agent) != nil && f.In("t", running)() })
		f.Crash()
		until(time.Minute, "the deadline to be kept", func() bool { return c.kept().Len(registry.Frameworks) == 1 })
		f.Start()
		until(time.Minute, "the deadline to be forgotten", func() bool { return c.kept().Len(registry.Frameworks) == 0 })
		var asked time.Time
		until(5*time.Minute, "the task to be killed", func() bool {
			if time.Since(asked) > 10*time.Second { // a master that does not know the task yet is silent
				asked = time.Now()
				f.Driver().Kill("t", nil)
			}
			return f.Over("t")
		})
		until(time.Minute, "the executor to end", func() bool { return c.Agents[0].Containers() == 0 })
		if err := c.kept().Check(); err != nil {
			t.Errorf("%s: %v", where, err)
		}
		if got := c.Starts("t"); got != 1 {
			t.Errorf("%s: the command ran %d times, want once", where, got)
		}
		if got := f.Endings("t"); got != 1 {
			t.Errorf("%s: told %d endings, want one: %v", where, got, f.States("t"))
		}
		c.Check()
	})
	return crashed
}

// An agent that does not come back to a new master in time is unreachable, so its
// tasks are, and it may come back later with them.
func TestAgentAwayWhenTheMasterChanges(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		agent := f.Last("t").GetAgentId()
		c.CrashMaster()
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		c.StartMaster()
		ask := func() {
			f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task("t"), AgentId: agent})
		}
		c.Advance(5 * time.Minute)
		n := len(f.States("t"))
		ask()
		c.Advance(time.Minute)
		if got := f.States("t"); len(got) != n {
			t.Errorf("told %v while the agent may come back, want silence", got[n:])
		}
		c.slowly(10*time.Minute, "the agent to be given up", func() bool { return c.kept().Unreachable(agent.GetValue()) != nil })
		ask()
		c.Until(time.Second, "the task to be told unreachable", f.In("t", unreachable))
		if f.Last("t").UnreachableTime == nil {
			t.Error("the reconciliation does not tell since when")
		}
		if len(f.Failures()) != 1 {
			t.Errorf("%d failures were told, want the agent's", len(f.Failures()))
		}
		heal()
		c.Until(5*time.Minute, "the task to be back", f.In("t", running))
		c.Check()
	})
}

// What is gone stays gone, whoever leads.
func TestGoneAgentStaysGone(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		agent := f.Last("t").GetAgentId()
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		if code := c.MarkGone(agent.GetValue()); code != 200 {
			t.Fatalf("MARK_AGENT_GONE: got %d, want 200", code)
		}
		c.Until(time.Second, "the task to be gone", f.In("t", v1.TaskState_TASK_GONE_BY_OPERATOR))
		c.CrashMaster()
		c.StartMaster()
		c.Agents[0].ExpectRefusal()
		heal()
		c.Until(10*time.Minute, "the agent to be refused", func() bool { return c.Agents[0].Refused() != nil })
		if err := c.Agents[0].Refused(); !strings.Contains(err.Error(), "marked gone") {
			t.Errorf("the agent was refused by %q, want that it is gone", err)
		}
		c.slowly(time.Minute, "the new master's answer", func() bool {
			// What is asked before the scheduler has subscribed is lost.
			f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task("t"), AgentId: agent})
			return f.Last("t").GetReason() == v1.TaskStatus_REASON_RECONCILIATION && f.Last("t").GetState() == v1.TaskState_TASK_GONE_BY_OPERATOR
		})
	})
}

// Agents are given up no faster than the limit allows, and one that answers while
// it waits is spared.
func TestRemovalsAreLimited(t *testing.T) {
	Run(t, Options{Agents: 5, Master: master.Config{AgentRemovalInterval: time.Hour}}, func(c *Cluster) {
		var cut []string
		for _, a := range c.Agents {
			cut = append(cut, a.Addr())
		}
		heal := c.Net.Partition([]string{masterAddr}, cut)
		lost := func() int { return c.kept().Len(registry.Unreachable) }
		c.slowly(5*time.Minute, "the first to be given up", func() bool { return lost() == 1 })
		c.Advance(50 * time.Minute)
		if n := lost(); n != 1 {
			t.Errorf("%d agents are unreachable within the hour, want 1", n)
		}
		c.slowly(20*time.Minute, "the second to be given up", func() bool { return lost() == 2 })
		heal()
		c.slowly(10*time.Minute, "all agents to be back", func() bool { return c.kept().Len(registry.Agents) == 5 })
		c.Advance(5 * time.Hour)
		if n := lost(); n != 0 {
			t.Errorf("%d agents are unreachable though all answer, want none", n)
		}
	})
}

// A new master that misses more agents than it may give up gives up itself.
func TestTooManyAgentsMissing(t *testing.T) {
	Run(t, Options{Agents: 4, Master: master.Config{RecoveredAgentsNeeded: 0.5}}, func(c *Cluster) {
		c.CrashMaster()
		for _, a := range c.Agents[:3] {
			a.Crash()
		}
		c.StartMaster()
		c.Until(11*time.Minute, "the master to give up", func() bool { return c.MasterFailed() != nil })
		if err := c.MasterFailed(); !strings.Contains(err.Error(), "3 of 4 agents") {
			t.Errorf("the master gave up by %q, want the number of agents", err)
		}
		if n := c.kept().Len(registry.Unreachable); n != 0 {
			t.Errorf("%d agents were marked unreachable, want none", n)
		}
	})
}

// A framework's time to come back runs on while masters change.
func TestFailoverDeadlineOutlivesTheMaster(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		back := c.Framework("back", FrameworkOptions{Info: aware()})
		stays := c.Framework("stays away", FrameworkOptions{Info: aware()}) // failover_timeout 600 s
		back.Launch("b", "forever", "cpus:1;mem:32")
		stays.Launch("s", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the tasks to run", func() bool { return back.In("b", running)() && stays.In("s", running)() })
		back.Crash()
		stays.Crash()
		c.slowly(time.Minute, "the deadlines to be kept", func() bool { return c.kept().Len(registry.Frameworks) == 2 })
		for range 2 {
			c.Advance(4 * time.Minute)
			c.CrashMaster()
			c.StartMaster()
		}
		back.Start()
		c.slowly(time.Minute, "the framework to be back", func() bool { return c.kept().Len(registry.Frameworks) == 1 })
		if n := c.Agents[0].Containers(); n != 2 {
			t.Errorf("%d containers live before the deadline, want both", n)
		}
		c.Until(3*time.Minute, "the framework that stays away to be removed", func() bool { return c.Runs("s") == 0 })
		if c.Runs("b") != 1 {
			t.Error("the task of the framework that came back does not run")
		}
		stays.Start()
		c.Until(time.Minute, "the late framework to be refused", func() bool { return stays.Err() != nil })
		c.slowly(time.Minute, "the removed framework to be forgotten", func() bool { return c.kept().Len(registry.Frameworks) == 0 })
		c.Check()
	})
}

// An agent that returns with tasks of a framework that an earlier master removed
// is told to end them.
func TestRemovedFrameworkStaysRemoved(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		f.Driver().Teardown()
		c.slowly(time.Minute, "the removal to be kept", func() bool { return c.kept().Len(registry.Frameworks) == 1 })
		c.CrashMaster()
		c.StartMaster()
		c.Advance(time.Minute)
		heal()
		c.Until(10*time.Minute, "the task to end", func() bool { return c.Runs("t") == 0 })
		c.slowly(time.Minute, "the removal to be forgotten", func() bool { return c.kept().Len(registry.Frameworks) == 0 })
		g := c.Framework("other", FrameworkOptions{})
		g.Launch("u", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "another framework to get all of the agent", g.In("u", finished))
		c.Check()
	})
}

// What is over for long is forgotten, by the registry and by the master.
func TestRegistryEntriesAreAgedOut(t *testing.T) {
	Run(t, Options{Agents: 1, Master: master.Config{RegistryMaxAgentAge: time.Hour}}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		agent := f.Held()[0].GetAgentId()
		c.Agents[0].Crash()
		ask := func() {
			f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task("t"), AgentId: agent})
		}
		c.slowly(5*time.Minute, "the agent to be unreachable", func() bool { return c.kept().Len(registry.Unreachable) == 1 })
		ask()
		c.Until(time.Second, "an answer", f.In("t", unreachable))
		c.slowly(2*time.Hour, "the entry to be aged out", func() bool { return c.kept().Len(registry.Unreachable) == 0 })
		ask()
		c.Until(time.Second, "an answer", f.In("t", v1.TaskState_TASK_UNKNOWN))
		c.Agents[0].Start()
		c.slowly(5*time.Minute, "the agent to be taken back under its id", func() bool { return c.kept().Agent(agent.GetValue()) != nil })
	})
}

// A master without a capability that the registry asks for does not lead.
func TestMinimumCapabilities(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		c.CrashMaster()
		s := registry.OpenMemory(c.Registry)
		value, err := proto.Marshal(&internalpb.Registry_MinimumCapability{Capability: proto.String("TELEPORT")})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), []registry.Row{{Table: string(registry.Capabilities), Key: "TELEPORT", Value: value}}); err != nil {
			t.Fatal(err)
		}
		c.StartMaster()
		c.Until(time.Minute, "the master to give up", func() bool { return c.MasterFailed() != nil })
		if err := c.MasterFailed(); !strings.Contains(err.Error(), "TELEPORT") {
			t.Errorf("the master gave up by %q, want the capability's name", err)
		}
	})
}

// A framework without PARTITION_AWARE was told that its task is lost: the task
// does not run on when its agent returns to another master.
func TestLostTaskIsKilledByTheNextMaster(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		info := aware()
		info.Capabilities = nil
		f := c.Framework("web", FrameworkOptions{Info: info})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		c.Until(5*time.Minute, "the task to be lost", f.In("t", lost))
		c.CrashMaster()
		c.StartMaster()
		c.Advance(time.Minute)
		heal()
		c.Until(5*time.Minute, "the task to be killed", func() bool { return c.Runs("t") == 0 })
	})
}
