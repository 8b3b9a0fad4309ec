package faults

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/tests/cluster"
)

// load is a framework in the test's own process. It keeps so many tasks alive, of many kinds, and remembers all.
type load struct {
	driver *scheduler.Driver
	marks  string // the folder that tasks write to
	self   string // this program, which is the custom executor

	mu       sync.Mutex
	rng      *rand.Rand
	want     int // tasks alive
	calm     bool
	full     bool // a disk is
	records  map[string]*record
	alive    map[string]bool
	extra    []*v1.TaskInfo  // tasks that a test made, to be launched on the next offer
	failures map[string]bool // executors whose end was told
}

func startLoad(t testing.TB, c *cluster.Cluster, seed uint64) *load {
	t.Helper()
	silent := slog.New(slog.DiscardHandler)
	net, err := link.DialOnly("127.0.0.1", link.Options{Log: silent})
	if err != nil {
		t.Fatal(err)
	}
	sys := actors.NewSystem(net, actors.WithLogger(silent))
	t.Cleanup(sys.Shutdown)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &load{
		marks: t.TempDir(), self: self, rng: rand.New(rand.NewPCG(seed, 1)), records: map[string]*record{}, alive: map[string]bool{}, failures: map[string]bool{},
	}
	info := &v1.FrameworkInfo{
		User: proto.String("root"), Name: proto.String("load"), FailoverTimeout: proto.Float64(600), Checkpoint: proto.Bool(true),
		Capabilities: []*v1.FrameworkInfo_Capability{
			{Type: v1.FrameworkInfo_Capability_PARTITION_AWARE.Enum()}, {Type: v1.FrameworkInfo_Capability_TASK_KILLING_STATE.Enum()},
		},
	}
	conf := scheduler.Config{Master: actors.UPID{ID: "master", Addr: c.Addr()}, Framework: info, Log: silent, Backoff: 100 * time.Millisecond}
	l.driver, err = scheduler.Start(sys, "scheduler(1)", conf, scheduler.Callbacks{Offers: l.offers, Update: l.update, Failure: l.failure})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// offers takes from each offer what is missing to the tasks wanted.
func (l *load) offers(d *scheduler.Driver, offers []*v1.Offer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range offers {
		tasks := l.extra
		l.extra = nil
		for _, t := range tasks {
			t.AgentId = o.GetAgentId()
		}
		for room := fits(o); room >= 6 && len(l.alive) < l.want && len(tasks) < 20; {
			fresh := l.next()
			for _, t := range fresh {
				t.AgentId = o.GetAgentId()
				l.alive[t.GetTaskId().GetValue()] = true
			}
			tasks = append(tasks, fresh...)
			room -= 2 * len(fresh)
		}
		d.Launch(o.GetId(), tasks, scheduler.RefuseFor(0.1))
	}
}

// launch launches a task of a test's own on the next offer; it must fit.
func (l *load) launch(r *record, t *v1.TaskInfo) {
	l.mu.Lock()
	l.records[r.id], l.alive[r.id] = r, true
	l.extra = append(l.extra, t)
	l.mu.Unlock()
	l.driver.Revive()
}

// is says that a task was told to be in a state, last.
func (l *load) is(id string, s v1.TaskState) func() string {
	return func() string {
		l.mu.Lock()
		defer l.mu.Unlock()
		r := l.records[id]
		if n := len(r.told); n > 0 && r.told[n-1].GetState() == s {
			return ""
		}
		return r.story()
	}
}

// fits is how many tasks an offer has room for.
func fits(o *v1.Offer) int {
	for _, r := range o.GetResources() {
		if r.GetName() == "cpus" {
			return int(r.GetScalar().GetValue() / 0.05)
		}
	}
	return 0
}

// update notes what was told.
func (l *load) update(_ *scheduler.Driver, s *v1.TaskStatus) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := s.GetTaskId().GetValue()
	r := l.records[id]
	if r == nil {
		r = &record{id: id} // of nobody: the judge finds it without an end or without marks
		l.records[id] = r
	}
	r.hear(s)
	r.struck = r.struck || l.full
	if r.over() {
		delete(l.alive, id)
	}
}

func (l *load) failure(_ *scheduler.Driver, f *schedulerv1.Event_Failure) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.ExecutorId != nil {
		l.failures[f.GetExecutorId().GetValue()] = true
	}
}

// keep sets how many tasks are to be alive. Calm tasks are short and end well.
func (l *load) keep(n int, calm bool) {
	l.mu.Lock()
	l.want, l.calm = n, calm
	l.mu.Unlock()
	l.driver.Revive()
}

// settle waits until no task is alive, then runs n calm ones, all of which end well.
func (l *load) settle(t testing.TB, c *cluster.Cluster, n int) {
	t.Helper()
	l.keep(0, true)
	eventually(t, "the end of all tasks", l.left)
	c.WaitAgents(len(c.Agents))
	l.mu.Lock()
	old := len(l.records)
	l.mu.Unlock()
	l.keep(n, true)
	eventually(t, "calm tasks to be launched", func() string {
		l.mu.Lock()
		defer l.mu.Unlock()
		if len(l.records) >= old+n {
			return ""
		}
		return fmt.Sprintf("%d of %d were", len(l.records)-old, n)
	})
	l.keep(0, true)
	eventually(t, "the end of all calm tasks", l.left)
}

// left tells of the tasks whose end was not told.
func (l *load) left() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for id := range l.alive {
		fmt.Fprintf(&b, "\n%s", l.records[id].story())
	}
	return b.String()
}

// strike notes that these executors, or all if there are none, may not have survived what is done to them.
func (l *load) strike(executors ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hit := map[string]bool{}
	for _, id := range executors {
		hit[id] = true
	}
	for id := range l.alive {
		if r := l.records[id]; len(executors) == 0 || hit[r.executor] || r.executor == "" && hit[id] {
			r.struck = true
		}
	}
}

// diskFull says from when to when an agent's disk is full: what is not over by then may fail.
func (l *load) diskFull(full bool) {
	l.mu.Lock()
	l.full = full
	l.mu.Unlock()
	l.strike()
}

// stories tells what is known of executors that should have ended.
func (l *load) stories(left map[string]int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, r := range l.records {
		if pid := max(left[r.id], left[r.executor]); pid != 0 {
			fmt.Fprintf(&b, "\nprocess %d is of %s", pid, r.story())
		}
	}
	return b.String()
}

// judge reads all marks and gives a complaint for each task that has one.
func (l *load) judge(t testing.TB) (count map[v1.TaskState]int, complaints []string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	count = map[v1.TaskState]int{}
	for _, r := range l.records {
		if err := r.read(l.marks); err != nil {
			t.Fatal(err)
		}
		if wrong := r.judge(); wrong != nil {
			complaints = append(complaints, fmt.Sprintf("%v\n  %s", wrong, r.story()))
		}
		if r.over() {
			count[r.told[len(r.told)-1].GetState()]++
		}
	}
	return count, complaints
}
