package simtest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"mesos/actors/files"
	"mesos/actors/master"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// protocol is a conversation of the cluster's programs that is tried with a fault at each of its points.
type protocol struct {
	name    string
	options Options
	prepare func(x *trial) // until the protocol can begin
	play    func(x *trial) // begins it, and waits for its end, whatever goes wrong
	outcome func(x *trial) string
}

// trial is one run of a protocol.
type trial struct {
	c     *Cluster
	f     *Framework
	a     *Agent
	stops map[string]int // how often each disk stopped and its program was started again
	asked time.Time      // of what is asked again and again
	// armed arms the fault of a disk once more: opening a disk disarms it.
	armed func()
}

// trialPatience bounds the virtual time until an outcome is known.
const trialPatience = 30 * time.Minute

// run plays a protocol. watch is called when it begins and returns what is called when it is over.
func (p protocol) run(t *testing.T, watch func(x *trial) (over func(x *trial))) {
	o := p.options
	o.Seed, o.Referee = 1, true
	Run(t, o, func(c *Cluster) {
		x := &trial{c: c, stops: map[string]int{}}
		if len(c.Agents) > 0 {
			x.a = c.Agents[0]
		}
		c.Faults()
		p.prepare(x)
		over := watch(x)
		p.play(x)
		x.wait(time.Second) // who stopped at its last write starts again
		over(x)
		x.judge()
	})
}

// start starts the agent as a step of the protocol.
func (x *trial) start() {
	x.a.Start()
	if x.armed != nil {
		x.armed()
	}
}

// until waits for an outcome, and meanwhile starts again whose disk stopped.
func (x *trial) until(what string, holds func() bool) {
	x.c.T.Helper()
	step, start := 10*time.Millisecond, time.Now()
	for !holds() {
		if time.Since(start) > trialPatience {
			x.c.T.Fatalf("after %v: still waiting for %s", trialPatience, what)
		}
		if time.Since(start) > 10*time.Second {
			step = time.Second
		}
		x.wait(step)
	}
}

// wait lets time pass.
func (x *trial) wait(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		x.c.Advance(min(d, 100*time.Millisecond))
		if x.a != nil && x.a.Disk.Stopped() {
			x.stops["agent"]++
			x.a.Crash()
			x.c.Advance(time.Second)
			x.a.Start()
		}
		if x.c.Registry.Stopped() {
			x.stops["master"]++
			x.c.CrashMaster()
			x.c.Advance(time.Second)
			x.c.StartMaster()
		}
	}
}

// repeatedly calls f now, and each minute while it is called again and again.
func (x *trial) repeatedly(f func()) {
	if time.Since(x.asked) >= time.Minute {
		x.asked = time.Now()
		f()
	}
}

// order gives an operator's order until it is taken.
func (x *trial) order(kind, part string) {
	x.until("the order "+kind+" to be taken", func() bool { return x.give(kind, part) == http.StatusOK })
}

// give sends an operator's call, and gives up when the master says nothing for long: it may have stopped at a write.
func (x *trial) give(kind, part string) (code int) {
	if x.c.master.dead.Load() {
		return http.StatusServiceUnavailable
	}
	call := fmt.Sprintf(`{"type":%q,%q:{%s}}`, kind, strings.ToLower(kind), part)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1", strings.NewReader(call))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := master.NewHTTP(operator.Common{Files: files.New(), Metrics: reg}, http.NotFoundHandler())
	h.SetMaster(x.c.leader)
	h.ServeHTTP(w, r)
	if ctx.Err() != nil {
		return http.StatusGatewayTimeout
	}
	return w.Code
}

// judge asks, at the end of all trouble, for what must always hold, and that the cluster is of use.
func (x *trial) judge() {
	c, t := x.c, x.c.T
	x.wait(2 * time.Minute) // everybody is back
	c.Check()
	x.tasksAreRight()
	x.nothingIsRepeated()
	if x.f != nil {
		x.f.Driver().Teardown()
	}
	x.until("all containers to end", func() bool {
		for _, a := range c.Agents {
			if a.Refused() == nil && a.Containers() != 0 {
				return false
			}
		}
		return true
	})
	probe := c.Framework("probe", FrameworkOptions{Info: aware()})
	probe.Launch("probe", "true", "cpus:4;mem:4096")
	x.until("all of an agent to be offered", func() bool { return probe.Over("probe") })
	if got := probe.Last("probe").GetState(); got != v1.TaskState_TASK_FINISHED {
		t.Errorf("a task on all of the agent is told %v, want it finished", got)
	}
	c.Check()
}

// tasksAreRight compares what was told of tasks with what is.
func (x *trial) tasksAreRight() {
	if x.f == nil {
		return
	}
	c, t := x.c, x.c.T
	x.f.mu.Lock()
	var all []string
	for id := range x.f.launched {
		all = append(all, id)
	}
	x.f.mu.Unlock()
	slices.Sort(all)
	for _, id := range all {
		last := x.f.Last(id)
		alive := c.Runs(id)
		switch {
		case last == nil:
			t.Errorf("nothing was ever told of task %s", id)
		case c.Starts(id) > 1:
			t.Errorf("task %s was started %d times", id, c.Starts(id))
		case states.Terminal(last.GetState()) == (alive > 0):
			t.Errorf("task %s is told %v, and %d containers run it", id, last.GetState(), alive)
		}
		if n := x.f.Endings(id); n > 1 || n == 1 && alive > 0 {
			t.Errorf("task %s was told %d endings: %v", id, n, x.f.States(id))
		}
		if got := told(x.f, id); !slices.IsSortedFunc(got, func(a, b v1.TaskState) int { return age(a) - age(b) }) {
			t.Errorf("task %s was told %v: not in order", id, got)
		}
	}
}

// age orders the states of a life.
func age(s v1.TaskState) int {
	switch {
	case s == v1.TaskState_TASK_STARTING:
		return 1
	case s == v1.TaskState_TASK_RUNNING:
		return 2
	case states.Terminal(s):
		return 4
	}
	return 3
}

// nothingIsRepeated checks that no update is told for ever: it was acknowledged, everywhere.
func (x *trial) nothingIsRepeated() {
	before := len(x.c.Faults().Timeline())
	x.wait(11 * time.Minute) // agents repeat within ten
	for _, e := range x.c.Faults().Timeline()[before:] {
		if strings.Contains(e.Message, "StatusUpdate") || strings.Contains(e.Message, "OperationStatus") {
			x.c.T.Errorf("after %v of peace there is still %s from %s to %s", trialPatience, e.Message, e.From, e.To)
			return
		}
	}
}
