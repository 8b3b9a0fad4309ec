package simtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// told are the states of a task's updates, each update once.
func told(f *Framework, task string) (out []v1.TaskState) {
	for _, s := range f.Updates(task) {
		out = append(out, s.GetState())
	}
	return out
}

var wholeLife = []v1.TaskState{starting, running, finished}

// Wherever the agent dies, between or during any two of the writes that a
// task's life takes, the task goes on, and ends once.
func TestAgentCrashAtEveryStep(t *testing.T) {
	for _, away := range []time.Duration{0, 500 * time.Millisecond, 20 * time.Second} {
		for _, after := range []bool{false, true} {
			steps := 0
			for crashAtStep(t, steps+1, after, away) {
				steps++
			}
			if steps < 8 {
				t.Errorf("away %v, after %v: a task's life took %d commits, want 8 at least: was nothing kept?", away, after, steps)
			}
		}
	}
}

// crashAtStep is false when the task was over before the n-th commit.
func crashAtStep(t *testing.T, n int, after bool, away time.Duration) (crashed bool) {
	Run(t, Options{}, func(c *Cluster) {
		a := c.AddAgent("")
		a.Disk.StopAt(n, after)
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "sleep 10", "cpus:1;mem:32")
		c.Until(time.Minute, "the task or the agent to end", func() bool { return f.Over("t") || a.Disk.Stopped() })
		c.Advance(5 * time.Second) // what was told last is acknowledged, or the agent hangs
		if crashed = a.Disk.Stopped(); crashed {
			a.Crash()
			c.Advance(away)
			a.Start()
		}
		c.Until(10*time.Minute, "the task to be over", func() bool { return f.Over("t") })
		c.Advance(time.Minute)
		where := fmt.Sprintf("crash at commit %d, written %v, away %v", n, after, away)
		if n <= 2 && c.Starts("t") == 0 {
			// Before its first write a task's launch is lost with the
			// agent, which may have lost its id, too.
			if last := f.Last("t").GetState(); last != gone && last != dropped {
				t.Errorf("%s: it did not run and ended %v, want it dropped or gone", where, told(f, "t"))
			}
			return
		}
		if got := told(f, "t"); !slices.Equal(got, wholeLife) {
			t.Errorf("%s: told %v, want %v", where, got, wholeLife)
		}
		if got := c.Starts("t"); got != 1 {
			t.Errorf("%s: the command ran %d times, want once", where, got)
		}
		if n := a.Containers(); n != 0 {
			t.Errorf("%s: %d containers left, want none", where, n)
		}
		c.Check()
	})
	return crashed
}

// An agent that dies again and again loses no task and runs none twice.
func TestAgentCrashesInALoop(t *testing.T) {
	const tasks = 200
	Run(t, Options{Resources: "cpus:400;mem:40960;disk:10240"}, func(c *Cluster) {
		seed := uint64(7)
		rnd := rand.New(rand.NewPCG(seed, seed))
		a := c.AddAgent("")
		c.Advance(time.Second) // it registers
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		name := func(i int) string { return fmt.Sprintf("t%d", i) }
		for i := range tasks {
			f.Launch(name(i), fmt.Sprintf("sleep %d", rnd.IntN(120)), "cpus:1;mem:32")
		}
		over := func() bool {
			for i := range tasks {
				if !f.Over(name(i)) {
					return false
				}
			}
			return true
		}
		crashes := 0
		for ; !over() && crashes < 200; crashes++ {
			a.Disk.StopAt(1+rnd.IntN(60), rnd.IntN(2) == 0)
			c.Advance(time.Duration(rnd.IntN(4000)) * time.Millisecond)
			a.Crash()
			c.Advance(time.Duration(rnd.IntN(3000)) * time.Millisecond)
			a.Start()
		}
		c.Until(10*time.Minute, "all tasks to be over", over)
		c.Advance(2 * time.Minute)
		if crashes < 20 {
			t.Errorf("the agent crashed %d times, want 20 at least", crashes)
		}
		for i := range tasks {
			if got := told(f, name(i)); !slices.Equal(got, wholeLife) {
				t.Errorf("seed %d: task %d: told %v, want %v; last: %v", seed, i, got, wholeLife, f.Last(name(i)))
			}
			if got := c.Starts(name(i)); got != 1 {
				t.Errorf("seed %d: task %d ran %d times, want once", seed, i, got)
			}
		}
		if n := a.Containers(); n != 0 {
			t.Errorf("%d containers left, want none", n)
		}
		c.Check()
	})
}

func TestAgentAndMasterCrash(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "sleep 30", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Agents[0].Crash()
		c.CrashMaster()
		c.Advance(time.Minute) // it ends with nobody to tell
		c.Agents[0].Start()
		c.StartMaster()
		c.Until(5*time.Minute, "all of the task's life", func() bool { return slices.Equal(told(f, "t"), wholeLife) })
		c.Check()
	})
}

// Updates that waited for their scheduler over an agent's restart come once.
func TestWaitingUpdatesSurviveTheAgent(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "sleep 5", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		f.Crash()
		c.Advance(20 * time.Second)
		c.Agents[0].Crash()
		c.Agents[0].CrashExecutors()
		c.Advance(time.Second)
		c.Agents[0].Start()
		c.Advance(10 * time.Second)
		f.Start()
		c.Until(2*time.Minute, "the outcome", f.In("t", finished))
		c.Advance(20 * time.Minute)
		if got, sent := told(f, "t"), f.Deliveries("t"); !slices.Equal(got, wholeLife) || sent != len(wholeLife) {
			t.Errorf("told %v in %d deliveries, want %v, each once", got, sent, wholeLife)
		}
		c.Check()
	})
}

func TestExecutorDiesWhileTheAgentIsAway(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:4;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		id := f.Last("t").GetAgentId().GetValue()
		c.Agents[0].Crash()
		c.Agents[0].CrashExecutors()
		c.Agents[0].Start()
		c.Until(time.Minute, "the task to have failed", f.In("t", failed))
		f.Launch("u", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "a task to run on all of the agent", f.In("u", finished))
		if got := f.Last("u").GetAgentId().GetValue(); got != id {
			t.Errorf("the agent is %s after its restart, want %s as before", got, id)
		}
		c.Check()
	})
}

func TestExecutorDoesNotComeBack(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f, a := c.Framework("web", FrameworkOptions{Info: aware()}), c.Agents[0]
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		c.Net.Partition([]string{a.Addr()}, a.ExecutorAddrs())
		a.Crash()
		a.Start()
		c.Until(time.Minute, "the task to have failed", f.In("t", failed))
		if got := f.Last("t").GetReason(); got != v1.TaskStatus_REASON_EXECUTOR_REREGISTRATION_TIMEOUT {
			t.Errorf("reason %v, want REASON_EXECUTOR_REREGISTRATION_TIMEOUT", got)
		}
		c.Until(time.Minute, "the container to be destroyed", func() bool { return a.Containers() == 0 })
		c.Check()
	})
}

func TestReboot(t *testing.T) {
	for _, old := range []bool{false, true} {
		Run(t, Options{Agents: 1}, func(c *Cluster) {
			info, want := aware(), gone
			if old {
				info.Capabilities, want = nil, lost
			}
			f, a := c.Framework("web", FrameworkOptions{Info: info}), c.Agents[0]
			f.Launch("t", "forever", "cpus:4;mem:32")
			c.Until(time.Minute, "the task to run", f.In("t", running))
			id := f.Last("t").GetAgentId().GetValue()
			a.Reboot()
			c.Until(time.Minute, "the task to be reported", f.In("t", want))
			if got := f.Last("t").GetReason(); got != v1.TaskStatus_REASON_AGENT_RESTARTED {
				t.Errorf("reason %v, want REASON_AGENT_RESTARTED", got)
			}
			f.Launch("u", "true", "cpus:4;mem:32")
			c.Until(time.Minute, "a task after the reboot", f.In("u", finished))
			if got := f.Last("u").GetAgentId().GetValue(); got != id {
				t.Errorf("the agent is %s after the reboot, want %s as before", got, id)
			}
			c.Check()
		})
	}
}

// Executors of a framework that does not checkpoint go with their agent.
func TestAgentCrashWithoutCheckpoint(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		info := aware()
		info.Checkpoint = proto.Bool(false)
		f, a := c.Framework("web", FrameworkOptions{Info: info}), c.Agents[0]
		f.Launch("t", "forever", "cpus:4;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		a.Crash()
		a.Start()
		c.Until(time.Minute, "the task to be gone", f.In("t", gone))
		if n := a.Containers(); n != 0 {
			t.Errorf("the task was told gone while %d containers live", n)
		}
		f.Launch("u", "true", "cpus:4;mem:32")
		c.Until(time.Minute, "a task on all of the agent", f.In("u", finished))
		c.Check()
	})
}
