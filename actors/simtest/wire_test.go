package simtest

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func custom(id, executor, command string) *v1.TaskInfo {
	return &v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: resources.MustParse("cpus:0.5;mem:32").Proto(),
		Executor: &v1.ExecutorInfo{
			ExecutorId: ids.Executor(executor), Resources: resources.MustParse("cpus:0.5;mem:64").Proto(),
			Command: &v1.CommandInfo{Value: proto.String(command)},
		},
	}
}

func TestCustomExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchTask(custom("a", "e", "x"))
		f.LaunchTask(custom("b", "e", "x"))
		c.Until(time.Minute, "both tasks to be over", func() bool { return f.Over("a") && f.Over("b") })
		for _, id := range []string{"a", "b"} {
			if got := f.Last(id).GetExecutorId().GetValue(); got != "e" {
				t.Errorf("task %s ran in executor %q, want e", id, got)
			}
		}
		c.Until(time.Minute, "the executor's end to be told", func() bool { return len(f.Failures()) == 1 })
		if got := f.Failures()[0].GetExecutorId().GetValue(); got != "e" {
			t.Errorf("the failure names executor %q, want e", got)
		}
		// All of the agent is free again, the executor's share included.
		f.Launch("all", "true", "cpus:4;mem:4096")
		c.Until(time.Minute, "a task on all of the agent", f.In("all", finished))
		c.Check()
	})
}

func TestMessagesBothWays(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		task := custom("a", "e", "x")
		task.Command, task.Data = nil, nil
		f.LaunchTask(task)
		c.Until(time.Minute, "the task to start", func() bool { return len(f.States("a")) > 0 })
		f.Driver().SendMessage(f.Last("a").GetAgentId().GetValue(), "e", []byte("hello"))
		c.Until(time.Minute, "the executor's answer", func() bool { return len(f.Messages()) == 1 })
		m := f.Messages()[0]
		if string(m.GetData()) != "hello" || m.GetExecutorId().GetValue() != "e" || m.GetAgentId().GetValue() == "" {
			t.Errorf("got message %v, want the bytes that were sent, with their origin", m)
		}
	})
}

func TestShutdownExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		task := custom("a", "e", "x")
		task.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String("model"), Value: proto.String("forever")}}}
		f.LaunchTask(task)
		c.Until(time.Minute, "the task to run", f.In("a", running))
		f.Driver().ShutdownExecutor(f.Last("a").GetAgentId().GetValue(), "e")
		c.Until(time.Minute, "the task to be killed", f.In("a", killed))
		c.Until(time.Minute, "the executor's end to be told", func() bool { return len(f.Failures()) == 1 })
		c.Check()
	})
}

func TestAllocationInfoIsForMultiRoleOnly(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		multi := &v1.FrameworkInfo{Roles: []string{"web"}, Capabilities: []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_MULTI_ROLE.Enum()}}}
		for name, o := range map[string]struct {
			info *v1.FrameworkInfo
			want string
		}{"single": {&v1.FrameworkInfo{Role: proto.String("web")}, ""}, "multi": {multi, "web"}} {
			f := c.Framework(name, FrameworkOptions{Info: o.info, HoldOffer: true})
			c.Until(10*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
			got := f.Held()[0]
			if got.GetAllocationInfo().GetRole() != o.want {
				t.Errorf("%s: allocation_info of the offer is %v, want role %q", name, got.AllocationInfo, o.want)
			}
			for _, r := range got.GetResources() {
				if r.GetAllocationInfo().GetRole() != o.want {
					t.Errorf("%s: allocation_info of %s is %v, want role %q", name, r.GetName(), r.AllocationInfo, o.want)
				}
			}
			f.Driver().Teardown()
			c.Advance(time.Second)
		}
	})
}

func TestSuppressAndRevive(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		f.Driver().Suppress()
		f.Driver().Decline(nil, f.Held()[0].GetId())
		f.Forget()
		c.Advance(time.Minute)
		if n := len(f.Held()); n != 0 {
			t.Fatalf("%d offers while suppressed, want none", n)
		}
		f.Driver().Revive()
		c.Until(time.Second, "an offer after the revival", func() bool { return len(f.Held()) == 1 })
	})
}

func TestRefusalHolds(t *testing.T) {
	for _, x := range []struct {
		filters *v1.Filters
		atLeast time.Duration
		atMost  time.Duration
	}{
		{nil, 5 * time.Second, 6 * time.Second},
		{&v1.Filters{RefuseSeconds: proto.Float64(60)}, time.Minute, 61 * time.Second},
		{&v1.Filters{RefuseSeconds: proto.Float64(0)}, 0, 1100 * time.Millisecond},
		{&v1.Filters{RefuseSeconds: proto.Float64(-3)}, 5 * time.Second, 6 * time.Second},
	} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			f := c.Framework("web", FrameworkOptions{HoldOffer: true})
			c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
			start := time.Now()
			f.Driver().Decline(x.filters, f.Held()[0].GetId())
			f.Forget()
			c.Until(2*time.Minute, "the offer again", func() bool { return len(f.Held()) == 1 })
			if got := time.Since(start); got < x.atLeast || got > x.atMost {
				t.Errorf("refused with %v: offered again after %v, want %v to %v", x.filters, got, x.atLeast, x.atMost)
			}
		})
	}
}

func TestOfferTimeout(t *testing.T) {
	Run(t, Options{Agents: 1, Master: master.Config{OfferTimeout: 10 * time.Second}}, func(c *Cluster) {
		hoarder := c.Framework("hoarder", FrameworkOptions{HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(hoarder.Held()) == 1 })
		other := c.Framework("other", FrameworkOptions{HoldOffer: true})
		c.Until(15*time.Second, "the offer to go on", func() bool { return len(other.Held()) == 1 })
		if n := len(hoarder.Held()); n != 0 {
			t.Errorf("the hoarder still believes in %d offers, want it told of the rescission", n)
		}
		c.Check()
	})
}

func TestFrameworkIDChosenByTheClient(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: &v1.FrameworkInfo{Id: ids.Framework("my-own-id")}})
		f.Launch("t", "true", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to be over", f.In("t", finished))
		if got := f.Driver().FrameworkID(); got != "my-own-id" {
			t.Errorf("framework id %q, want the chosen one", got)
		}
	})
}

func TestAgentLeavesWithHeldOffer(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		c.Agents[0].Crash()
		c.Until(10*time.Second, "the offer to be rescinded", func() bool { return len(f.Held()) == 0 })
	})
}

func TestManyTasksOnManyAgents(t *testing.T) {
	Run(t, Options{Agents: 10}, func(c *Cluster) {
		f := c.Framework("batch", FrameworkOptions{Info: aware()})
		const n = 300
		for i := range n {
			f.Launch(taskName(i), "sleep 1", "cpus:0.5;mem:32")
		}
		c.Until(10*time.Minute, "all tasks to be over", func() bool {
			for i := range n {
				if !f.Over(taskName(i)) {
					return false
				}
			}
			return true
		})
		for i := range n {
			if s := f.Last(taskName(i)).GetState(); s != finished {
				t.Errorf("task %d ended in %v, want TASK_FINISHED", i, s)
			}
		}
		c.Check()
	})
}

func taskName(i int) string { return fmt.Sprintf("task-%04d", i) }
