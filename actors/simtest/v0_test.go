package simtest

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

var v0Life = []v1.TaskState{running, finished}

func TestV0LifeOfATask(t *testing.T) {
	Run(t, Options{Agents: 2}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		for _, id := range []string{"a", "b", "c"} {
			f.Launch(id, "sleep 5")
		}
		f.Launch("fails", "exit 1")
		c.Until(time.Minute, "all to be over", func() bool { return f.Over("a") && f.Over("b") && f.Over("c") && f.Over("fails") })
		for _, id := range []string{"a", "b", "c"} {
			if got := f.States(id); !slices.Equal(got, v0Life) {
				t.Errorf("states of %s: got %v, want %v", id, got, v0Life)
			}
		}
		if got := f.States("fails"); !slices.Equal(got, []v1.TaskState{running, failed}) {
			t.Errorf("states of fails: got %v, want running, failed", got)
		}
		f.Launch("k", "forever")
		c.Until(time.Minute, "k to run", func() bool { return len(f.States("k")) == 1 })
		agent, pid := f.AgentOf("k")
		direct, err := actors.ParseUPID(pid)
		if err != nil {
			t.Fatal(err)
		}
		f.Tell(&internalpb.FrameworkToExecutorMessage{
			SlaveId: agent, FrameworkId: f.Info().Id, ExecutorId: ids.Executor("k"), Data: []byte("through the master"),
		})
		f.p.Send(direct, &internalpb.FrameworkToExecutorMessage{
			SlaveId: agent, FrameworkId: f.Info().Id, ExecutorId: ids.Executor("k"), Data: []byte("to the agent"),
		})
		c.Until(time.Minute, "both echoes", func() bool { return f.Said("through the master") && f.Said("to the agent") })
		f.Tell(&internalpb.KillTaskMessage{FrameworkId: f.Info().Id, TaskId: ids.Task("k")})
		c.Until(time.Minute, "k to be killed", func() bool { return slices.Equal(f.States("k"), []v1.TaskState{running, killed}) })
		f.Tell(&internalpb.ReconcileTasksMessage{FrameworkId: f.Info().Id, Statuses: []*v1.TaskStatus{
			{TaskId: ids.Task("nobody"), State: running.Enum()},
		}})
		c.Until(time.Minute, "an answer about an unknown task", func() bool { return len(f.States("nobody")) == 1 })
		c.Check()
		f.Tell(&internalpb.UnregisterFrameworkMessage{FrameworkId: f.Info().Id})
		c.Until(time.Minute, "all executors to be shut down", func() bool { return c.Agents[0].Containers()+c.Agents[1].Containers() == 0 })
		c.Check()
		if e := f.Errors(); len(e) != 0 {
			t.Errorf("errors %q, want none", e)
		}
	})
}

// What a driver may send twice, as it repeats it until answered, has the effect of once.
func TestV0Doubles(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		c.Net.SetLatency(func(_, _ string) time.Duration { return 50 * time.Millisecond })
		twice := func(e actors.Envelope, pass func(actors.Envelope)) {
			pass(e)
			switch e.Message.(type) {
			case *internalpb.RegisterFrameworkMessage, *internalpb.RegisterExecutorMessage, *internalpb.StatusUpdateAcknowledgementMessage, *internalpb.StatusUpdateMessage:
				if e.Incoming { // the other comes while the answer to the first is on its way
					time.AfterFunc(20*time.Millisecond, func() { pass(e) })
				}
			}
		}
		c.master.sys.SetFilter(twice)
		c.Agents[0].program.sys.SetFilter(twice)
		f := c.V0Framework(aware(), false)
		f.Launch("a", "sleep 5")
		c.Until(time.Minute, "the task to be over", func() bool { return f.Over("a") })
		c.Advance(time.Minute)
		if got := f.States("a"); !slices.Equal(got, v0Life) || c.Starts("a") != 1 {
			t.Errorf("got states %v and %d starts, want %v and one", got, c.Starts("a"), v0Life)
		}
		if n := f.Heard("FrameworkRegisteredMessage"); n != 2 || f.Info().GetId().GetValue() != "master-1-0000" {
			t.Errorf("got %d answers to two registrations, for framework %v, want two for the first one of the master", n, f.Info().GetId())
		}
		c.Check()
	})
}

// Registrations and their answers get lost until one comes through.
func TestV0LostRegistration(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		lose := 5
		c.master.sys.SetFilter(func(e actors.Envelope, pass func(actors.Envelope)) {
			switch e.Message.(type) {
			case *internalpb.RegisterFrameworkMessage, *internalpb.FrameworkRegisteredMessage:
				if lose--; lose >= 0 {
					return
				}
			}
			pass(e)
		})
		f := c.V0Framework(aware(), false)
		f.Launch("a", "sleep 5")
		c.Until(time.Minute, "the task to be over", func() bool { return f.Over("a") })
		if got := f.Info().GetId().GetValue(); got != "master-1-0000" {
			t.Errorf("framework id %q, want the first of the master", got)
		}
	})
}

func TestV0ConnectionLost(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		f.Launch("a", "sleep 60")
		c.Until(time.Minute, "the task to run", func() bool { return len(f.States("a")) == 1 })
		heal := c.Net.Partition([]string{f.program.addr}, []string{masterAddr})
		c.Advance(90 * time.Second) // it ends meanwhile
		if f.Over("a") {
			t.Fatal("an update came through the partition")
		}
		heal()
		c.Until(time.Minute, "the update that waited", func() bool { return f.Over("a") })
		if got := f.States("a"); !slices.Equal(got, v0Life) {
			t.Errorf("states %v, want %v", got, v0Life)
		}
		if f.Heard("FrameworkReregisteredMessage") == 0 || len(f.Errors()) != 0 {
			t.Errorf("errors %v, want none and the driver re-registered", f.Errors())
		}
		f.Launch("b", "sleep 1")
		c.Until(time.Minute, "another task", func() bool { return f.Over("b") })
		c.Check()
	})
}

func TestV0Failover(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		first := c.V0Framework(aware(), false)
		first.Launch("a", "sleep 60")
		c.Until(time.Minute, "the task to run", func() bool { return len(first.States("a")) == 1 })
		second := c.V0Framework(first.Info(), true)
		c.Until(time.Minute, "the first to be told", func() bool { return slices.Equal(first.Errors(), []string{"Framework failed over"}) })
		c.Until(2*time.Minute, "the second to hear the end of the task", func() bool { return second.Over("a") })
		if second.Heard("FrameworkRegisteredMessage") != 1 {
			t.Error("the second instance heard no FrameworkRegisteredMessage, or several")
		}
		// An instance that was asleep does not take it back.
		old := c.V0Framework(first.Info(), false)
		c.Until(time.Minute, "the old one to be refused", func() bool { return slices.Equal(old.Errors(), []string{"Framework failed over"}) })
		second.Launch("b", "sleep 1")
		c.Until(time.Minute, "a task of the second", func() bool { return second.Over("b") })
		if e := second.Errors(); len(e) != 0 {
			t.Errorf("the second instance was told %q, want nothing", e)
		}
		c.Check()
	})
}

// A driver that registers again at the same address gives up its offers, and is not told that it was replaced.
func TestV0RegistersAgain(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		c.Until(time.Minute, "its registration", func() bool { return f.Heard("FrameworkRegisteredMessage") == 1 })
		f.Launch("a", "sleep 60")
		c.Until(time.Minute, "the task to run", func() bool { return len(f.States("a")) == 1 })
		for range 3 {
			f.p.Dispatch(f.register)
			c.Advance(10 * time.Second)
		}
		c.Until(time.Minute, "three answers", func() bool { return f.Heard("FrameworkReregisteredMessage") >= 3 })
		if e := f.Errors(); len(e) != 0 {
			t.Errorf("errors %q, want none", e)
		}
		c.Until(2*time.Minute, "the task to be over", func() bool { return f.Over("a") })
		c.Check()
	})
}

func TestV0MasterRestart(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		f.Launch("a", "sleep 60")
		c.Until(time.Minute, "the task to run", func() bool { return len(f.States("a")) == 1 })
		c.CrashMaster()
		c.Advance(10 * time.Second)
		c.StartMaster()
		c.Until(5*time.Minute, "the task to be over", func() bool { return f.Over("a") })
		if got := f.States("a"); !slices.Equal(got, v0Life) {
			t.Errorf("states %v, want %v", got, v0Life)
		}
		f.Launch("b", "sleep 1")
		c.Until(time.Minute, "another task", func() bool { return f.Over("b") })
		c.Check()
	})
}

// The executor is asked to register again, and tells what happened while the agent was away.
func TestV0AgentRestart(t *testing.T) {
	for _, away := range []time.Duration{0, 20 * time.Second} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			f := c.V0Framework(aware(), false)
			f.Launch("short", "sleep 10")
			f.Launch("long", "sleep 100")
			c.Until(time.Minute, "both to run", func() bool { return len(f.States("short")) == 1 && len(f.States("long")) == 1 })
			c.Advance(5 * time.Second)
			c.Agents[0].Crash()
			c.Advance(away)
			c.Agents[0].Start()
			c.Until(5*time.Minute, "both to be over", func() bool { return f.Over("short") && f.Over("long") })
			for _, id := range []string{"short", "long"} {
				if got := f.States(id); !slices.Equal(got, v0Life) || c.Starts(id) != 1 {
					t.Errorf("away %v: %s: got states %v and %d starts, want %v and one", away, id, got, c.Starts(id), v0Life)
				}
			}
			c.Check()
		})
	}
}

func TestV0Deactivate(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		f.Launch("a", "forever")
		c.Until(time.Minute, "the task to run", func() bool { return len(f.States("a")) == 1 })
		f.Tell(&internalpb.DeactivateFrameworkMessage{FrameworkId: f.Info().Id})
		c.Advance(time.Second)
		f.Launch("b", "sleep 1")
		c.Advance(time.Minute)
		if len(f.States("b")) != 0 || c.Runs("a") != 1 {
			t.Errorf("got states %v of b and %d runs of a, want no offer for b and a running on", f.States("b"), c.Runs("a"))
		}
		c.Check()
	})
}

// libmesos sends calls; force in SUBSCRIBE is what failover is in ReregisterFrameworkMessage.
func TestV0Calls(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		f.Launch("a", "forever")
		c.Until(time.Minute, "the task to run", func() bool { return len(f.States("a")) == 1 })
		say := func(who *V0Framework, call *schedulerv1.Call, force *bool) {
			call.FrameworkId = f.Info().Id
			who.Tell(&linkpb.DriverCallMessage{Call: call, Force: force})
		}
		other := c.V0Framework(aware(), false)
		c.Until(time.Minute, "the other's registration", func() bool { return other.Heard("FrameworkRegisteredMessage") == 1 })
		say(other, &schedulerv1.Call{Type: schedulerv1.Call_KILL.Enum(), Kill: &schedulerv1.Call_Kill{TaskId: ids.Task("a")}}, nil)
		c.Advance(time.Minute)
		if c.Runs("a") != 1 {
			t.Fatal("a driver killed the task of another's framework")
		}
		say(f, &schedulerv1.Call{Type: schedulerv1.Call_SUPPRESS.Enum()}, nil)
		say(f, &schedulerv1.Call{Type: schedulerv1.Call_KILL.Enum(), Kill: &schedulerv1.Call_Kill{TaskId: ids.Task("a")}}, nil)
		c.Until(time.Minute, "the task to be killed", func() bool { return f.Over("a") })
		say(other, &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: f.Info()}}, nil)
		c.Until(time.Minute, "the other to be refused", func() bool { return len(other.Errors()) == 1 })
		say(other, &schedulerv1.Call{Type: schedulerv1.Call_SUBSCRIBE.Enum(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: f.Info()}}, proto.Bool(true))
		c.Until(time.Minute, "the first to be replaced", func() bool { return slices.Equal(f.Errors(), []string{"Framework failed over"}) })
	})
}

func TestV0AuthenticationIsRefused(t *testing.T) {
	Run(t, Options{}, func(c *Cluster) {
		f := c.V0Framework(aware(), false)
		f.Tell(&internalpb.AuthenticateMessage{Pid: proto.String(f.p.Self().String())})
		c.Until(time.Minute, "the refusal", func() bool { return f.Heard("AuthenticationErrorMessage") == 1 })
	})
}
