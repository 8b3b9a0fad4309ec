package fault_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/fault"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// story is three messages, with faults.
func story(t *testing.T) *fault.Faults {
	t.Helper()
	at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	f := fault.New(fault.Options{Keep: 3, Now: func() time.Time { at = at.Add(time.Millisecond); return at }})
	rules, err := fault.Parse("drop message=Call.KILL\nduplicate message=Call.REVIVE")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Add(rules...); err != nil {
		t.Fatal(err)
	}
	s, m := actors.UPID{ID: "scheduler(1)", Addr: "s:1"}, actors.UPID{ID: "master", Addr: "m:1"}
	pass := func(actors.Envelope) {}
	f.Filter(actors.Envelope{From: s, To: m, Message: wrapperspb.String("forgotten: only three are kept")}, pass)
	for _, c := range []schedulerv1.Call_Type{schedulerv1.Call_KILL, schedulerv1.Call_REVIVE} {
		f.Filter(actors.Envelope{From: s, To: m, Message: &schedulerv1.Call{Type: c.Enum()}}, pass)
	}
	f.Filter(actors.Envelope{From: m, To: s, Message: &schedulerv1.Event{Type: schedulerv1.Event_HEARTBEAT.Enum()}, Incoming: true}, pass)
	return f
}

const storyText = `00:00:00.002000  scheduler(1)@s:1 -> master@m:1  Call.KILL  [dropped by 1]
00:00:00.003000  scheduler(1)@s:1 -> master@m:1  Call.REVIVE  [doubled by 2]
00:00:00.004000  master@m:1 -> scheduler(1)@s:1  Event.HEARTBEAT
`

const storyMermaid = `sequenceDiagram
    participant p1 as scheduler(1)@s:1
    participant p2 as master@m:1
    p1-xp2: Call.KILL [dropped by 1]
    p1->>p2: Call.REVIVE [doubled by 2]
    p2->>p1: Event.HEARTBEAT
`

func TestDraw(t *testing.T) {
	events := story(t).Timeline()
	if got := fault.Text(events); got != storyText {
		t.Errorf("got\n%swant\n%s", got, storyText)
	}
	if got := fault.Mermaid(events); got != storyMermaid {
		t.Errorf("got\n%swant\n%s", got, storyMermaid)
	}
}

func TestHTTP(t *testing.T) {
	f := story(t)
	for _, c := range []struct {
		method, url, body string
		code              int
		want              string
	}{
		{"GET", "/faults", "", 200, `[{"id":1,"rule":"drop message=Call.KILL","seen":1,"done":1,"held":0},{"id":2,`},
		{"GET", "/faults?trace=text", "", 200, storyText},
		{"GET", "/faults?trace=mermaid", "", 200, storyMermaid},
		{"GET", "/faults?trace=json", "", 200, `[{"at":"2000-01-01T00:00:00.002Z","from":"scheduler(1)@s:1","to":"master@m:1","message":"Call.KILL","incoming":false,"did":"dropped by 1"},`},
		{"GET", "/faults?trace=film", "", 400, "use text, mermaid or json"},
		{"POST", "/faults", "hold\n", 200, `{"id":3,"rule":"hold","seen":0,"done":0,"held":0}]`},
		{"POST", "/faults?release=3", "", 200, `"rule":"hold"`},
		{"POST", "/faults?release=3&reverse=1", "", 200, `"rule":"hold"`},
		{"POST", "/faults?release=3&reverse=yes", "", 400, "write 1, or leave it out"},
		{"POST", "/faults?release=1", "", 400, "not a hold"},
		{"POST", "/faults?release=9", "", 400, "no fault rule has that id"},
		{"POST", "/faults", "lose", 400, `"lose" is no action`},
		{"POST", "/faults", "# nothing", 400, "there is none"},
		{"DELETE", "/faults?id=2", "", 200, `"rule":"hold"`},
		{"DELETE", "/faults?id=2", "", 400, `id "2": no fault rule has it`},
		{"DELETE", "/faults", "", 200, "[]"},
		{"PUT", "/faults", "", 405, "Expecting one of"},
	} {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequest(c.method, c.url, strings.NewReader(c.body)))
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: got %d %q, want %d with %q", c.method, c.url, w.Code, w.Body, c.code, c.want)
		}
	}
}
