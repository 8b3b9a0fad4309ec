package allocator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// world is a core under test with a clock of its own.
type world struct {
	t   testing.TB
	c   *Core
	now time.Time
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, o Options) *world {
	t.Helper()
	p, err := NewPolicy("hierarchical", PolicyOptions{FairShareExcluded: o.FairShareExcluded})
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, c: NewCore(o, p), now: start}
}

// res reads the text of --resources, or a JSON array of any resources, also
// those that a flag may not name.
func res(text string) resources.Resources {
	if !strings.HasPrefix(text, "[") {
		return resources.MustParse(text)
	}
	var entries []json.RawMessage
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		panic(err)
	}
	var list []*v1.Resource
	for _, e := range entries {
		r := &v1.Resource{}
		if err := protojson.Unmarshal(e, r); err != nil {
			panic(err)
		}
		list = append(list, r)
	}
	r, err := resources.FromProto(list)
	if err != nil {
		panic(err)
	}
	return r
}

func quantities(text string) resources.Quantities { return mustQuantities(text) }

func (w *world) framework(id string, roles ...string) {
	if len(roles) == 0 {
		roles = []string{"*"}
	}
	w.c.AddFramework(Framework{ID: id, Roles: roles}, true, nil)
}

func (w *world) agent(id, total string) {
	w.c.AddAgent(Agent{ID: id, Total: res(total)}, nil)
}

// allocate runs a pass and checks the books after it.
func (w *world) allocate() []Offer {
	w.t.Helper()
	offers := w.c.Allocate(w.now)
	w.check()
	return offers
}

func (w *world) check() {
	w.t.Helper()
	if err := w.c.Check(); err != nil {
		w.t.Fatal(err)
	}
}

// expect runs a pass and compares the offers: "framework/role agent resources",
// one a line.
func (w *world) expect(lines ...string) []Offer {
	w.t.Helper()
	offers := w.allocate()
	var got []string
	for _, o := range offers {
		got = append(got, fmt.Sprintf("%s/%s %s %v", o.FrameworkID, o.Role, o.AgentID, o.Resources.Unallocate()))
	}
	var want []string
	for _, l := range lines {
		f := strings.SplitN(l, " ", 3)
		want = append(want, fmt.Sprintf("%s %s %v", f[0], f[1], res(f[2])))
	}
	if !slices.Equal(got, want) {
		w.t.Fatalf("at %v got offers\n  %s\nwant\n  %s", w.now.Sub(start), strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	return offers
}

// giveBack returns what an offer held, or the named part of it, unrefused.
func (w *world) giveBack(o Offer, part ...string) {
	r := o.Resources
	if len(part) > 0 {
		r = res(part[0]).Allocate(o.Role)
	}
	w.c.Recover(o.FrameworkID, o.AgentID, r, nil, w.now)
}

// decline returns an offer with refuse_seconds.
func (w *world) decline(o Offer, seconds float64) {
	w.c.Recover(o.FrameworkID, o.AgentID, o.Resources, &Refuse{Seconds: seconds}, w.now)
}

func (w *world) sleep(d time.Duration) { w.now = w.now.Add(d) }
