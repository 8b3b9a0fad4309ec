package allocator

import (
	"strings"
	"testing"

	"mesos/messages/resources"
)

func TestSuppressAndRevive(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a", "b")
	w.agent("S0", "cpus:1;cpus(b):1")
	offers := w.expect("f1/a S0 cpus:1", "f1/b S0 cpus(b):1")
	w.c.Suppress("f1", []string{"a"})
	w.giveBack(offers[0])
	w.giveBack(offers[1])
	o := w.expect("f1/b S0 cpus:1;cpus(b):1")[0]
	w.c.Suppress("f1", nil)
	w.giveBack(o)
	w.expect()
	w.c.Revive("f1", []string{"a"})
	w.expect("f1/a S0 cpus:1")
	w.c.Revive("f1", nil)
	w.expect("f1/b S0 cpus(b):1")
	w.c.Suppress("nobody", nil)
	w.c.Revive("nobody", nil)
	w.expect()
}

func TestSuppressedFromTheStart(t *testing.T) {
	w := newWorld(t, Options{})
	w.c.AddFramework(Framework{ID: "f1", Roles: []string{"a"}, Suppressed: []string{"a"}}, true, nil)
	w.agent("S0", "cpus:1")
	w.expect()
	w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"a"}})
	w.expect("f1/a S0 cpus:1")
}

func TestInactive(t *testing.T) {
	w := newWorld(t, Options{})
	w.c.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, false, nil)
	w.agent("S0", "cpus:1")
	w.expect()
	w.c.DeactivateAgent("S0")
	w.c.ActivateFramework("f1")
	w.expect()
	w.c.ActivateAgent("S0")
	o := w.expect("f1/a S0 cpus:1")[0]
	w.c.DeactivateFramework("f1")
	w.decline(o, 100) // as the master does with offers of a framework that left
	w.expect()
	w.c.ActivateFramework("f1")
	w.expect("f1/a S0 cpus:1")
}

func TestCapabilitiesChange(t *testing.T) {
	w := newWorld(t, Options{FilterGPUResources: true})
	w.framework("f1", "a")
	w.agent("S0", "cpus:1;gpus:1")
	w.expect()
	w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"a"}, Capabilities: Capabilities{GPU: true}})
	w.expect("f1/a S0 cpus:1;gpus:1")
}

// TestLeftRole: what is held in a role that the framework left stays its own
// until it comes back, and counts in that role.
func TestLeftRole(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.agent("S0", "cpus:1")
	o := w.expect("f1/a S0 cpus:1")[0]
	w.c.UpdateFramework(Framework{ID: "f1", Roles: []string{"b"}})
	w.expect()
	w.decline(o, 100) // too late for a filter: it is not in that role
	w.expect("f1/b S0 cpus:1")
	w.c.RemoveFramework("f1")
	w.check()
	if n := len(w.c.clients); n != 0 {
		t.Errorf("got %d clients after all is gone, want 0", n)
	}
}

// TestUsed: what agents and frameworks report as used is not offered, in
// whatever order they come.
func TestUsed(t *testing.T) {
	used := func(role, text string) resources.Resources { return res(text).Allocate(role) }
	w := newWorld(t, Options{})
	w.c.AddAgent(Agent{ID: "S0", Total: res("cpus:4")}, map[string]resources.Resources{
		"f1": used("a", "cpus:1").Add(used("b", "cpus:1")),
	})
	w.framework("f2", "c")
	w.expect("f2/c S0 cpus:2")
	w.c.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, true, map[string]resources.Resources{
		"S0":   used("a", "cpus:1").Add(used("b", "cpus:0.5")), // less than the agent said
		"gone": used("a", "cpus:9"),
	})
	w.expect("f1/a S0 cpus:0.5")
	w.c.Recover("f1", "S0", used("a", "cpus:1").Add(used("b", "cpus:0.5")), nil, w.now)
	w.expect("f1/a S0 cpus:1.5")
	w.c.RemoveFramework("f1")
	w.expect("f2/c S0 cpus:2")
	w.c.Allocated("f2", "S0", used("c", "cpus:1")) // beyond what there is
	w.expect()
	w.c.Recover("f2", "S0", used("c", "cpus:1"), nil, w.now)
	w.expect()
	w.c.Recover("f2", "S0", used("c", "cpus:1"), nil, w.now)
	w.expect("f2/c S0 cpus:1")
}

func TestAgentShrinksAndGrows(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.agent("S0", "cpus:4;mem:100")
	o := w.expect("f1/a S0 cpus:4;mem:100")[0]
	w.c.UpdateAgent(Agent{ID: "S0", Total: res("cpus:2;mem:200")})
	w.expect("f1/a S0 mem:100")
	w.giveBack(o, "cpus:1")
	w.expect()
	w.giveBack(o, "cpus:2")
	w.expect("f1/a S0 cpus:1")
	w.c.UpdateAgent(Agent{ID: "S0", Total: res("cpus:8;mem:200")})
	w.expect("f1/a S0 cpus:6")
}

func TestRemovedAgentIsNotOfferedAndTakesNothingBack(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.agent("S0", "cpus:1")
	o := w.allocate()[0]
	w.c.RemoveAgent("S0")
	w.giveBack(o)
	w.expect()
	w.agent("S1", "cpus:1")
	w.c.RemoveAgent("S1") // while it waits for a pass
	w.expect()
	if !w.c.capacity.IsEmpty() {
		t.Errorf("got capacity %v without agents", w.c.capacity)
	}
}

func TestBrokenBooksPanic(t *testing.T) {
	tests := []struct {
		name, want string
		do         func(w *world, o Offer)
	}{
		{"framework twice", "f1 is added twice", func(w *world, _ Offer) { w.framework("f1") }},
		{"agent twice", "S0 is added twice", func(w *world, _ Offer) { w.agent("S0", "cpus:1") }},
		{"back twice", "more than it holds", func(w *world, o Offer) { w.giveBack(o, "cpus:1"); w.giveBack(o) }},
		{"more back", "more than it holds", func(w *world, o Offer) { w.giveBack(o, "cpus:2") }},
		{"what was never held", "more than it holds", func(w *world, o Offer) { w.giveBack(o, "mem:1") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, Options{})
			w.framework("f1")
			w.agent("S0", "cpus:1.5")
			o := w.allocate()[0]
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, tt.want) {
					t.Errorf("got panic %q, want one with %q", got, tt.want)
				}
			}()
			tt.do(w, o)
		})
	}
}
