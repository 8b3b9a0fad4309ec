package live

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"mesos/actors/master/view"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// reader is what a page holds: it takes changes over and nothing else.
type reader struct {
	master     *Master
	settings   *Settings
	agents     map[string]Agent
	frameworks map[string]Framework
	tasks      map[[2]string]Task
	offers     map[string]Offer
	executors  map[[3]string]Executor
}

func newReader() *reader {
	return &reader{
		agents: map[string]Agent{}, frameworks: map[string]Framework{}, tasks: map[[2]string]Task{},
		offers: map[string]Offer{}, executors: map[[3]string]Executor{},
	}
}

// read takes a change as it comes over the wire.
func (r *reader) read(t interface{ Fatalf(string, ...any) }, change *Change) {
	text, err := json.Marshal(change)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	c := &Change{}
	if err := json.Unmarshal(text, c); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	if c.Master != nil {
		r.master = c.Master
	}
	if c.Settings != nil {
		r.settings = c.Settings
	}
	take(r.agents, c.Agents, func(a Agent) string { return a.ID }, c.AgentsGone)
	take(r.frameworks, c.Frameworks, func(f Framework) string { return f.ID }, c.FrameworksGone)
	take(r.tasks, c.Tasks, func(t Task) [2]string { return [2]string{t.Framework, t.ID} }, c.TasksGone)
	take(r.offers, c.Offers, func(o Offer) string { return o.ID }, c.OffersGone)
	take(r.executors, c.Executors, func(e Executor) [3]string { return [3]string{e.Framework, e.Agent, e.ID} }, c.ExecutorsGone)
}

func take[K comparable, R any](rows map[K]R, changed []R, key func(R) K, gone []K) {
	for _, r := range changed {
		rows[key(r)] = r
	}
	for _, k := range gone {
		delete(rows, k)
	}
}

// world makes pictures as the master does: what has not changed is shared.
type world struct {
	rand    *rand.Rand
	next    int
	cluster view.Cluster
}

func newWorld(seed uint64) *world {
	w := &world{rand: rand.New(rand.NewPCG(seed, 1))}
	w.cluster.Master = &view.Master{Info: &v1.MasterInfo{Id: proto.String("m"), Hostname: proto.String("h")}, Build: &v1.VersionInfo{Version: proto.String("1")}}
	return w
}

func (w *world) id(kind string) string { w.next++; return fmt.Sprintf("%s%d", kind, w.next) }

func (w *world) task(f *view.Framework, id string) *view.Task {
	state := []v1.TaskState{v1.TaskState_TASK_STAGING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_FINISHED}[w.rand.IntN(3)]
	return &view.Task{
		ID: id, FrameworkID: f.ID, AgentID: "a1", Desc: &v1.Task{Name: proto.String("n" + id)}, State: state, Freed: w.rand.IntN(2) == 0,
		Resources: resources.MustParse(fmt.Sprintf("cpus:%d;mem:64", 1+w.rand.IntN(4))),
		Statuses:  []*v1.TaskStatus{{TaskId: ids.Task(id), State: state.Enum(), Timestamp: proto.Float64(float64(w.next))}},
	}
}

// picture is a copy of the cluster as it is, made of new frameworks and agents with shared contents.
func (w *world) picture() *view.Cluster {
	c := &view.Cluster{Master: w.cluster.Master, Quotas: w.cluster.Quotas, Weights: w.cluster.Weights, Unreachable: w.cluster.Unreachable}
	for _, a := range w.cluster.Agents {
		again := *a
		c.Agents = append(c.Agents, &again)
	}
	for _, f := range w.cluster.Frameworks {
		again := *f
		again.Tasks, again.Offers, again.Executors = slices.Clone(f.Tasks), slices.Clone(f.Offers), slices.Clone(f.Executors)
		c.Frameworks = append(c.Frameworks, &again)
	}
	c.Completed = w.cluster.Completed
	return c
}

// step changes one thing.
func (w *world) step() {
	c := &w.cluster
	switch w.rand.IntN(12) {
	case 0:
		c.Agents = append(c.Agents, &view.Agent{ID: w.id("a"), Info: &v1.AgentInfo{Hostname: proto.String("h")}, Active: true, Total: resources.MustParse("cpus:8;mem:1024"), Registered: time.Unix(9, 0)})
		return
	case 1:
		f := &view.Framework{ID: w.id("f"), Info: &v1.FrameworkInfo{Name: proto.String("n")}, Roles: []string{"r"}, Active: true, Connected: true, Counts: &view.Counts{}}
		c.Frameworks = append(c.Frameworks, f)
		return
	case 2:
		c.Weights = map[string]float64{"r": float64(w.rand.IntN(3))}
		return
	case 3:
		if n := len(c.Agents); n > 0 {
			i := w.rand.IntN(n)
			if w.rand.IntN(3) == 0 {
				c.Agents = slices.Delete(c.Agents, i, i+1)
			} else {
				c.Agents[i].Active = !c.Agents[i].Active
			}
		}
		return
	}
	if len(c.Frameworks) == 0 {
		return
	}
	i := w.rand.IntN(len(c.Frameworks))
	f := c.Frameworks[i]
	switch w.rand.IntN(9) {
	case 0, 1:
		f.Tasks = append(f.Tasks, w.task(f, w.id("t")))
	case 2: // another state: another view
		if n := len(f.Tasks); n > 0 {
			k := w.rand.IntN(n)
			f.Tasks[k] = w.task(f, f.Tasks[k].ID)
		}
	case 3, 4: // into the history, whose ring holds three
		if n := len(f.Tasks); n > 0 {
			k := w.rand.IntN(n)
			ring := append(slices.Clone(f.Completed), f.Tasks[k])
			f.Completed = ring[max(0, len(ring)-3):]
			f.Tasks = slices.Delete(f.Tasks, k, k+1)
		}
	case 5: // an id that was used before
		if len(f.Completed) > 0 {
			id := f.Completed[0].ID
			if !slices.ContainsFunc(f.Tasks, func(t *view.Task) bool { return t.ID == id }) {
				f.Tasks = append(f.Tasks, w.task(f, id))
			}
		}
	case 6:
		f.Offers = append(f.Offers, view.Offer{ID: w.id("o"), FrameworkID: f.ID, AgentID: "a1", Role: "r", Resources: resources.MustParse("cpus:1")})
		f.Counts.OffersSent.Add(1)
	case 7:
		f.Offers = nil
		f.Executors = append(slices.Clone(f.Executors), view.Executor{Info: &v1.ExecutorInfo{ExecutorId: ids.Executor(w.id("e"))}, AgentID: "a1", Resources: resources.MustParse("cpus:1")})
	case 8:
		f.Executors = nil
		if w.rand.IntN(3) == 0 {
			c.Frameworks = slices.Delete(c.Frameworks, i, i+1)
			c.Completed = append(slices.Clone(c.Completed), f)
			f.Completed = append(slices.Clone(f.Completed), f.Tasks...)
			f.Tasks, f.Offers = nil, nil
		}
	}
}

// TestReadersAgree wants a reader of all changes to hold what a book that sees only the last picture holds.
func TestReadersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		book, r := NewBook(), newReader()
		steps := rapid.IntRange(1, 120).Draw(t, "steps")
		for range steps {
			for range w.rand.IntN(4) {
				w.step()
			}
			r.read(t, book.Update(w.picture(), nil))
			if w.rand.IntN(5) == 0 {
				book.Picture("", 1, NewHistory(1)) // some rows are encoded before they change again
			}
		}
		want := newReader()
		fresh := NewBook()
		fresh.Update(w.picture(), nil)
		want.read(t, fresh.All())
		if r.settings == nil {
			r.settings = want.settings // never changed from what a page begins with
		}
		if !reflect.DeepEqual(r, want) {
			t.Fatalf("after %d steps a reader has\n%+v\nwant\n%+v", steps, r, want)
		}
		again := newReader()
		again.read(t, book.All())
		if !reflect.DeepEqual(again, want) {
			t.Fatalf("after %d steps the book has\n%+v\nwant\n%+v", steps, again, want)
		}
		told, agents, tasks := newReader(), 0, 0
		var first struct{ Summary Summary }
		for i, line := range book.Picture("last", 1, NewHistory(1)) {
			c := &Change{}
			if json.Unmarshal(line, c) != nil || i == 0 && json.Unmarshal(line, &first) != nil {
				t.Fatalf("no JSON: %s", line)
			}
			agents, tasks = agents+len(c.Agents), tasks+len(c.Tasks)
			told.read(t, c)
		}
		if got := count(first.Summary.Agents); got != agents || count(first.Summary.Versions) != agents || count(first.Summary.Tasks) != tasks {
			t.Fatalf("summary: got %+v, want %d agents and %d tasks", first.Summary, agents, tasks)
		}
		if !reflect.DeepEqual(told, want) {
			t.Fatalf("after %d steps the text says\n%+v\nwant\n%+v", steps, told, want)
		}
		if c := book.Update(w.picture(), nil); !c.Empty() {
			t.Fatalf("the same picture again: got change %+v, want none", c)
		}
		if got, want := book.Sums(), fresh.Sums(); got != want {
			t.Fatalf("sums: got %+v, want %+v", got, want)
		}
	})
}

func count(by map[string]int) (sum int) {
	for _, n := range by {
		sum += n
	}
	return sum
}

// TestPictureInLines wants every row once, in lines that are no longer than they may be.
func TestPictureInLines(t *testing.T) {
	l, want := &lines{}, 2*rowsEach+1
	l.begin("nothing")
	l.begin("numbers")
	for range want {
		l.row([]byte("1"))
	}
	l.end()
	sum := 0
	for _, text := range l.all {
		var line map[string][]int
		if err := json.Unmarshal(text, &line); err != nil || len(line) != 1 || len(line["numbers"]) > rowsEach || text[len(text)-1] != '\n' {
			t.Errorf("got the line %.60q (%v), want at most %d numbers in it", text, err, rowsEach)
		}
		sum += len(line["numbers"])
	}
	if sum != want || len(l.all) != 3 {
		t.Errorf("got %d numbers in %d lines, want %d in 3", sum, len(l.all), want)
	}
}
