package simtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

func bothOver(f *Framework, ids ...string) func() bool {
	return func() bool {
		for _, id := range ids {
			if !f.Over(id) {
				return false
			}
		}
		return true
	}
}

func TestLifeOfAPod(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "sleep 5"), PodTask("b", "sleep 10"))
		c.Until(time.Minute, "the pod to be over", bothOver(f, "a", "b"))
		for _, id := range []string{"a", "b"} {
			if got := told(f, id); !slices.Equal(got, wholeLife) {
				t.Errorf("task %s: told %v, want %v", id, got, wholeLife)
			}
			if got := f.Last(id).GetExecutorId().GetValue(); got != "pod" {
				t.Errorf("task %s: executor %q, want the pod's", id, got)
			}
		}
		c.Advance(10 * time.Second)
		if n := c.Agents[0].Containers(); n != 0 {
			t.Errorf("%d containers left, want none", n)
		}
		c.Check()
		all := resources.MustParse("cpus:4;mem:4096;disk:10240;ports:[31000-32000]")
		hold := c.Framework("later", FrameworkOptions{HoldOffer: true})
		c.Until(time.Minute, "all of the agent to be offered again", func() bool {
			return len(hold.Held()) == 1 && offered(t, hold.Held()[0]).Equal(all)
		})
	})
}

// A second group joins the executor of the first, and fails without it.
func TestTwoPodsInOneExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "forever"), PodTask("b", "forever"))
		c.Until(time.Minute, "the first pod to run", f.In("b", running))
		f.LaunchPod(PodExecutor("pod"), PodTask("c", "exit 3"), PodTask("d", "forever"))
		c.Until(time.Minute, "the second pod to be over", bothOver(f, "c", "d"))
		if got := f.Last("c").GetState(); got != failed {
			t.Errorf("task c: got %v, want TASK_FAILED", got)
		}
		if got := f.Last("d").GetState(); got != killed {
			t.Errorf("task d: got %v, want it killed with c", got)
		}
		if n := c.Agents[0].Containers(); n != 1 || f.Over("a") || f.Over("b") {
			t.Errorf("%d containers, a %v, b %v; want the first pod to run on in the one executor", n, f.Last("a"), f.Last("b"))
		}
		f.Driver().Kill("a", nil)
		c.Until(time.Minute, "the first pod to be over", bothOver(f, "a", "b"))
		c.Advance(10 * time.Second)
		c.Check()
	})
}

// A group with one bad task is refused as a whole, and all of the offer is free.
func TestPodIsRefused(t *testing.T) {
	big := func() *v1.TaskInfo {
		task := PodTask("b", "true")
		task.Resources = resources.MustParse("cpus:3.8;mem:32").Proto()
		return task
	}
	for name, x := range map[string]struct {
		executor *v1.ExecutorInfo
		second   *v1.TaskInfo
		want     string
	}{
		"same id":       {PodExecutor("pod"), PodTask("a", "true"), `task_group.tasks[1].task_id "a" is that of another task of the group: ids must be unique`},
		"no command":    {PodExecutor("pod"), PodTask("b", ""), "task_group.tasks[1]: task b: command.value must be set for a shell command"},
		"too much":      {PodExecutor("pod"), big(), "task_group: its tasks and their executor use cpus:4.1; mem:96, more than the cpus:4; mem:4096; disk:10240; ports:[31000-32000] that is left of the offers"},
		"poor executor": {&v1.ExecutorInfo{ExecutorId: PodExecutor("pod").ExecutorId}, PodTask("b", "true"), `executor.resources "{}": the executor of a task group must have at least cpus:0.01; mem:32`},
	} {
		t.Run(name, func(t *testing.T) {
			Run(t, Options{Agents: 1}, func(c *Cluster) {
				f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
				c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
				o := f.Held()[0]
				f.Forget()
				first := PodTask("a", "true")
				first.AgentId, x.second.AgentId = o.AgentId, o.AgentId
				f.Driver().LaunchGroup(o.GetId(), x.executor, []*v1.TaskInfo{first, x.second}, nil)
				for _, id := range []string{"a", x.second.GetTaskId().GetValue()} {
					c.Until(time.Minute, "task "+id+" to be refused", f.In(id, errored))
					if s := f.Last(id); s.GetReason() != v1.TaskStatus_REASON_TASK_GROUP_INVALID || s.GetMessage() != x.want {
						t.Errorf("task %s: got %v %q, want REASON_TASK_GROUP_INVALID %q", id, s.GetReason(), s.GetMessage(), x.want)
					}
				}
				c.Until(time.Minute, "the offer again", func() bool { return len(f.Held()) == 1 })
				if got, want := offered(t, f.Held()[0]), offered(t, o); !got.Equal(want) {
					t.Errorf("offered %v afterwards, want all of %v", got, want)
				}
				c.Check()
			})
		})
	}
}

// However far a pod has got when one of its tasks is killed, all of it ends.
func TestPodIsKilled(t *testing.T) {
	for _, after := range []time.Duration{0, 10 * time.Millisecond, time.Second, 5 * time.Second} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
			c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
			f.LaunchPod(PodExecutor("pod"), PodTask("a", "forever"), PodTask("b", "forever"))
			c.Advance(after)
			f.Driver().Kill("b", nil)
			c.Until(time.Minute, "the pod to be over", bothOver(f, "a", "b"))
			for _, id := range []string{"a", "b"} {
				if got := f.Last(id).GetState(); got != killed {
					t.Errorf("killed after %v: task %s: got %v, want TASK_KILLED", after, id, got)
				}
			}
			c.Advance(10 * time.Second)
			if n := c.Agents[0].Containers(); n != 0 {
				t.Errorf("killed after %v: %d containers left, want none", after, n)
			}
			c.Check()
		})
	}
}

// Wherever the agent dies, a pod starts as a whole or not at all, and ends once.
func TestPodAgentCrashAtEveryStep(t *testing.T) {
	for _, kill := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			steps := 0
			for podCrashAtStep(t, steps+1, after, kill) {
				steps++
			}
			if steps < 6 {
				t.Errorf("kill %v, after %v: a pod's life took %d commits, want 6 at least: was nothing kept?", kill, after, steps)
			}
		}
	}
}

func podCrashAtStep(t *testing.T, n int, after, kill bool) (crashed bool) {
	Run(t, Options{}, func(c *Cluster) {
		a := c.AddAgent("")
		a.Disk.StopAt(n, after)
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "sleep 10"), PodTask("b", "sleep 12"), PodTask("c", "sleep 5"))
		over := bothOver(f, "a", "b", "c")
		if kill {
			c.Until(time.Minute, "the launch or the agent's end", func() bool { return a.Containers() > 0 || f.Over("a") || a.Disk.Stopped() })
			f.Driver().Kill("b", nil)
		}
		c.Until(time.Minute, "the pod or the agent to end", func() bool { return over() || a.Disk.Stopped() })
		c.Advance(5 * time.Second)
		if crashed = a.Disk.Stopped(); crashed {
			a.Crash()
			c.Advance(500 * time.Millisecond)
			a.Start()
		}
		where := fmt.Sprintf("crash at commit %d, written %v, kill %v", n, after, kill)
		c.Until(10*time.Minute, "the pod to be over: "+where, over)
		c.Advance(time.Minute)
		starts := c.Starts("a")
		for _, id := range []string{"a", "b", "c"} {
			if got := c.Starts(id); got != starts || got > 1 {
				t.Errorf("%s: task %s ran %d times, a %d times: want all once or none", where, id, got, starts)
			}
			got := told(f, id)
			if want := wholeLife; !kill && starts > 0 && !slices.Equal(got, want) {
				t.Errorf("%s: task %s: told %v, want %v", where, id, got, want)
			}
			if e := f.Endings(id); e != 1 {
				t.Errorf("%s: task %s: told %v, want one ending", where, id, f.States(id))
			}
		}
		if n := a.Containers(); n != 0 {
			t.Errorf("%s: %d containers left, want none", where, n)
		}
		c.Check()
	})
	return crashed
}

// A launch that is lost on the way, a new master, and a restarted agent: the
// pod is accounted for in one piece.
func TestPodOverCrashes(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "sleep 300"), PodTask("b", "sleep 300"))
		c.Until(time.Minute, "the pod to run", func() bool { return f.In("a", running)() && f.In("b", running)() })
		c.CrashMaster()
		c.Agents[0].Crash()
		c.Advance(time.Second)
		c.Agents[0].Start()
		c.Advance(time.Second)
		c.StartMaster()
		f.LaunchPod(PodExecutor("pod"), PodTask("c", "sleep 1")) // the new master knows the executor as it was
		c.Until(10*time.Minute, "all tasks to be over", bothOver(f, "a", "b", "c"))
		for _, id := range []string{"a", "b", "c"} {
			if got := told(f, id); !slices.Equal(got, wholeLife) || c.Starts(id) != 1 {
				t.Errorf("task %s: told %v, ran %d times; want %v, once", id, got, c.Starts(id), wholeLife)
			}
		}
		c.Advance(time.Minute)
		c.Check()
	})
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Until(5*time.Second, "an offer", func() bool { return len(f.Held()) == 1 })
		heal := c.Net.Partition([]string{c.Agents[0].Addr()}, []string{masterAddr})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "true"), PodTask("b", "true"))
		c.Advance(10 * time.Second)
		heal()
		c.Until(10*time.Minute, "the pod to be over", bothOver(f, "a", "b"))
		if a, b := f.Last("a").GetState(), f.Last("b").GetState(); a != b {
			t.Errorf("task a ended %v, b %v, want both alike", a, b)
		}
		c.Advance(time.Minute)
		c.Check()
	})
}

// The executor crashes: its tasks end with it, wherever they are told so.
func TestPodExecutorCrashes(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "forever"), PodTask("b", "forever"))
		c.Until(time.Minute, "the pod to run", func() bool { return f.In("a", running)() && f.In("b", running)() })
		c.Agents[0].CrashExecutors()
		c.Until(time.Minute, "the pod to be over", bothOver(f, "a", "b"))
		for _, id := range []string{"a", "b"} {
			if got := f.Last(id).GetState(); got != failed || c.Runs(id) != 0 {
				t.Errorf("task %s: got %v, %d run, want TASK_FAILED and none", id, got, c.Runs(id))
			}
		}
		c.Advance(time.Minute)
		c.Check()
	})
}

// The agent does not come back: after its patience the executor ends the tasks
// itself, for nobody else would.
func TestPodOutlastsItsAgentForAWhile(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "forever"), PodTask("b", "forever"))
		c.Until(time.Minute, "the pod to run", func() bool { return f.In("a", running)() && f.In("b", running)() })
		c.Agents[0].Crash()
		c.Advance(14 * time.Minute)
		if c.Runs("a") != 1 || c.Runs("b") != 1 {
			t.Errorf("%d of a and %d of b run while their agent may come back, want one each", c.Runs("a"), c.Runs("b"))
		}
		c.Advance(2 * time.Minute)
		if c.Runs("a") != 0 || c.Runs("b") != 0 || c.Agents[0].Containers() != 0 {
			t.Errorf("%d of a and %d of b run after the recovery timeout, want none", c.Runs("a"), c.Runs("b"))
		}
		c.Agents[0].Start()
		c.Until(10*time.Minute, "the end to be told", bothOver(f, "a", "b"))
		c.Advance(time.Minute)
		c.Check()
	})
}

// The executor of a pod ends while another group is on its way to it: all of
// that group is told dropped.
func TestPodMissesItsExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		f.LaunchPod(PodExecutor("pod"), PodTask("a", "forever"))
		c.Until(time.Minute, "the first pod to run", f.In("a", running))
		c.Until(time.Minute, "an offer of the rest", func() bool { return len(f.Held()) == 1 })
		c.Net.SetLatency(func(_, _ string) time.Duration { return 500 * time.Millisecond })
		f.LaunchPod(PodExecutor("pod"), PodTask("b", "true"), PodTask("c", "true"))
		c.Advance(100 * time.Millisecond)
		c.Agents[0].CrashExecutors()
		c.Until(time.Minute, "all to be over", bothOver(f, "a", "b", "c"))
		for _, id := range []string{"b", "c"} {
			if s := f.Last(id); s.GetState() != dropped || s.GetReason() != v1.TaskStatus_REASON_EXECUTOR_TERMINATED || c.Starts(id) != 0 {
				t.Errorf("task %s: got %v, started %d times, want it dropped", id, s, c.Starts(id))
			}
		}
		c.Net.SetLatency(nil)
		c.Advance(time.Minute)
		c.Check()
	})
}
