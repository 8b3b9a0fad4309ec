package simtest

import (
	"slices"
	"testing"
	"time"

	"mesos/actors/master"
	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/registry"
)

// What Mesos lists as faults that it never settled must hold here. The numbers are those of its issues.

// Two terminal updates of a task race: of an executor that contradicts itself, and of an executor and the agent that
// sees it die. The first counts, and it is told once (9887).
func TestTwoTerminalUpdatesAreOneEnd(t *testing.T) {
	for _, command := range []string{"contradict", "break off"} {
		t.Run(command, func(t *testing.T) {
			Run(t, Options{Agents: 1}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				for _, id := range []string{"a", "b", "c", "d"} {
					f.Launch(id, command, "cpus:1;mem:32")
				}
				for _, id := range []string{"a", "b", "c", "d"} {
					c.Until(time.Minute, "the task to end", func() bool { return f.Over(id) })
				}
				c.Advance(time.Hour) // whatever else would come
				for _, id := range []string{"a", "b", "c", "d"} {
					if n := f.Endings(id); n != 1 {
						t.Errorf("task %s: got %d ends in %v, want one", id, n, f.States(id))
					}
					if last := f.Last(id).GetState(); command == "contradict" && last != finished {
						t.Errorf("task %s ended in %s, want the first that its executor said", id, last)
					}
				}
				// Nothing was given back twice, and nothing is missing.
				f.Launch("all", "true", "cpus:4;mem:4096")
				c.Until(time.Minute, "a task on all of the agent", f.In("all", finished))
				c.Check()
			})
		})
	}
}

// A task is removed while its framework is away, in each way that there is. The master lives, the framework learns of
// the end when it is back, and the books are right (10146).
func TestTaskRemovedWhileItsFrameworkIsAway(t *testing.T) {
	for name, lose := range map[string]func(c *Cluster, agent *v1.AgentID){
		"marked gone": func(c *Cluster, agent *v1.AgentID) {
			c.Agents[0].ExpectRefusal()
			if code := c.MarkGone(agent.GetValue()); code != 200 {
				c.T.Errorf("MARK_AGENT_GONE: got %d, want 200", code)
			}
		},
		"unreachable": func(c *Cluster, _ *v1.AgentID) {
			c.Agents[0].Crash()
			c.slowly(5*time.Minute, "the agent to be unreachable", func() bool { return c.kept().Len(registry.Unreachable) == 1 })
		},
		"replaced": func(c *Cluster, _ *v1.AgentID) {
			c.Agents[0].Crash()
			c.Agents[0].Disk.Wipe()
			c.Advance(time.Second)
			c.Agents[0].Start()
			c.Advance(time.Minute)
		},
		"its executor died": func(c *Cluster, _ *v1.AgentID) {
			c.Agents[0].CrashExecutors()
			c.Advance(time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			Run(t, Options{Agents: 1}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware()})
				f.Launch("t", "forever", "cpus:1;mem:32")
				c.Until(time.Minute, "the task to run", f.In("t", running))
				agent := f.Last("t").GetAgentId()
				f.Crash()
				c.Advance(time.Second)
				lose(c, agent)
				c.Check()
				f.Start()
				c.slowly(time.Minute, "the end to be told", func() bool {
					f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task("t"), AgentId: agent})
					return f.Over("t") || f.Last("t").GetState() == v1.TaskState_TASK_UNREACHABLE
				})
				c.Check()
			})
		})
	}
}

// Calls about operations name an agent that is no more. They are answered by what is known of it, and the master goes
// on (10011).
func TestOperationCallsWithAStaleAgentID(t *testing.T) {
	Run(t, Options{Agents: 2}, func(c *Cluster) {
		o := storing()
		o.ManualAck = true
		f := c.Framework("db", o)
		offer := f.holding(diskOf(50))
		f.Accept(offer, scheduler.Reserve("r", reservedDisk(50)))
		c.Until(time.Minute, "the reservation", f.Operated("r", opFinished))
		s := f.Operation("r")
		for _, a := range c.Agents {
			a.ExpectRefusal()
		}
		if code := c.MarkGone(offer.GetAgentId().GetValue()); code != 200 {
			t.Fatalf("MARK_AGENT_GONE: got %d, want 200", code)
		}
		c.Until(time.Minute, "the loss of the operation to be told", f.Operated("r", v1.OperationState_OPERATION_GONE_BY_OPERATOR))
		f.Driver().AcknowledgeOperation(s)
		told := len(f.OperationStates("r"))
		f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: s.OperationId, AgentId: offer.AgentId})
		c.Until(time.Minute, "the answer", func() bool { return len(f.OperationStates("r")) > told })
		if got := f.Operation("r").GetState(); got != v1.OperationState_OPERATION_GONE_BY_OPERATOR {
			t.Errorf("the operation is %s by reconciliation, want that its agent is gone", got)
		}
		f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: new("x")}, AgentId: ids.Agent("nobody")})
		c.Until(time.Minute, "the answer about an agent that an earlier master may have known", f.Operated("x", v1.OperationState_OPERATION_RECOVERING))
		f.Accept(f.holding(diskOf(50)), scheduler.Reserve("r2", reservedDisk(50)))
		c.Until(time.Minute, "a reservation on the other agent", f.Operated("r2", opFinished))
		c.Check()
	})
}

// The limit of removals holds back what is guessed, that agents which do not answer are lost, and nothing that is
// known: an operator's word, a machine that came back as another agent, and one that answers again (7721).
func TestLimitHoldsOnlyGuessesBack(t *testing.T) {
	Run(t, Options{Agents: 4, Master: master.Config{AgentRemovalInterval: 24 * time.Hour}}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		for _, id := range []string{"0", "1", "2", "3"} {
			f.Launch(id, "forever", "cpus:3;mem:32") // one fits on each agent
		}
		agentOf := map[string]*v1.AgentID{}
		for _, id := range []string{"0", "1", "2", "3"} {
			c.Until(time.Minute, "the task to run", f.In(id, running))
			agentOf[id] = f.Last(id).GetAgentId()
		}
		var cut []string
		for _, a := range c.Agents {
			a.ExpectRefusal()
			cut = append(cut, a.Addr())
		}
		heal := c.Net.Partition([]string{masterAddr}, cut)
		lost := func() int { return c.kept().Len(registry.Unreachable) }
		c.slowly(5*time.Minute, "the first to be given up: the limit is used up", func() bool { return lost() == 1 })
		waits := ""
		for id := range agentOf {
			if f.In(id, running)() {
				waits = id
			}
		}
		if code := c.MarkGone(agentOf[waits].GetValue()); code != 200 {
			t.Fatalf("MARK_AGENT_GONE of an agent that waits to be given up: got %d, want 200", code)
		}
		c.Until(time.Second, "its task to be told gone at once", f.In(waits, v1.TaskState_TASK_GONE_BY_OPERATOR))
		heal()
		c.slowly(10*time.Minute, "all but it to be back", func() bool { return c.kept().Len(registry.Agents) == 3 && lost() == 0 })
		for id := range agentOf {
			if id != waits && c.Runs(id) != 1 {
				t.Errorf("task %s runs %d times, want once", id, c.Runs(id))
			}
		}
		// Those that came back in time used nothing of the limit, and a machine that comes back without its state is
		// a new agent at once.
		i := slices.IndexFunc(c.Agents, func(a *Agent) bool { return a.ID() != agentOf[waits].GetValue() })
		machine, old := c.Agents[i], c.Agents[i].ID()
		machine.Crash()
		machine.Disk.Wipe()
		c.Advance(time.Second)
		machine.Start()
		for id, on := range agentOf {
			if on.GetValue() == old {
				c.Until(time.Minute, "the task of the old agent to be told", func() bool { return f.Endings(id) == 1 })
			}
		}
		c.Check()
	})
}

// The orders to end what runs on an agent that is marked gone are lost with its session, and the refusal that follows
// them comes over the next one. The agent does not end before it has ended all.
func TestRefusalWhoseOrdersAreLost(t *testing.T) {
	Run(t, Options{Agents: 1, Seed: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.rule("hangup message=ShutdownFrameworkMessage count=1")
		c.Agents[0].ExpectRefusal()
		if code := c.MarkGone(f.Last("t").GetAgentId().GetValue()); code != 200 {
			t.Fatalf("MARK_AGENT_GONE: got %d, want 200", code)
		}
		c.Until(time.Minute, "the agent to end", func() bool { return c.Agents[0].Refused() != nil })
		if n := c.Runs("t"); n != 0 {
			t.Errorf("the agent ended, and %d containers run its task, want none", n)
		}
	})
}
