package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/chronos/job"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return noon.Add(d) }

// desk is a State with the clock and the store of a test.
type desk struct {
	t *testing.T
	*State
	rows map[string][]byte
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, State: New(Options{RetryDelay: time.Minute, LostDelay: time.Second, History: 5, MaxRows: 64}), rows: map[string][]byte{}}
}

// put makes a job from JSON at a time.
func (d *desk) put(now time.Time, text string) {
	d.t.Helper()
	j, err := job.Decode([]byte(text), job.Defaults{CPUs: 0.1, Mem: 32, Epsilon: time.Minute}, now)
	if err == nil {
		err = d.Put(j, now)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	d.write()
}

// write keeps what has changed, as the store does.
func (d *desk) write() {
	for _, r := range d.Take() {
		k := r.Table + " " + r.Key
		if r.Value == nil {
			delete(d.rows, k)
		} else {
			d.rows[k] = r.Value
		}
	}
}

// crash loses all but the rows.
func (d *desk) crash() {
	d.t.Helper()
	d.State = New(d.o)
	for k, v := range d.rows {
		table, key, _ := strings.Cut(k, " ")
		if err := d.Load(registry.Row{Table: table, Key: key, Value: v}); err != nil {
			d.t.Fatal(err)
		}
	}
	if err := d.Loaded(); err != nil {
		d.t.Fatal(err)
	}
}

// tick decides about everything that is due.
func (d *desk) tick(now time.Time) {
	for _, name := range d.Names() {
		for d.Due(name, now) {
			d.write()
		}
	}
	d.Overdue(now)
	d.write()
}

// launch launches what is ready on one agent and returns the tasks.
func (d *desk) launch(now time.Time) (tasks []string) {
	d.tick(now)
	for _, r := range d.Ready(now) {
		tasks = append(tasks, d.Launch(r, "agent", "host", now).TaskID)
	}
	d.write()
	return tasks
}

// tell is an update.
func (d *desk) tell(now time.Time, task string, states ...v1.TaskState) (kill bool) {
	for _, s := range states {
		kill = d.Update(&v1.TaskStatus{TaskId: ids.Task(task), State: s.Enum(), Message: proto.String("so")}, now)
		d.write()
	}
	return kill
}

// story is what became of the runs of a job: outcome and slot, and those under way.
func (d *desk) story(name string) string {
	var out []string
	for _, r := range d.Job(name).History() {
		line := fmt.Sprintf("%s %s", r.Outcome, r.Due.Format("15:04:05"))
		if r.Count > 1 {
			line += fmt.Sprintf(" to %s: %d", r.Until.Format("15:04:05"), r.Count)
		}
		out = append(out, line)
	}
	for _, r := range d.Runs(name) {
		out = append(out, fmt.Sprintf("%s %s", r.Phase, r.Due.Format("15:04:05")))
	}
	return strings.Join(out, ", ")
}

func (d *desk) want(what, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

const (
	running     = v1.TaskState_TASK_RUNNING
	finished    = v1.TaskState_TASK_FINISHED
	failed      = v1.TaskState_TASK_FAILED
	gone        = v1.TaskState_TASK_GONE
	dropped     = v1.TaskState_TASK_DROPPED
	unreachable = v1.TaskState_TASK_UNREACHABLE
)

func TestEachSlotOnce(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT10M","concurrent":true}`)
	d.want("at its start", fmt.Sprint(d.launch(noon)), "[ct:1767268800000:0:a:]")
	d.want("a moment later", fmt.Sprint(d.launch(after(time.Second))), "[]")
	d.crash()
	d.want("after a crash", fmt.Sprint(d.launch(after(2*time.Second))), "[]")
	d.tell(after(3*time.Second), "ct:1767268800000:0:a:", running, finished, finished)
	d.crash()
	d.want("after its end", d.story("a"), "success 12:00:00")
	d.want("the clock is set back", fmt.Sprint(d.launch(after(-time.Hour))), "[]")
	d.want("the next slot", fmt.Sprint(d.launch(after(10*time.Minute))), "[ct:1767269400000:0:a:]")
	if e := d.Job("a"); e.SuccessCount != 1 || e.ErrorCount != 0 || !e.LastSuccess.Equal(after(3*time.Second)) {
		t.Errorf("got %d, %d, %v, want one success", e.SuccessCount, e.ErrorCount, e.LastSuccess)
	}
}

func TestMissedSlotsAreTold(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:01:00Z/PT1M","epsilon":"PT90S"}`)
	d.crash()
	d.tick(after(10*time.Minute + 10*time.Second)) // chronos was away
	d.want("those within epsilon", d.story("a"), "missed 12:01:00 to 12:08:00: 8, waiting 12:09:00, waiting 12:10:00")
	d.want("one at a time", fmt.Sprint(len(d.launch(after(10*time.Minute+15*time.Second)))), "1")
	d.tick(after(11*time.Minute + 50*time.Second))
	d.want("the one that had to wait too long", d.story("a"), "missed 12:01:00 to 12:08:00: 8, missed 12:10:00, launched 12:09:00, waiting 12:11:00")
	if why := d.Job("a").History()[1].Reason; !strings.Contains(why, "12:09:00") || !strings.Contains(why, "not concurrent") {
		t.Errorf("got the reason %q, want what was in the way", why)
	}
	if got := d.Job("a").MissedCount; got != 9 {
		t.Errorf("got %d missed, want 9", got)
	}
	if h := d.Hooks(); len(h) != 2 || h[0].Run.Count != 8 {
		t.Errorf("got %v, want both misses told", h)
	}
}

func TestNoOffers(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R1/2026-01-01T12:01:00Z/PT1M"}`)
	d.tick(after(time.Minute))
	d.want("due", d.story("a"), "waiting 12:01:00")
	d.tick(after(2 * time.Minute))
	d.want("at epsilon", d.story("a"), "waiting 12:01:00")
	d.tick(after(2*time.Minute + 1))
	d.want("after epsilon", d.story("a"), "missed 12:01:00")
}

func TestLongAway(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:01Z/PT1S","epsilon":"PT2S"}`)
	d.tick(after(8 * time.Hour))
	n := 0
	for _, r := range d.Job("a").History() {
		n += r.Count
	}
	if n != 8*3600-3 || len(d.Runs("a")) != 3 {
		t.Errorf("got %d missed and %d that wait, want %d and 3", n, len(d.Runs("a")), 8*3600-3)
	}
}

func TestRetries(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R1/2026-01-01T12:00:00Z/PT1M","retries":1}`)
	first := d.launch(noon)[0]
	d.tell(after(time.Second), first, running, failed)
	d.want("at once", fmt.Sprint(d.launch(after(2*time.Second))), "[]")
	d.crash()
	second := d.launch(after(5 * time.Minute)) // long after epsilon, which is for the first try
	d.want("after the delay", fmt.Sprint(second), "[ct:1767268800000:1:a:]")
	d.tell(after(5*time.Minute), second[0], dropped)
	third := d.launch(after(6 * time.Minute))
	d.want("one that was lost does not count", fmt.Sprint(third), "[ct:1767268800000:2:a:]")
	d.want("an old word changes nothing", fmt.Sprint(d.tell(after(6*time.Minute), first, finished)), "false")
	d.want("one that should not run is killed", fmt.Sprint(d.tell(after(6*time.Minute), first, running)), "true")
	d.tell(after(6*time.Minute), third[0], failed)
	d.want("the end", d.story("a"), "failure 12:00:00")
	if e := d.Job("a"); e.ErrorCount != 1 || e.ErrorsSinceLastSuccess != 1 || len(e.History()[0].Tries) != 3 {
		t.Errorf("got %+v, want one error of three tries", e)
	}
}

// A task that cannot be reached may still run: no other try begins.
func TestUnreachable(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R2/2026-01-01T12:00:00Z/PT1H"}`)
	task := d.launch(noon)[0]
	d.tell(after(time.Second), task, running, unreachable)
	d.want("meanwhile", fmt.Sprint(d.launch(after(59*time.Minute))), "[]")
	d.tell(after(time.Hour), task, running, finished)
	d.want("back", d.story("a"), "success 12:00:00")
	d.tick(after(time.Hour))
	next := d.launch(after(time.Hour))[0]
	d.tell(after(time.Hour), next, running, unreachable, gone)
	d.want("gone", fmt.Sprint(d.launch(after(time.Hour+2*time.Second))), "[ct:1767272400000:1:a:]")
}

func TestDroppedIsBoundByEpsilon(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R1/2026-01-01T12:00:00Z/PT1M"}`)
	d.tell(after(30*time.Second), d.launch(noon)[0], dropped)
	d.want("too late", fmt.Sprint(d.launch(after(2*time.Minute))), "[]")
	d.want("it never began", d.story("a"), "missed 12:00:00")
}

func TestDependents(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1H","retries":0}`)
	d.put(noon, `{"name":"b","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1H","retries":0,"softError":true}`)
	d.put(noon, `{"name":"c","command":"true","parents":["a","b"]}`)
	tasks := d.launch(noon)
	d.tell(after(time.Second), tasks[0], finished)
	d.want("one of two", d.story("c"), "")
	d.crash()
	d.tell(after(time.Second), tasks[1], failed) // a soft error
	d.want("both", d.story("c"), "waiting 12:00:00")
	d.crash()
	d.tell(after(2*time.Second), d.launch(after(2 * time.Hour))[0], finished) // no epsilon: it has no time of its own
	d.want("done", d.story("c"), "success 12:00:00")
	if err := d.Succeed("a", after(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := d.Succeed("b", after(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d.want("taken as run", d.story("c"), "success 12:00:00, waiting 13:00:00")
}

func TestAFailureStopsWhatWaits(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1H","retries":0}`)
	d.put(noon, `{"name":"b","command":"true","parents":["a"]}`)
	d.tell(after(time.Second), d.launch(noon)[0], failed)
	d.want("after the failure", d.story("b"), "")
}

func TestGraph(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1H"}`)
	d.put(noon, `{"name":"b","command":"true","parents":["a"]}`)
	d.put(noon, `{"name":"c","command":"true","parents":["b"]}`)
	for text, want := range map[string]string{
		`{"name":"b","command":"true","parents":["c"]}`:  "b after c after b",
		`{"name":"a","command":"true","parents":["c"]}`:  "a after c after b after a",
		`{"name":"x","command":"true","parents":["no"]}`: `no job "no"`,
	} {
		j, err := job.Decode([]byte(text), job.Defaults{CPUs: 1, Mem: 1}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Put(j, noon); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
	if _, err := d.Delete("b", noon); err != nil {
		t.Fatal(err)
	}
	d.want("c waits for what b waited for", fmt.Sprint(d.Graph()), "map[a:[] c:[a]]")
	if _, err := d.Delete("a", noon); err != nil {
		t.Fatal(err)
	}
	d.want("c has the schedule of a", string(d.Job("c").Job.Schedule), "R/2026-01-01T12:00:00Z/PT1H")
	d.write()
	d.crash()
	d.want("after a crash", fmt.Sprint(d.Names()), "[c]")
}

func TestAsync(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R2/2026-01-01T12:00:00Z/PT1H","async":true,"retries":0,"maxCompletionTime":600}`)
	task := d.launch(noon)[0]
	d.tell(after(time.Second), task, running, finished)
	d.want("its task is over", d.story("a"), "reporting 12:00:00")
	d.crash()
	if err := d.Report(task, 0, after(time.Minute)); err != nil {
		t.Fatal(err)
	}
	d.want("reported", d.story("a"), "success 12:00:00")
	if err := d.Report(task, 0, after(time.Minute)); err == nil {
		t.Error("a second report: got no error")
	}
	task = d.launch(after(time.Hour))[0]
	if err := d.Report(task, 3, after(time.Hour)); err != nil { // before its task is over
		t.Fatal(err)
	}
	d.tell(after(time.Hour), task, running, finished)
	d.want("a bad report", d.story("a"), "success 12:00:00, failure 13:00:00")
	id, err := d.Start("a", "", after(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	d.want("by hand", fmt.Sprint(d.launch(after(2*time.Hour))), "["+id+"]")
	d.tell(after(2*time.Hour), id, finished)
	d.tick(after(2*time.Hour + 11*time.Minute))
	d.want("no report", d.story("a"), "success 12:00:00, failure 13:00:00, failure 14:00:00")
}

func TestKill(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M","concurrent":true}`)
	task := d.launch(noon)[0]
	d.tell(noon, task, running)
	d.tick(after(time.Minute))
	kill, err := d.Kill("a", after(time.Minute))
	d.want("to be killed", fmt.Sprint(kill, err), "["+task+"] <nil>")
	d.write()
	d.crash()
	d.want("told again", fmt.Sprint(d.tell(after(time.Minute), task, running)), "true")
	d.tell(after(time.Minute), task, v1.TaskState_TASK_KILLED)
	d.want("no retry", d.story("a"), "killed 12:01:00, killed 12:00:00")
}

func TestAJobThatComesLate(t *testing.T) {
	d := newDesk(t)
	d.put(after(5*time.Minute+30*time.Second), `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT10S"}`)
	d.tick(after(5*time.Minute + 30*time.Second))
	d.want("the last slot, which is not too old", d.story("a"), "waiting 12:05:30")
	d.put(after(5*time.Minute+35*time.Second), `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT5S"}`)
	d.tick(after(5*time.Minute + 35*time.Second))
	d.want("a new schedule repeats no slot", d.story("a"), "waiting 12:05:30, waiting 12:05:35")
	d.put(after(24*time.Hour), `{"name":"b","command":"true","schedule":"R2/2026-01-01T12:00:00Z/PT1M"}`)
	d.tick(after(24 * time.Hour))
	d.want("one that is over", d.story("b"), "")
}

func TestDisabled(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M","disabled":true}`)
	d.tick(after(10 * time.Minute))
	d.put(after(10*time.Minute+time.Second), `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M"}`)
	d.tick(after(10*time.Minute + time.Second))
	d.want("what was due while it was disabled", d.story("a"), "")
}

func TestPriority(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M"}`)
	d.put(noon, `{"name":"b","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M","highPriority":true}`)
	d.want("order", fmt.Sprint(d.launch(noon)), "[ct:1767268800000:0:b: ct:1767268800000:0:a:]")
}

func TestHistoryIsBounded(t *testing.T) {
	d := newDesk(t)
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1M"}`)
	for n := range 8 {
		now := after(time.Duration(n) * time.Minute)
		d.tell(now, d.launch(now)[0], finished)
	}
	want := "success 12:03:00, success 12:04:00, success 12:05:00, success 12:06:00, success 12:07:00"
	d.want("history", d.story("a"), want)
	d.crash()
	d.want("history of the store", d.story("a"), want)
	if len(d.rows) != 1+5 {
		t.Errorf("got %d rows, want the job and its history", len(d.rows))
	}
}

func TestFrameworkRemoved(t *testing.T) {
	d := newDesk(t)
	d.SetFrameworkID("f1")
	d.put(noon, `{"name":"a","command":"true","schedule":"R/2026-01-01T12:00:00Z/PT1H"}`)
	d.tell(noon, d.launch(noon)[0], running)
	d.crash()
	d.want("framework", d.FrameworkID(), "f1")
	d.want("alive", fmt.Sprint(d.Alive()), "map[ct:1767268800000:0:a::agent]")
	d.Forget(after(time.Minute))
	d.want("another try", fmt.Sprint(d.launch(after(2*time.Minute))), "[ct:1767268800000:1:a:]")
}
