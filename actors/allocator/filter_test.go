package allocator

import (
	"math"
	"testing"
	"time"
)

func TestRefusalDuration(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		name    string
		seconds float64
		want    time.Duration
	}{
		{"zero is one interval", 0, time.Second},
		{"below the interval", 0.25, time.Second},
		{"negative zero", math.Copysign(0, -1), time.Second},
		{"smallest number", math.SmallestNonzeroFloat64, time.Second},
		{"plain", 7.5, 7500 * time.Millisecond},
		{"negative", -0.001, 5 * time.Second},
		{"minus infinity", math.Inf(-1), 5 * time.Second},
		{"not a number", math.NaN(), 5 * time.Second},
		{"infinity", math.Inf(1), 5 * time.Second},
		{"beyond what a time can hold", 1e10, 5 * time.Second},
		{"largest time", 9.2e9, 365 * day},
		{"365 days", 365 * 86400, 365 * day},
		{"more", 365*86400 + 1, 365 * day},
		{"a little less", 365*86400 - 1, 365*day - time.Second},
	}
	for _, tt := range tests {
		if got := (Refuse{Seconds: tt.seconds}).duration(time.Second); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := (Refuse{Seconds: -1}).duration(time.Minute); got != time.Minute {
		t.Errorf("default with a longer interval: got %v, want the interval", got)
	}
}

// TestFilterEnds declines the only agent and shows what brings the offer back.
func TestFilterEnds(t *testing.T) {
	tests := []struct {
		name    string
		seconds float64
		do      func(w *world)
		want    []string
	}{
		{"not before its time", 10, func(w *world) { w.sleep(10*time.Second - 1) }, nil},
		{"at its time", 10, func(w *world) { w.sleep(10 * time.Second) }, []string{"f1/* S0 cpus:4;mem:64"}},
		{"zero: not at once", 0, func(w *world) { w.sleep(time.Second - 1) }, nil},
		{"zero: after an interval", 0, func(w *world) { w.sleep(time.Second) }, []string{"f1/* S0 cpus:4;mem:64"}},
		{"on revive", 1e6, func(w *world) { w.c.Revive("f1", nil) }, []string{"f1/* S0 cpus:4;mem:64"}},
		{"zero: on revive", 0, func(w *world) { w.c.Revive("f1", []string{"*"}) }, []string{"f1/* S0 cpus:4;mem:64"}},
		{"not when another role is revived", 1e6, func(w *world) { w.c.Revive("f1", []string{"other"}) }, nil},
		{"not on suppress and update", 1e6, func(w *world) {
			w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"*"}, Suppressed: []string{"*"}})
			w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"*"}})
		}, nil},
		{"when the framework comes back", 1e6, func(w *world) {
			w.c.DeactivateFramework("f1")
			w.c.ActivateFramework("f1")
		}, []string{"f1/* S0 cpus:4;mem:64"}},
		{"when the framework is made anew", 1e6, func(w *world) {
			w.c.RemoveFramework("f1")
			w.framework("f1")
		}, []string{"f1/* S0 cpus:4;mem:64"}},
		{"when the role is left and taken again", 1e6, func(w *world) {
			w.c.UpdateFramework(Framework{ID: "f1"})
			w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"*"}})
		}, []string{"f1/* S0 cpus:4;mem:64"}},
		{"not when the agent pauses", 1e6, func(w *world) {
			w.c.DeactivateAgent("S0")
			w.c.ActivateAgent("S0")
		}, nil},
		{"when the agent is made anew", 1e6, func(w *world) {
			w.c.RemoveAgent("S0")
			w.agent("S0", "cpus:4;mem:64")
		}, []string{"f1/* S0 cpus:4;mem:64"}},
		{"not when the agent is updated alike", 1e6, func(w *world) {
			w.c.UpdateAgent(Agent{ID: "S0", Total: res("cpus:4;mem:64")})
		}, nil},
		{"when the agent grows", 1e6, func(w *world) {
			w.c.UpdateAgent(Agent{ID: "S0", Total: res("cpus:4;mem:65")})
		}, []string{"f1/* S0 cpus:4;mem:65"}},
		{"not when the agent shrinks", 1e6, func(w *world) {
			w.c.UpdateAgent(Agent{ID: "S0", Total: res("cpus:4;mem:63")})
		}, nil},
		{"not for another framework, which gets it at once", 1e6, func(w *world) { w.framework("f2") }, []string{"f2/* S0 cpus:4;mem:64"}},
		{"not for another role of the same", 1e6, func(w *world) {
			w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"*", "other"}})
		}, []string{"f1/other S0 cpus:4;mem:64"}},
		{"on another agent it does not hold", 1e6, func(w *world) { w.agent("S1", "cpus:1") }, []string{"f1/* S1 cpus:1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			w.framework("f1")
			w.agent("S0", "cpus:4;mem:64")
			w.decline(w.expect("f1/* S0 cpus:4;mem:64")[0], tt.seconds)
			w.expect()
			tt.do(w)
			w.expect(tt.want...)
		})
	}
}

// TestFilterAndEndedTask: what is refused is the rest beside a task; when the
// task ends there is more than was refused, so the whole is offered at once.
func TestFilterAndEndedTask(t *testing.T) {
	for _, seconds := range []float64{0, 1e6} {
		w := newWorld(t, Options{})
		w.framework("f1")
		w.agent("S0", "cpus:4;mem:64")
		o := w.expect("f1/* S0 cpus:4;mem:64")[0]
		task := res("cpus:1").Allocate("*")
		w.c.Recover("f1", "S0", o.Resources.Sub(task), &Refuse{Seconds: seconds}, w.now)
		w.expect()
		w.giveBack(o, "cpus:1")
		w.expect("f1/* S0 cpus:4;mem:64")
	}
}

// TestSeveralFilters: refusals of different content stand side by side.
func TestSeveralFilters(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1")
	w.agent("S0", "cpus:4;mem:64")
	o := w.expect("f1/* S0 cpus:4;mem:64")[0]
	w.c.Recover("f1", "S0", res("cpus:1").Allocate("*"), &Refuse{Seconds: 100}, w.now)
	w.expect()
	w.c.Recover("f1", "S0", res("cpus:1").Allocate("*"), &Refuse{Seconds: 10}, w.now)
	// Two cpus are free, one is refused twice: two are more than that.
	o2 := w.expect("f1/* S0 cpus:2")[0]
	w.decline(o2, 20)
	w.expect()
	w.sleep(20 * time.Second)
	w.decline(w.expect("f1/* S0 cpus:2")[0], 10)
	w.sleep(10 * time.Second)
	o2 = w.expect("f1/* S0 cpus:2")[0]
	w.giveBack(o2, "cpus:1")
	w.expect() // the first refusal still holds
	w.giveBack(o, "mem:64")
	w.expect("f1/* S0 cpus:1;mem:64")
}

// TestLongerFilter: a later refusal of the same for longer counts.
func TestLongerFilter(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1")
	w.agent("S0", "cpus:2")
	w.expect("f1/* S0 cpus:2")
	for _, seconds := range []float64{10, 100} {
		w.c.Recover("f1", "S0", res("cpus:1").Allocate("*"), &Refuse{Seconds: seconds}, w.now)
	}
	w.giveBack(w.expect("f1/* S0 cpus:2")[0], "cpus:1")
	w.sleep(10 * time.Second)
	w.expect()
	w.sleep(90 * time.Second)
	w.expect("f1/* S0 cpus:1")
}

func TestDeclineAndOfferDoNotSpin(t *testing.T) {
	w := newWorld(t, Options{AllocationInterval: 2 * time.Second})
	w.framework("f1")
	w.framework("f2")
	w.agent("S0", "cpus:1")
	rounds := 0
	for offers := w.allocate(); len(offers) > 0; offers = w.allocate() {
		w.decline(offers[0], 0)
		if rounds++; rounds > 2 {
			t.Fatal("the declined agent is offered again without time passing")
		}
	}
	if at, ok := w.c.NextDeadline(); !ok || !at.Equal(start.Add(2*time.Second)) {
		t.Errorf("got deadline %v, %v, want one interval from the start", at, ok)
	}
}

func TestNextDeadline(t *testing.T) {
	w := newWorld(t, Options{})
	if at, ok := w.c.NextDeadline(); ok {
		t.Errorf("got %v without any filter", at)
	}
	w.framework("f1")
	w.framework("f2")
	w.agent("S0", "cpus:1")
	w.agent("S1", "cpus:1")
	offers := w.allocate()
	w.decline(offers[0], 30)
	w.decline(offers[1], 20)
	w.check()
	if at, ok := w.c.NextDeadline(); !ok || !at.Equal(start.Add(20*time.Second)) {
		t.Errorf("got %v, %v, want 20 s", at, ok)
	}
	w.c.Revive(offers[1].FrameworkID, nil)
	if at, ok := w.c.NextDeadline(); !ok || !at.Equal(start.Add(30*time.Second)) {
		t.Errorf("got %v, %v, want 30 s", at, ok)
	}
	w.sleep(time.Minute)
	w.allocate()
	if at, ok := w.c.NextDeadline(); ok {
		t.Errorf("got %v after all filters ended", at)
	}
}
