package simtest

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/agent/oversubscription"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// lending is a cluster whose agents lend cpus, and end who borrowed some when they are told to.
type lending struct {
	cpus     atomic.Int64
	pressed  atomic.Bool
	measured atomic.Int64 // questions to the controller
}

func (l *lending) options() Options {
	return Options{
		Agents: 1, Estimator: func(*Agent) oversubscription.Estimator { return l }, QoS: func(*Agent) oversubscription.Controller { return l },
	}
}

func (l *lending) Oversubscribable(u oversubscription.Usage) resources.Resources {
	lent := resources.MustParse("cpus:1").Revoked()
	var sum resources.Resources
	for range l.cpus.Load() {
		sum = sum.Add(lent)
	}
	return sum.Sub(u.Lent())
}

func (l *lending) Corrections(u oversubscription.Usage) (out []oversubscription.Correction) {
	l.measured.Add(1)
	for _, e := range u.Executors {
		if e.Lent() && l.pressed.Load() {
			out = append(out, oversubscription.Correction{FrameworkID: e.FrameworkID, ExecutorID: e.ExecutorID, ContainerID: e.ContainerID, Why: "the test says so"})
		}
	}
	return out
}

// borrow wants a task on cpus that may be taken back.
func (f *Framework) borrow(id, command, lent, own string) {
	f.LaunchTask(&v1.TaskInfo{
		Name: proto.String(id), TaskId: ids.Task(id), Resources: append(revocable(lent).Proto(), resources.MustParse(own).Proto()...),
		Command: &v1.CommandInfo{Value: proto.String(command)},
	})
}

// offeredLent is how much of what a framework holds offers of may be taken back.
func offeredLent(f *Framework) string {
	var sum resources.Resources
	for _, o := range f.Held() {
		if r, err := resources.FromProto(o.GetResources()); err == nil {
			sum = sum.Add(r.Revocable().Unallocate())
		}
	}
	return sum.String()
}

// What an agent lends is offered to those that take such, follows the estimator, and does not go away when the agent, its
// session or the master does.
func TestLentResourcesAreOffered(t *testing.T) {
	l := &lending{}
	l.cpus.Store(3)
	o := l.options()
	o.Seed, o.Referee = 1, true
	Run(t, o, func(c *Cluster) {
		f := c.Framework("batch", FrameworkOptions{Info: borrower(aware()), HoldOffer: true})
		c.Until(time.Minute, "3 lent cpus", func() bool { return offeredLent(f) == "cpus{REV}:3" })
		f.borrow("t", "forever", "cpus:2", "mem:32")
		c.Until(time.Minute, "t to run", f.In("t", running))
		c.Until(time.Minute, "1 more", func() bool { return offeredLent(f) == "cpus{REV}:1" })
		for name, shake := range map[string]func(){
			"session": func() { c.Net.Break(masterAddr, c.Agents[0].Addr()) },
			"agent":   func() { c.Agents[0].Crash(); c.Agents[0].Start() },
			"master":  func() { c.CrashMaster(); c.StartMaster() },
		} {
			shake()
			c.Advance(time.Minute)
			if got := offeredLent(f); got != "cpus{REV}:1" || !f.In("t", running)() {
				t.Errorf("after the end of the %s: got %s offered, t %v, want cpus{REV}:1 and t running", name, got, f.Last("t").GetState())
			}
			c.Check()
		}
		l.cpus.Store(0) // what runs keeps what it has
		c.Until(time.Minute, "no lent cpus", func() bool { return offeredLent(f) == "{}" })
		l.cpus.Store(4)
		c.Until(time.Minute, "2 of them", func() bool { return offeredLent(f) == "cpus{REV}:2" })
		if !f.In("t", running)() {
			t.Errorf("t is %v, want it running", f.Last("t").GetState())
		}
		f.Driver().Kill("t", nil)
		c.Until(time.Minute, "all of them", func() bool { return offeredLent(f) == "cpus{REV}:4" })
		c.Check()
	})
}

// A framework that takes nothing that may be taken back is offered the rest, and cannot mix.
func TestLentResourcesAreNotForAll(t *testing.T) {
	l := &lending{}
	l.cpus.Store(3)
	Run(t, l.options(), func(c *Cluster) {
		f := c.Framework("web", FrameworkOptions{Info: aware(), HoldOffer: true})
		c.Advance(2 * time.Minute)
		if got := offeredLent(f); got != "{}" || len(f.Held()) == 0 {
			t.Errorf("got %s in %d offers, want offers without", got, len(f.Held()))
		}
		f.Crash()
		g := c.Framework("batch", FrameworkOptions{Info: borrower(aware()), HoldOffer: true})
		c.Until(10*time.Minute, "lent cpus", func() bool { return offeredLent(g) == "cpus{REV}:3" })
		g.borrow("mixed", "true", "cpus:1", "cpus:1;mem:32")
		c.Until(time.Minute, "an answer", g.In("mixed", v1.TaskState_TASK_ERROR))
		if s := g.Last("mixed"); !strings.Contains(s.GetMessage(), "both revocable and other cpus") {
			t.Errorf("got %v, want what is wrong", s)
		}
		c.Check()
	})
}

// Who borrowed ends when the controller says so, and learns why; others run on.
func TestPreemptedByQoS(t *testing.T) {
	for _, x := range []struct {
		name string
		info *v1.FrameworkInfo
		want v1.TaskState
	}{{"aware", borrower(aware()), v1.TaskState_TASK_GONE}, {"not aware of partitions", borrower(&v1.FrameworkInfo{}), v1.TaskState_TASK_LOST}} {
		t.Run(x.name, func(t *testing.T) {
			l := &lending{}
			l.cpus.Store(2)
			Run(t, l.options(), func(c *Cluster) {
				f := c.Framework("batch", FrameworkOptions{Info: x.info})
				f.borrow("lent", "forever", "cpus:2", "mem:32")
				f.Launch("own", "forever", "cpus:1;mem:32")
				c.Until(time.Minute, "both to run", func() bool { return f.In("lent", running)() && f.In("own", running)() })
				l.pressed.Store(true)
				c.Until(time.Minute, "the end of lent", f.In("lent", x.want))
				s := f.Last("lent")
				if s.GetReason() != v1.TaskStatus_REASON_CONTAINER_PREEMPTED || s.GetMessage() != "Container preempted by QoS correction: the test says so" || s.GetSource() != v1.TaskStatus_SOURCE_AGENT {
					t.Errorf("got %v, want the reason CONTAINER_PREEMPTED and why", s)
				}
				c.Advance(time.Minute)
				if !f.In("own", running)() || c.Runs("lent") != 0 {
					t.Errorf("own is %v, and lent runs in %d containers: want it running alone", f.Last("own").GetState(), c.Runs("lent"))
				}
				if n := l.measured.Load(); n < 50 || n > 200 {
					t.Errorf("the controller was asked %d times in about two minutes: want once a second", n)
				}
				c.Check()
			})
		})
	}
}
