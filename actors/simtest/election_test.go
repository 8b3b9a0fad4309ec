package simtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// await waits for a leader that all agents are registered with.
func (c *Cluster) await(what string) *Candidate {
	c.T.Helper()
	c.Until(5*time.Minute, what, func() bool { return c.Leader() != nil })
	return c.Leader()
}

// The leader dies, again and again: the next one leads once the session is over,
// agents and schedulers find it by themselves, and the task does not notice.
func TestLeaderCrashes(t *testing.T) {
	Run(t, Options{Masters: 3, Agents: 3}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		told := len(f.States("t"))
		for i := range 4 {
			old := c.await("a leader")
			old.Crash()
			c.Advance(2 * time.Second)
			if c.Leader() != nil {
				t.Fatal("another leads while the session of the dead leader lasts")
			}
			c.Election.Expire(false)
			if next := c.await("the next leader"); next == old {
				t.Fatal("the dead leader leads")
			}
			old.Start()
			id := fmt.Sprint("next-", i)
			f.Launch(id, "true", "cpus:1;mem:32")
			c.Until(time.Minute, "a task launched by the next leader", f.In(id, finished))
			c.Check()
		}
		for _, s := range f.States("t")[told:] { // a driver asks after each election
			if s != v1.TaskState_TASK_RUNNING {
				t.Errorf("the task was told %v over the elections, want TASK_RUNNING alone", s)
			}
		}
		if c.Starts("t") != 1 {
			t.Errorf("the task was started %d times, want once", c.Starts("t"))
		}
	})
}

// A leader that is not told that it is deposed: what it decides is refused by the registry, and it ends.
func TestDeposedLeaderCannotWrite(t *testing.T) {
	Run(t, Options{Masters: 2, Agents: 1}, func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware()})
		f.Launch("t", "forever", "cpus:1;mem:32")
		c.Until(time.Minute, "the task to run", f.In("t", running))
		old, agent := c.await("a leader"), f.Last("t").GetAgentId().GetValue()
		c.Election.Expire(true)
		next := c.await("the next leader")
		if next == old || old.Deposed() != nil {
			t.Fatalf("the next leader is the old one: %v; that ended: %v", next == old, old.Deposed())
		}
		c.Until(time.Minute, "the agent to be back", f.In("t", running))
		// It loses the agent, and would mark it unreachable.
		heal := c.Net.Partition([]string{old.Addr}, []string{c.Agents[0].Addr()})
		c.Until(5*time.Minute, "the old leader to end", func() bool { return old.Deposed() != nil })
		if !errors.Is(old.Deposed(), registry.ErrDeposed) {
			t.Errorf("the old leader ended by %v, want ErrDeposed", old.Deposed())
		}
		if c.kept().Unreachable(agent) != nil || c.kept().Agent(agent) == nil {
			t.Error("the deposed leader wrote to the registry")
		}
		heal()
		c.Check()
	})
}

// Masters crash, lose their sessions with and without knowing, and are cut off from
// agents, at random: in the end one leads, everybody is with it, and no task was
// lost, doubled or told twice.
func TestElectionNemesis(t *testing.T) {
	for seed := range uint64(20) {
		Run(t, Options{Masters: 3, Agents: 3}, func(c *Cluster) {
			r := rand.New(rand.NewPCG(seed, 7))
			f := c.Framework("web", FrameworkOptions{Info: aware()})
			var story []string
			say := func(format string, args ...any) { story = append(story, fmt.Sprintf(format, args...)) }
			tasks := 0
			for range 25 {
				one := c.Candidates[r.IntN(len(c.Candidates))]
				switch r.IntN(6) {
				case 0:
					say("%s crashes, leader %v", one.Addr, one.Leads())
					held := one == c.Leader()
					one.Crash()
					c.Advance(time.Duration(r.IntN(3000)) * time.Millisecond)
					if held {
						c.Election.Expire(false)
					}
					one.Start()
				case 1:
					blind := r.IntN(2) == 0
					say("the leader's session ends, blind %v", blind)
					c.Election.Expire(blind)
				case 2:
					a := c.Agents[r.IntN(len(c.Agents))]
					say("%s is cut off from %s", one.Addr, a.Addr())
					heal := c.Net.Partition([]string{one.Addr}, []string{a.Addr()})
					c.Advance(time.Duration(r.IntN(20)) * time.Second)
					heal()
				default:
					id := fmt.Sprint("t", tasks)
					tasks++
					say("launch %s", id)
					f.Launch(id, "sleep 5", "cpus:0.1;mem:32")
				}
				c.Advance(time.Duration(r.ExpFloat64() * float64(2*time.Second)))
				for _, d := range c.Candidates {
					if d.Deposed() != nil {
						d.Start()
					}
				}
			}
			defer func() {
				if t.Failed() {
					t.Logf("seed %d: %q", seed, story)
				}
			}()
			for _, d := range c.Candidates {
				if d.Leads() && d != c.Leader() {
					d.Start() // in the end its lease is over
				}
			}
			c.await("a leader at last")
			for i := range tasks {
				id := fmt.Sprint("t", i)
				c.Until(30*time.Minute, fmt.Sprintf("seed %d: the end of %s, told %v", seed, id, f.States(id)), func() bool { return f.Over(id) })
				if c.Starts(id) > 1 {
					t.Errorf("seed %d: task %s was started %d times", seed, id, c.Starts(id))
				}
			}
			c.slowly(15*time.Minute, "every agent in the registry", func() bool { return c.kept().Len(registry.Agents) == 3 && c.kept().Len(registry.Unreachable) == 0 })
			if err := c.kept().Check(); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
			c.Check()
		})
	}
}
