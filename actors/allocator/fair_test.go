package allocator

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestDominantShares is the textbook case: 9 cpus and 18 GB, one user's tasks
// need 1 cpu and 4 GB, the other's 3 cpus and 1 GB. Equal dominant shares of 2/3
// are three tasks of the one and two of the other.
func TestDominantShares(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("A")
	w.framework("B")
	w.agent("S0", "cpus:9;mem:18432")
	task := map[string]string{"A": "cpus:1;mem:4096", "B": "cpus:3;mem:1024"}
	var order []string
	for offers := w.allocate(); len(offers) > 0; offers = w.allocate() {
		o := offers[0]
		need := res(task[o.FrameworkID]).Allocate("*")
		if !o.Resources.Contains(need) {
			w.decline(o, 3600)
			continue
		}
		order = append(order, o.FrameworkID)
		w.c.Recover(o.FrameworkID, o.AgentID, o.Resources.Sub(need), nil, w.now)
	}
	if got, want := strings.Join(order, ""), "ABABA"; got != want {
		t.Errorf("got tasks in the order %s, want %s", got, want)
	}
}

// launch has frameworks take one cpu each time they are offered something, and
// counts whose turn it was.
func launch(w *world, times int) map[string]int {
	counts := map[string]int{}
	one := res("cpus:1")
	for range times {
		offers := w.allocate()
		if len(offers) != 1 {
			w.t.Fatalf("got %d offers, want 1", len(offers))
		}
		o := offers[0]
		counts[o.FrameworkID]++
		w.c.Recover(o.FrameworkID, o.AgentID, o.Resources.Sub(one.Allocate(o.Role)), nil, w.now)
	}
	return counts
}

func TestShares(t *testing.T) {
	tests := []struct {
		name     string
		roles    map[string]string // framework -> role
		weights  map[string]float64
		excluded []string
		want     map[string]int // of 12 cpus
	}{
		{
			name:  "frameworks of one role",
			roles: map[string]string{"f1": "a", "f2": "a", "f3": "a"},
			want:  map[string]int{"f1": 4, "f2": 4, "f3": 4},
		}, {
			name:  "roles before frameworks",
			roles: map[string]string{"f1": "a", "f2": "a", "f3": "b"},
			want:  map[string]int{"f1": 3, "f2": 3, "f3": 6},
		}, {
			name:    "weights",
			roles:   map[string]string{"f1": "a", "f2": "b"},
			weights: map[string]float64{"a": 1, "b": 3},
			want:    map[string]int{"f1": 3, "f2": 9},
		}, {
			name:  "a role and its child share what the role gets",
			roles: map[string]string{"f1": "a", "f2": "a/b", "f3": "c"},
			want:  map[string]int{"f1": 3, "f2": 3, "f3": 6},
		}, {
			name:    "weights inside the tree",
			roles:   map[string]string{"f1": "a/x", "f2": "a/y", "f3": "c"},
			weights: map[string]float64{"a/x": 2},
			want:    map[string]int{"f1": 4, "f2": 2, "f3": 6},
		}, {
			name:  "depth does not matter",
			roles: map[string]string{"f1": "a/b/c/d", "f2": "e"},
			want:  map[string]int{"f1": 6, "f2": 6},
		}, {
			name:     "without counting resources all take turns",
			roles:    map[string]string{"f1": "a", "f2": "b"},
			weights:  map[string]float64{"b": 3},
			excluded: []string{"cpus"},
			want:     map[string]int{"f1": 6, "f2": 6},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, Options{FairShareExcluded: tt.excluded})
			for _, id := range sortedKeys(tt.roles) {
				w.framework(id, tt.roles[id])
			}
			for role, weight := range tt.weights {
				if err := w.c.SetWeight(role, weight); err != nil {
					t.Fatal(err)
				}
			}
			w.agent("S0", "cpus:12;ports:[1-100]")
			got := launch(w, 12)
			for id, want := range tt.want {
				if got[id] != want {
					t.Errorf("got %v, want %v", got, tt.want)
					break
				}
			}
		})
	}
}

func TestWeightChangesAtRunTime(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.framework("f2", "b")
	w.agent("S0", "cpus:24")
	launch(w, 8)
	if err := w.c.SetWeight("b", 3); err != nil {
		t.Fatal(err)
	}
	// From 4:4 the next 8 bring it to 4:12, which is 1:3.
	if got := launch(w, 8); got["f2"] != 8 {
		t.Errorf("got %v after the weight changed, want all 8 for f2", got)
	}
}

func TestWeightErrors(t *testing.T) {
	w := newWorld(t, Options{})
	zero := 0.0
	for _, weight := range []float64{0, -1, zero / zero, 1 / zero, 1e-300} {
		if err := w.c.SetWeight("a", weight); err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("weight %v: got %v, want an error that names the role", weight, err)
		}
	}
}

// TestEqualSharesGoRound shows the ties: fewer offers first, then the name.
func TestEqualSharesGoRound(t *testing.T) {
	w := newWorld(t, Options{})
	for _, id := range []string{"f3", "f1", "f2"} {
		w.framework(id)
	}
	w.agent("S0", "cpus:1")
	var got []string
	for range 6 {
		o := w.allocate()[0]
		got = append(got, o.FrameworkID)
		w.giveBack(o)
	}
	if want := []string{"f1", "f2", "f3", "f1", "f2", "f3"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRandomPolicy(t *testing.T) {
	run := func(seed uint64) map[string]int {
		p, err := NewPolicy("random", PolicyOptions{Rand: rand.New(rand.NewPCG(seed, 0))})
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, c: NewCore(Options{}, p), now: start}
		w.framework("f1", "a")
		w.framework("f2", "b")
		if err := w.c.SetWeight("b", 3); err != nil {
			t.Fatal(err)
		}
		w.agent("S0", "cpus:4000")
		return launch(w, 4000)
	}
	got := run(1)
	if got["f2"] < 2800 || got["f2"] > 3200 {
		t.Errorf("got %v, want about 1000 to 3000, as the weights are", got)
	}
	if again := run(1); again["f1"] != got["f1"] {
		t.Errorf("got %v and %v from the same seed, want the same", got, again)
	}
}

func TestPolicyErrors(t *testing.T) {
	tests := []struct {
		name, want string
	}{
		{"random", "PolicyOptions.Rand"},
		{"fifo", "hierarchical"},
	}
	for _, tt := range tests {
		if _, err := NewPolicy(tt.name, PolicyOptions{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error that names %s", tt.name, err, tt.want)
		}
	}
	if got := Policies(); !slices.Equal(got, []string{"hierarchical", "priority", "random"}) {
		t.Errorf("got policies %v", got)
	}
}
