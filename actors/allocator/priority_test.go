package allocator

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func priorityWorld(t *testing.T, o Options, weights map[string]float64) *world {
	t.Helper()
	p, err := NewPolicy("priority", PolicyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, c: NewCore(o, p), now: start}
	for role, weight := range weights {
		if err := w.c.SetWeight(role, weight); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// TestStrictPriority: as long as the higher one wants something the lower gets nothing.
func TestStrictPriority(t *testing.T) {
	w := priorityWorld(t, Options{}, map[string]float64{"prod": 10, "prod/db": 3})
	w.framework("batch", "batch")
	w.framework("web", "prod/web")
	w.framework("db", "prod/db")
	w.agent("S0", "cpus:12")
	if got := launch(w, 4); got["db"] != 4 {
		t.Errorf("got %v, want 4 for db, whose role has the highest weight", got)
	}
	w.c.Suppress("db", nil)
	if got := launch(w, 4); got["web"] != 4 {
		t.Errorf("with db suppressed got %v, want 4 for web", got)
	}
	w.c.Suppress("web", nil)
	if got := launch(w, 2); got["batch"] != 2 {
		t.Errorf("with all of prod suppressed got %v, want 2 for batch", got)
	}
	w.c.Revive("web", nil)
	if got := launch(w, 1); got["web"] != 1 {
		t.Errorf("with web back got %v, want 1 for web", got)
	}
}

// TestFrameworkPriority: frameworks of one role by their priority, equals by share.
func TestFrameworkPriority(t *testing.T) {
	w := priorityWorld(t, Options{}, nil)
	for id, p := range map[string]float64{"f1": 0, "f2": 5, "f3": 0} {
		w.c.AddFramework(Framework{ID: id, Roles: []string{"a"}, Priority: p}, true, nil)
	}
	w.agent("S0", "cpus:12")
	if got := launch(w, 3); got["f2"] != 3 {
		t.Errorf("got %v, want 3 for f2", got)
	}
	w.c.UpdateFramework(Framework{ID: "f2", Roles: []string{"a"}, Priority: -1})
	if got := launch(w, 6); got["f1"] != 3 || got["f3"] != 3 {
		t.Errorf("with f2 lowered got %v, want 3 for f1 and f3 each", got)
	}
}

// TestPreempt fills a cluster with work of low priority, lent or not, and asks
// what to take back for a need of high priority.
func TestPreempt(t *testing.T) {
	fill := func(preempt bool) *world {
		w := priorityWorld(t, Options{Preempt: preempt}, map[string]float64{"prod": 10, "low": 1, "mid": 5})
		for _, role := range []string{"low", "mid"} {
			w.c.AddFramework(Framework{ID: role, Roles: []string{role}, Capabilities: Capabilities{Revocable: true}}, true, nil)
		}
		w.framework("keeps", "low")
		for id, held := range map[string]map[string]string{
			"S0": {"keeps": "cpus:8;mem:800"},
			"S1": {"low": "cpus:3;mem:300", "mid": "cpus:4;mem:400"},
			"S2": {"mid": "cpus:6;mem:600"},
		} {
			w.agent(id, "cpus:8;mem:800")
			for f, r := range held {
				role := f
				if f == "keeps" {
					role = "low"
				}
				w.c.Allocated(f, id, res(r).Allocate(role))
			}
		}
		w.framework("prod", "prod")
		w.c.Suppress("low", nil)
		w.c.Suppress("mid", nil)
		w.c.Suppress("keeps", nil)
		return w
	}
	for _, tt := range []struct {
		need, who, role string
		preempt         bool
		want            string
	}{
		{"cpus:4;mem:400", "prod", "prod", true, "low S1 cpus:3; mem:300"},
		{"cpus:8;mem:800", "prod", "prod", true, "mid S2 cpus:6; mem:600"},
		{"cpus:2;mem:200", "prod", "prod", true, ""}, // S2 has that free
		{"cpus:9", "prod", "prod", true, ""},
		{"cpus:4;mem:400", "prod", "prod", false, ""},
		{"cpus:4;mem:400", "mid", "mid", true, ""}, // suppressed
		{"cpus:4;mem:400", "ghost", "prod", true, ""},
	} {
		w := fill(tt.preempt)
		var got []string
		for _, r := range w.c.Preempt(Need{FrameworkID: tt.who, Role: tt.role, Quantities: quantities(tt.need)}) {
			got = append(got, fmt.Sprint(r.FrameworkID, " ", r.AgentID, " ", r.Resources.Unallocate()))
		}
		if g := strings.Join(got, ", "); g != tt.want {
			t.Errorf("%s needs %s: got %q, want %q", tt.who, tt.need, g, tt.want)
		}
	}
}

// TestPreemptionEnds plays a preemption to its end: what was lent goes to the need.
func TestPreemptionEnds(t *testing.T) {
	w := priorityWorld(t, Options{Preempt: true}, map[string]float64{"prod": 10})
	w.c.AddFramework(Framework{ID: "batch", Roles: []string{"batch"}, Capabilities: Capabilities{Revocable: true}}, true, nil)
	w.agent("S0", "cpus:8")
	if o := w.expect("batch/batch S0 cpus:8")[0]; !o.Lent {
		t.Error("an offer to a revocable framework is not lent")
	}
	w.framework("prod", "prod")
	w.expect()
	got := w.c.Preempt(Need{FrameworkID: "prod", Role: "prod", Quantities: quantities("cpus:1")})
	if !slices.EqualFunc(got, []string{"batch"}, func(r Revocation, id string) bool { return r.FrameworkID == id }) {
		t.Fatalf("got %v, want what batch holds", got)
	}
	w.c.Recover(got[0].FrameworkID, got[0].AgentID, got[0].Resources, nil, w.now)
	if o := w.expect("prod/prod S0 cpus:8")[0]; o.Lent {
		t.Error("an offer to a framework that is not revocable is lent")
	}
}
