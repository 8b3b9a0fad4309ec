package allocator

import (
	"strings"
	"testing"
	"time"

	"mesos/messages/resources"
)

func amountsOf(text string) map[string]resources.Quantity {
	m := map[string]resources.Quantity{}
	for name, q := range quantities(text).All() {
		m[name] = q
	}
	return m
}

func (w *world) guarantee(role, text string) {
	w.t.Helper()
	if err := w.c.SetQuota(role, Quota{Guarantees: amountsOf(text)}); err != nil {
		w.t.Fatal(err)
	}
}

// TestHeadroom: what a guarantee lacks is kept free, also while nobody is there
// to use it.
func TestHeadroom(t *testing.T) {
	w := newWorld(t, Options{})
	w.guarantee("a", "cpus:3")
	w.framework("f1", "b")
	w.agent("S0", "cpus:2;mem:100")
	w.agent("S1", "cpus:2;mem:100")
	w.expect("f1/b S0 cpus:1;mem:100", "f1/b S1 mem:100")
	w.framework("f2", "a")
	w.expect("f2/a S0 cpus:1", "f2/a S1 cpus:2")
}

// TestGuaranteedGoFirst: a role that lacks some of its guarantee is served before
// all others, whatever the shares are.
func TestGuaranteedGoFirst(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("a1", "a")
	w.framework("z1", "z")
	w.guarantee("z", "cpus:5")
	w.agent("S0", "cpus:4")
	w.agent("S1", "cpus:4")
	w.agent("S2", "cpus:4")
	w.expect("z1/z S0 cpus:4", "z1/z S1 cpus:4", "a1/a S2 cpus:4")
}

// TestGuaranteesInTheTree: what is guaranteed to a child is part of what is
// guaranteed to its parent, and the rest of the parent's goes to anybody below it.
func TestGuaranteesInTheTree(t *testing.T) {
	w := newWorld(t, Options{})
	w.guarantee("a", "cpus:5")
	w.guarantee("a/b", "cpus:3")
	w.framework("other", "o")
	w.agent("S0", "cpus:8")
	w.expect("other/o S0 cpus:3")
	w.framework("c", "a/c")
	w.expect("c/a/c S0 cpus:2") // 3 of the 5 are a/b's
	w.framework("b", "a/b")
	w.expect("b/a/b S0 cpus:3")
}

// TestGuaranteeIsMetByReservations: what is reserved to a role counts.
func TestGuaranteeIsMetByReservations(t *testing.T) {
	w := newWorld(t, Options{})
	w.guarantee("a", "cpus:3")
	w.framework("f1", "b")
	w.agent("S0", "cpus(a):2;cpus:4")
	w.expect("f1/b S0 cpus:3")
}

// TestHeadroomNeedsAgents: an agent that is deactivated gives no headroom.
func TestHeadroomNeedsAgents(t *testing.T) {
	w := newWorld(t, Options{})
	w.guarantee("a", "cpus:2")
	w.framework("f1", "b")
	w.agent("S0", "cpus:2")
	w.agent("S1", "cpus:2")
	w.c.DeactivateAgent("S0")
	w.expect()
	w.c.ActivateAgent("S0")
	w.expect("f1/b S0 cpus:2")
}

func TestCheckQuotas(t *testing.T) {
	for _, tt := range []struct {
		name   string
		quotas map[string]Quota
		want   string // words of the error; "" = none
	}{
		{"fine", map[string]Quota{"a": {Limits: amountsOf("cpus:4")}, "a/b": {Guarantees: amountsOf("cpus:4")}}, ""},
		{"own limit", map[string]Quota{"a": {Limits: amountsOf("cpus:4"), Guarantees: amountsOf("cpus:5")}}, "at most its limit 4"},
		{"limit above", map[string]Quota{"a": {Limits: amountsOf("cpus:4")}, "a/b/c": {Guarantees: amountsOf("cpus:5")}}, `limit of role "a"`},
		{"another tree", map[string]Quota{"a": {Limits: amountsOf("cpus:4")}, "ab/c": {Guarantees: amountsOf("cpus:5")}}, ""},
		{"negative", map[string]Quota{"a": {Guarantees: map[string]resources.Quantity{"mem": -1}}}, "guarantee of mem is -0.001"},
	} {
		err := CheckQuotas(tt.quotas)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

// TestAwaitAgents: with quotas, a new master offers nothing until most agents are
// back or the time is over.
func TestAwaitAgents(t *testing.T) {
	fresh := func(quota bool) *world {
		w := newWorld(t, Options{})
		w.framework("f1", "b")
		if quota {
			w.guarantee("a", "cpus:1")
		}
		w.c.AwaitAgents(3, w.now) // 2.4 of them: 3
		w.agent("S0", "cpus:2")
		return w
	}
	w := fresh(false)
	w.expect("f1/b S0 cpus:2")

	w = fresh(true)
	w.expect()
	w.agent("S1", "cpus:2")
	w.expect()
	w.agent("S2", "cpus:2")
	w.expect("f1/b S0 cpus:2", "f1/b S1 cpus:2", "f1/b S2 cpus:1")

	w = fresh(true)
	w.expect()
	if at, ok := w.c.NextDeadline(); !ok || !at.Equal(start.Add(10*time.Minute)) {
		t.Errorf("got the next deadline at %v, %v, want ten minutes after the start", at, ok)
	}
	w.sleep(10*time.Minute - 1)
	w.expect()
	w.sleep(1)
	w.expect("f1/b S0 cpus:1")

	w = fresh(true)
	w.expect()
	if err := w.c.SetQuota("a", Quota{}); err != nil {
		t.Fatal(err)
	}
	w.expect("f1/b S0 cpus:2")
}
