package simtest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// forever is a task that runs on an executor of its framework until it is killed.
func forever(id, executor string) *v1.TaskInfo {
	t := custom(id, executor, "x")
	t.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String("model"), Value: proto.String("forever")}}}
	return t
}

// repeated lets the first re-registration of an agent through, but not its answer, and holds those that come then.
type repeated struct {
	mu       sync.Mutex
	count    int
	held     []func()
	released bool
}

func (r *repeated) filter(e actors.Envelope, pass func(actors.Envelope)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Message.(type) {
	case *internalpb.SlaveReregisteredMessage:
		if !r.released {
			return
		}
	case *internalpb.ReregisterSlaveMessage:
		if r.count++; r.count > 1 && !r.released {
			r.held = append(r.held, func() { pass(e) })
			return
		}
	}
	pass(e)
}

func (r *repeated) hasMore() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.held) > 0
}

func (r *repeated) release() {
	r.mu.Lock()
	r.released = true
	held := r.held
	r.mu.Unlock()
	for _, pass := range held {
		pass()
	}
}

// A re-registration that an agent repeats, and that was on its way when an executor was launched there, does not take
// that executor out of the master's books.
func TestLaunchDuringRepeatedReregistration(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f, a := c.Framework("web", FrameworkOptions{Info: aware()}), c.Agents[0]
		c.Advance(5 * time.Second)
		a.Crash()
		r := &repeated{}
		c.master.sys.SetFilter(r.filter)
		a.Start()
		c.Until(10*time.Minute, "the re-registration to be repeated", r.hasMore)
		f.LaunchTask(forever("a", "e"))
		c.Until(time.Minute, "the task to run", func() bool { return c.Starts("a") == 1 })
		r.release()
		c.Until(10*time.Minute, "the task to be told running", f.In("a", running))
		c.Advance(time.Minute)
		if n := len(f.Failures()); n != 0 {
			t.Errorf("got %d failures of an executor that lives: %v", n, f.Failures())
		}
		f.Driver().ShutdownExecutor(f.Last("a").GetAgentId().GetValue(), "e")
		endsWhole(t, c, f)
	})
}

// endsWhole waits for the end of the one executor, which must be told once, and for all of the agent to be free.
func endsWhole(t *testing.T, c *Cluster, f *Framework) {
	t.Helper()
	c.Until(time.Minute, "the executor's end to be told", func() bool { return len(f.Failures()) > 0 })
	c.Until(time.Minute, "the task to be over", func() bool { return f.Over("a") }) // or only a part of the agent is offered
	f.Launch("all", "true", "cpus:4;mem:4096")
	c.Until(time.Minute, "a task on all of the agent", f.In("all", finished))
	if n := len(f.Failures()); n != 1 {
		t.Errorf("got %d failures, want one: %v", n, f.Failures())
	}
	c.Check()
}

// The launch of an executor that is lost with a session leaves neither task nor executor in the master's books.
func TestLostLaunchOfAnExecutor(t *testing.T) {
	Run(t, Options{Agents: 1}, func(c *Cluster) {
		f, a := c.Framework("web", FrameworkOptions{Info: aware()}), c.Agents[0]
		c.Advance(5 * time.Second)
		var lost atomic.Bool
		a.program.sys.SetFilter(func(e actors.Envelope, pass func(actors.Envelope)) {
			if _, ok := e.Message.(*internalpb.RunTaskMessage); ok && lost.CompareAndSwap(false, true) {
				return
			}
			pass(e)
		})
		f.LaunchTask(forever("a", "e"))
		c.Until(time.Minute, "the launch to be lost", lost.Load)
		a.Crash()
		a.Start()
		c.Until(10*time.Minute, "the task to be told dropped", f.In("a", dropped))
		endsWhole(t, c, f)
	})
}
