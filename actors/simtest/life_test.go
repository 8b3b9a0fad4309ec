package simtest

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
)

const (
	starting    = v1.TaskState_TASK_STARTING
	running     = v1.TaskState_TASK_RUNNING
	finished    = v1.TaskState_TASK_FINISHED
	failed      = v1.TaskState_TASK_FAILED
	killed      = v1.TaskState_TASK_KILLED
	lost        = v1.TaskState_TASK_LOST
	gone        = v1.TaskState_TASK_GONE
	unreachable = v1.TaskState_TASK_UNREACHABLE
	dropped     = v1.TaskState_TASK_DROPPED
	errored     = v1.TaskState_TASK_ERROR
)

// aware is a framework that knows of partitions and survives its scheduler for ten minutes.
func aware() *v1.FrameworkInfo {
	return &v1.FrameworkInfo{
		FailoverTimeout: proto.Float64(600), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}},
	}
}

func TestLifeOfATask(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{})
		f.Launch("t", "sleep 10", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to be over", func() bool { return f.Over("t") })
		if got, want := f.States("t"), []v1.TaskState{starting, running, finished}; !slices.Equal(got, want) {
			t.Errorf("states %v, want %v", got, want)
		}
		c.Advance(10 * time.Second)
		if n := c.Agents[0].Containers(); n != 0 {
			t.Errorf("%d containers left, want none", n)
		}
		c.Check()
	})
}

func TestFailedTask(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{})
		f.Launch("t", "exit 3", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to be over", func() bool { return f.Over("t") })
		if s := f.Last("t"); s.GetState() != failed || s.GetMessage() != "Command exited with status 3" {
			t.Errorf("last status %v %q, want TASK_FAILED with status 3", s.GetState(), s.GetMessage())
		}
	})
}

// The worked example of a resource offer.
func TestOfferExample(t *testing.T) {
	Run(t, Options{Agents: 1, Resources: "cpus:4;mem:4096;disk:0;ports:[31000-31000]"}, func(c *Cluster) {
		one := c.Framework("one", FrameworkOptions{HoldOffer: true})
		c.Until(5*time.Second, "the first offer", func() bool { return len(one.Held()) == 1 })
		two := c.Framework("two", FrameworkOptions{HoldOffer: true})
		c.Advance(10 * time.Second)
		if n := len(two.Held()); n != 0 {
			t.Fatalf("framework two holds %d offers of what framework one holds, want none", n)
		}
		o := one.Held()[0]
		mk := func(id, cpu string) *v1.TaskInfo {
			return &v1.TaskInfo{Name: &id, TaskId: ids.Task(id), AgentId: o.AgentId, Resources: resources.MustParse(cpu).Proto(), Command: &v1.CommandInfo{Value: proto.String("sleep 30")}}
		}
		start := time.Now()
		one.Driver().Launch(o.GetId(), []*v1.TaskInfo{mk("a", "cpus:2;mem:1024"), mk("b", "cpus:1;mem:2048")}, nil)
		c.Until(time.Second, "the rest to be offered to framework two", func() bool { return len(two.Held()) == 1 })
		if waited := time.Since(start); waited > 100*time.Millisecond {
			t.Errorf("the rest was offered after %v of virtual time, want at once", waited)
		}
		if got, want := offered(t, two.Held()[0]), resources.MustParse("cpus:1;mem:1024;ports:[31000-31000]"); !got.Equal(want) {
			t.Errorf("framework two was offered %v, want %v", got, want)
		}
		c.Until(time.Minute, "the tasks to be over", func() bool { return one.Over("a") && one.Over("b") })
		c.Until(time.Second, "their resources to be offered again", func() bool { return len(one.Held())+len(two.Held()) >= 2 })
		c.Check()
	})
}

func offered(t *testing.T, o *v1.Offer) resources.Resources {
	t.Helper()
	r, err := resources.FromProto(o.GetResources())
	if err != nil {
		t.Fatal(err)
	}
	return r.Unallocate()
}

func TestKill(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "the task to be killed", f.In("t", killed))
		f.Driver().Kill("never-was", nil)
		c.Until(time.Minute, "an answer for a task that never was", f.In("never-was", lost))
	})
}

func TestInvalidTask(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		o := f.Held()[0]
		f.Driver().Launch(o.GetId(), []*v1.TaskInfo{{
			Name: proto.String("x"), TaskId: ids.Task("x"), AgentId: o.AgentId, Resources: resources.MustParse("cpus:100").Proto(), Command: &v1.CommandInfo{Value: proto.String("true")},
		}}, nil)
		c.Until(time.Second, "the refusal", f.In("x", errored))
		if got := f.Last("x").GetReason(); got != v1.TaskStatus_REASON_TASK_INVALID {
			t.Errorf("reason %v, want REASON_TASK_INVALID", got)
		}
		// The same offer again: it is used up.
		f.Driver().Launch(o.GetId(), []*v1.TaskInfo{{
			Name: proto.String("y"), TaskId: ids.Task("y"), AgentId: o.AgentId, Resources: resources.MustParse("cpus:1").Proto(), Command: &v1.CommandInfo{Value: proto.String("true")},
		}}, nil)
		c.Until(time.Second, "the refusal", f.In("y", lost))
		if got := f.Last("y").GetReason(); got != v1.TaskStatus_REASON_INVALID_OFFERS {
			t.Errorf("reason %v, want REASON_INVALID_OFFERS", got)
		}
		c.Check()
	})
}

func TestUnreachableAgentComesBack(t *testing.T) {
	for _, old := range []bool{false, true} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			info := aware()
			if old {
				info.Capabilities = nil
			}
			f := c.Framework("web", FrameworkOptions{Info: info})
			f.Launch("t", "forever", "cpus:1;mem:32")
			c.Until(time.Minute, "the task to run", f.In("t", running))
			heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
			want := unreachable
			if old {
				want = lost
			}
			c.Until(3*time.Minute, "the agent to be unreachable", f.In("t", want))
			if !old {
				f.Driver().Reconcile()
				c.Until(time.Second, "the reconciliation to tell since when", func() bool {
					s := f.Last("t")
					return s.GetReason() == v1.TaskStatus_REASON_RECONCILIATION && s.GetState() == unreachable && s.UnreachableTime != nil
				})
			}
			if len(f.Failures()) != 1 {
				t.Errorf("%d failures were told, want the agent's", len(f.Failures()))
			}
			heal()
			if old {
				// What was told lost must not run on.
				c.Until(5*time.Minute, "the task to be killed", func() bool { return c.Agents[0].Containers() == 0 })
			} else {
				c.Until(5*time.Minute, "the task to be back", f.In("t", running))
			}
			c.Advance(time.Minute)
			c.Check()
		})
	}
}

// A launch that is lost with its agent's session is accounted for when the agent is back, also by a new master, which
// has never heard of the task.
func TestLaunchLostWithItsAgent(t *testing.T) {
	for _, failover := range []bool{false, true} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			f := c.Framework("web", FrameworkOptions{Info: aware()})
			c.Advance(5 * time.Second)
			heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
			f.Launch("t", "forever", "cpus:1;mem:32")
			c.Until(3*time.Minute, "the agent to be unreachable", f.In("t", unreachable))
			want := dropped
			if failover {
				want = v1.TaskState_TASK_GONE
				c.CrashMaster()
				c.StartMaster()
				c.Advance(time.Minute)
			}
			heal()
			c.Until(10*time.Minute, "the task to be accounted for", f.In("t", want))
			c.Advance(time.Minute)
			if n := c.Agents[0].Containers(); n != 0 {
				t.Errorf("%d containers run, want none", n)
			}
			c.Check()
		})
	}
}

func TestShortPartitionGoesUnnoticed(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "sleep 60", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		c.Advance(40 * time.Second)
		heal()
		c.Until(5*time.Minute, "the task to be over", func() bool { return f.Over("t") })
		if got, want := f.States("t"), []v1.TaskState{starting, running, finished}; !slices.Equal(got, want) {
			t.Errorf("states %v, want %v", got, want)
		}
	})
}

func TestAgentRestartsWithoutState(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Agents[0].Crash()
		c.Agents[0].Disk.Wipe()
		c.Advance(time.Second)
		c.Agents[0].Start()
		c.Until(time.Minute, "the task to be gone", f.In("t", gone))
		c.Until(time.Minute, "the orphaned executor to end", func() bool { return c.Agents[0].Containers() == 0 })
		f.Launch("u", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "a task to run on all of the agent", f.In("u", finished))
		c.Check()
	})
}

func TestExecutorCrash(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Agents[0].CrashExecutors()
		c.Until(time.Minute, "the task to have failed", f.In("t", failed))
		if got := f.Last("t").GetReason(); got != v1.TaskStatus_REASON_COMMAND_EXECUTOR_FAILED {
			t.Errorf("reason %v, want REASON_COMMAND_EXECUTOR_FAILED", got)
		}
		c.Check()
	})
}

func TestMasterRestart(t *testing.T) {
	Run(t, Options{Agents: 2}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("short", "sleep 5", "cpus:1;mem:32")
		f.Launch("long", "sleep 300", "cpus:1;mem:32")
		c.Until(time.Minute, "the tasks to run", func() bool { return f.In("short", running)() && f.In("long", running)() })
		c.CrashMaster()
		c.Advance(10 * time.Second) // the short one ends meanwhile
		c.StartMaster()
		c.Until(time.Minute, "the short task's outcome", f.In("short", finished))
		c.Until(6*time.Minute, "the long task's outcome", f.In("long", finished))
		c.Advance(time.Minute)
		f.Launch("after", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "a task after the restart", f.In("after", finished))
		c.Check()
	})
}

func TestSchedulerFailover(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "sleep 30", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		f.Crash()
		c.Advance(time.Minute) // it ends with nobody to tell
		f.Start()
		c.Until(2*time.Minute, "the outcome", f.In("t", finished))
		c.Check()
	})
}

func TestFailoverTimeout(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{}) // failover_timeout 0
		f.Launch("t", "forever", "cpus:4;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		f.Crash()
		c.Until(time.Minute, "the executor to end", func() bool { return c.Agents[0].Containers() == 0 })
		g := c.Framework("other", FrameworkOptions{})
		g.Launch("u", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "another framework to get the resources", g.In("u", finished))
		f.Start()
		c.Until(time.Minute, "the old framework to be refused", func() bool { return f.Err() != nil })
		c.Check()
	})
}

func TestTeardownWaitsForTheTasks(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:4;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		heal := c.Net.Partition([]string{masterAddr}, []string{c.Agents[0].Addr()})
		f.Driver().Teardown()
		g := c.Framework("other", FrameworkOptions{HoldOffer: true})
		c.Advance(30 * time.Second)
		if len(g.Held()) != 0 {
			t.Error("resources were offered while the old framework's task may still use them")
		}
		heal()
		c.Until(5*time.Minute, "the resources to be offered", func() bool { return len(g.Held()) > 0 })
		if n := c.Agents[0].Containers(); n != 0 {
			t.Errorf("resources were offered while %d containers still use them", n)
		}
		c.Check()
	})
}

// An operator's teardown ends no connection that a driver would see end: it is told.
func TestTeardownByOperator(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		if code, text := c.Operator("TEARDOWN", `"framework_id":{"value":"`+f.ID()+`"}`); code != 200 {
			t.Fatalf("TEARDOWN: got %d, %s", code, text)
		}
		c.Until(time.Minute, "the driver to be told", func() bool { return f.Err() != nil })
		c.Until(time.Minute, "the task to end", func() bool { return c.Agents[0].Containers() == 0 })
	})
}

func TestExplicitReconciliation(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		agent := f.Held()[0].GetAgentId()
		ask := func(task string, a *v1.AgentID) {
			f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(task), AgentId: a})
		}
		ask("on-agent", agent)
		ask("nowhere", nil)
		ask("other-agent", ids.Agent("master-1-S99"))
		c.Until(time.Second, "an answer", f.In("on-agent", gone))
		c.Until(time.Second, "an answer", f.In("nowhere", v1.TaskState_TASK_UNKNOWN))
		c.Until(time.Second, "an answer", f.In("other-agent", v1.TaskState_TASK_UNKNOWN))
		// An agent of an earlier master may still come back: silence.
		ask("earlier", ids.Agent("master-0-S1"))
		c.Advance(time.Minute)
		if s := f.Last("earlier"); s != nil {
			t.Errorf("told %v of a task whose agent may come back, want silence", s.GetState())
		}
		c.Advance(10 * time.Minute)
		ask("earlier", ids.Agent("master-0-S1"))
		c.Until(time.Second, "an answer after the time to come back", f.In("earlier", v1.TaskState_TASK_UNKNOWN))
	})
}

func TestLostLaunch(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		// The cut outlasts the session, and the launch is lost with it.
		heal := c.Net.PartitionOneWay([]string{masterAddr}, []string{c.Agents[0].Addr()})
		f.Launch("t", "true", "cpus:1;mem:32")
		c.Advance(10 * time.Second)
		heal()
		c.Until(2*time.Minute, "the lost launch to be told", f.In("t", dropped))
		c.Check()
	})
}
