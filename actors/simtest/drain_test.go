package simtest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
)

const goneByOperator = v1.TaskState_TASK_GONE_BY_OPERATOR

// order gives an operator's order that must be taken.
func (c *Cluster) order(kind, part string) {
	c.T.Helper()
	if code, text := c.Operator(kind, part); code != http.StatusOK {
		c.T.Fatalf("%s %s: got %d %q, want 200", kind, part, code, text)
	}
}

func ofAgent(id string) string { return fmt.Sprintf(`"agent_id":{"value":%q}`, id) }

// drainState is where an agent is by the registry, UNKNOWN if it does not drain.
func (c *Cluster) drainState(id string) v1.DrainState {
	if a := c.kept().Agent(id); a != nil {
		return a.GetDrainInfo().GetState()
	}
	return c.kept().Unreachable(id).GetDrainInfo().GetState()
}

// launched starts tasks that never end, and says where they run.
func (c *Cluster) launched(f *Framework, tasks ...string) (agentID string) {
	c.T.Helper()
	for _, id := range tasks {
		f.Launch(id, "forever", "cpus:0.5;mem:32")
		c.Until(time.Minute, id+" to run", f.In(id, running))
	}
	return f.Last(tasks[0]).GetAgentId().GetValue()
}

// An agent that drains kills its tasks and says why, is not offered any more, and
// is again when it is reactivated.
func TestDrain(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		agent := c.launched(f, "a", "b")
		g := c.Framework("holds", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(time.Minute, "an offer", func() bool { return len(g.Held()) == 1 })
		c.order("DRAIN_AGENT", ofAgent(agent)+`,"max_grace_period":{"seconds":10}`)
		for _, id := range []string{"a", "b"} {
			c.Until(time.Minute, id+" to be killed", f.In(id, killed))
			if got := f.Last(id).GetReason(); got != v1.TaskStatus_REASON_AGENT_DRAINING {
				t.Errorf("task %s: got reason %v, want that the agent drains", id, got)
			}
		}
		c.slowly(time.Minute, "the agent to be drained", func() bool { return c.drainState(agent) == v1.DrainState_DRAINED })
		if n := len(g.Held()); n != 0 {
			t.Errorf("%d offers of the agent are out, want none: they are rescinded", n)
		}
		g.Driver().Teardown()
		f.Launch("c", "true", "cpus:1;mem:32")
		c.Advance(10 * time.Minute)
		if !f.Wants("c") {
			t.Error("the drained agent was offered")
		}
		if code, text := c.Operator("REACTIVATE_AGENT", ofAgent("nobody")); code != http.StatusBadRequest {
			t.Errorf("reactivation of nobody: got %d %q, want 400", code, text)
		}
		c.order("REACTIVATE_AGENT", ofAgent(agent))
		c.Until(time.Minute, "the agent to be used again", func() bool { return c.Starts("c") == 1 && f.Over("c") })
		c.Check()
	})
}

// A deactivated agent goes on with what it has, over a restart of itself and of the master.
func TestDeactivate(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		agent := c.launched(f, "a")
		c.order("DEACTIVATE_AGENT", ofAgent(agent))
		c.CrashMaster()
		c.StartMaster()
		c.Agents[0].Crash()
		c.Agents[0].Start()
		f.Launch("b", "true", "cpus:1;mem:32")
		c.Advance(10 * time.Minute)
		if !f.Wants("b") || c.Runs("a") != 1 {
			t.Errorf("b still waits: %v, %d containers run a, want true and 1", f.Wants("b"), c.Runs("a"))
		}
		c.order("REACTIVATE_AGENT", ofAgent(agent))
		c.Until(time.Minute, "the agent to be used again", func() bool { return c.Starts("b") == 1 && f.Over("b") })
		c.Check()
	})
}

// With mark_gone the tasks are told so, and the agent never comes back.
func TestDrainAndMarkGone(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		agent := c.launched(f, "a")
		old := aware()
		old.Capabilities = nil
		g := c.Framework("old", FrameworkOptions{Info: old})
		c.launched(g, "b")
		c.Agents[0].ExpectRefusal()
		c.order("DRAIN_AGENT", ofAgent(agent)+`,"mark_gone":true`)
		c.Until(time.Minute, "a to be gone", f.In("a", goneByOperator))
		c.Until(time.Minute, "b to be lost", g.In("b", lost))
		c.slowly(time.Minute, "the agent to be gone", func() bool { return c.kept().Gone(agent) != nil })
		c.Until(time.Minute, "the agent to end", func() bool { return c.Agents[0].Refused() != nil })
		if c.Runs("a")+c.Runs("b") != 0 || f.Endings("a") != 1 || g.Endings("b") != 1 {
			t.Errorf("%d containers run; told %v and %v, want none and one ending each", c.Runs("a")+c.Runs("b"), f.States("a"), g.States("b"))
		}
		if code, _ := c.Operator("REACTIVATE_AGENT", ofAgent(agent)); code != http.StatusBadRequest {
			t.Errorf("reactivation of a gone agent: got %d, want 400", code)
		}
	})
}

// Whoever fails in the middle of a drain, it comes to its end: each task ends once,
// nothing is offered, and the registry says that the agent is drained.
func TestDrainUnderFaults(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault func(c *Cluster, f *Framework, order func())
	}{
		{"the order is lost", func(c *Cluster, _ *Framework, order func()) {
			heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
			order()
			c.Advance(20 * time.Second)
			heal()
		}},
		{"the agent is unreachable", func(c *Cluster, _ *Framework, order func()) {
			heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
			c.slowly(5*time.Minute, "the agent to be unreachable", func() bool { return c.kept().Len("unreachable") == 1 })
			order()
			heal()
		}},
		{"the master restarts", func(c *Cluster, _ *Framework, order func()) {
			order()
			c.CrashMaster()
			c.Advance(time.Second)
			c.StartMaster()
		}},
		{"the agent is not back with a new master", func(c *Cluster, _ *Framework, order func()) {
			heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
			c.CrashMaster()
			c.StartMaster()
			c.Advance(time.Second)
			order()
			heal()
		}},
		{"the agent restarts", func(c *Cluster, _ *Framework, order func()) {
			order()
			c.Agents[0].Crash()
			c.Advance(time.Second)
			c.Agents[0].Start()
		}},
		{"the agent restarts and the executors are out of its reach", func(c *Cluster, _ *Framework, order func()) {
			heal := c.Net.Partition([]string{c.Agents[0].Addr()}, c.Agents[0].ExecutorAddrs())
			order()
			c.Advance(time.Second)
			c.Agents[0].Crash()
			c.Agents[0].Start()
			c.Advance(time.Second)
			heal()
		}},
		{"the scheduler is away", func(c *Cluster, f *Framework, order func()) {
			f.Crash()
			order()
			c.Advance(time.Minute)
			f.Start()
		}},
		{"the machine restarts", func(c *Cluster, _ *Framework, order func()) {
			order()
			c.Agents[0].Reboot()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			Run(t, Options{Agents: 1}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				agent := c.launched(f, "a", "b")
				tt.fault(c, f, func() { c.order("DRAIN_AGENT", ofAgent(agent)) })
				c.slowly(20*time.Minute, "the agent to be drained", func() bool { return c.drainState(agent) == v1.DrainState_DRAINED })
				for _, id := range []string{"a", "b"} {
					c.Until(time.Minute, id+" to be over", func() bool { return f.Over(id) })
					if n := c.Runs(id); n != 0 || f.Endings(id) != 1 {
						t.Errorf("task %s: %d containers run it and it was told %v, want none and one ending", id, n, f.States(id))
					}
				}
				f.Launch("c", "true", "cpus:1;mem:32")
				c.Advance(time.Minute)
				if !f.Wants("c") {
					t.Error("the drained agent was offered")
				}
				c.order("REACTIVATE_AGENT", ofAgent(agent))
				c.Until(5*time.Minute, "the agent to be used again", func() bool { return c.Starts("c") == 1 && f.Over("c") })
				c.Check()
			})
		})
	}
}

// Of an order that is durable with the agent no master needs to remind it: it goes on after a restart, though its master
// is out of reach.
func TestDrainGoesOnWithoutMaster(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		agent, a := c.launched(f, "a", "b"), c.Agents[0]
		away := c.Net.Partition([]string{a.Addr()}, a.ExecutorAddrs()) // else they are killed at once
		c.order("DRAIN_AGENT", ofAgent(agent))
		c.Until(time.Minute, "the order to be durable", func() bool {
			st, err := a.Disk.Look()
			return err == nil && st.Drain != nil
		})
		heal := c.Net.Partition([]string{masterAddr}, []string{a.Addr()})
		a.Crash()
		away()
		a.Start()
		c.Until(time.Minute, "the tasks to end", func() bool { return c.Runs("a")+c.Runs("b") == 0 })
		heal()
		c.slowly(20*time.Minute, "the agent to be drained", func() bool { return c.drainState(agent) == v1.DrainState_DRAINED })
		for _, id := range []string{"a", "b"} {
			if f.Endings(id) != 1 {
				t.Errorf("task %s was told %v, want one ending", id, f.States(id))
			}
		}
		c.Check()
	})
}

// A drain comes to its end under random faults.
func TestDrainNemesis(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			Run(t, Options{Agents: 2}, func(c *Cluster) {
				r := rand.New(rand.NewPCG(seed, 2))
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				var tasks []string
				for i := range 6 {
					tasks = append(tasks, fmt.Sprint("t", i))
				}
				agent := c.launched(f, tasks...)
				c.order("DRAIN_AGENT", ofAgent(agent)+`,"max_grace_period":{"seconds":1}`)
				for range 12 {
					a := c.Agents[r.IntN(len(c.Agents))]
					switch r.IntN(4) {
					case 0:
						a.Crash()
						c.Advance(time.Duration(r.IntN(5000)) * time.Millisecond)
						a.Start()
					case 1:
						c.CrashMaster()
						c.Advance(time.Duration(r.IntN(5000)) * time.Millisecond)
						c.StartMaster()
					case 2:
						heal := c.Net.Partition([]string{masterAddr}, []string{a.Addr()})
						c.Advance(time.Duration(r.IntN(120)) * time.Second)
						heal()
					case 3:
						f.Crash()
						c.Advance(time.Duration(r.IntN(5000)) * time.Millisecond)
						f.Start()
					}
					c.Advance(time.Duration(r.IntN(300)) * time.Millisecond)
				}
				c.slowly(30*time.Minute, "the agent to be drained", func() bool { return c.drainState(agent) == v1.DrainState_DRAINED })
				c.Advance(15 * time.Minute)
				c.Check()
				for _, id := range tasks {
					over := f.Updates(id)[0].GetAgentId().GetValue() == agent
					if want := map[bool]int{true: 0, false: 1}[over]; c.Runs(id) != want || f.Over(id) != over || c.Starts(id) != 1 {
						t.Errorf("task %s, on the drained agent %v: %d containers run it, told %v, started %d times", id, over, c.Runs(id), f.States(id), c.Starts(id))
					}
				}
			})
		})
	}
}

// machine names the machine of an agent in JSON; host names are compared in lower case.
func (a *Agent) machine() string {
	host, _, _ := strings.Cut(a.Addr(), ":")
	return fmt.Sprintf(`{"hostname":"AGENT.sim","ip":%q}`, host)
}

func windowFor(machines string, start time.Time) string {
	return fmt.Sprintf(`"schedule":{"windows":[{"machine_ids":[%s],"unavailability":{"start":{"nanoseconds":%d},"duration":{"nanoseconds":3600000000000}}}]}`, machines, start.UnixNano())
}
