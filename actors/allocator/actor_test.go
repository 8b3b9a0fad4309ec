package allocator

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mesos/actors"
	"mesos/actors/memnet"
	"mesos/messages/resources"
)

// actorTest runs f in a bubble with an allocator actor that is not spawned yet.
func actorTest(t *testing.T, f func(a *Actor, spawn func(), got func() []string)) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPolicy("hierarchical", PolicyOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var batches []string
		a := NewActor(NewCore(Options{}, p), func(offers []Offer) {
			var b []string
			for _, o := range offers {
				b = append(b, fmt.Sprint(o.FrameworkID, ":", o.AgentID))
			}
			mu.Lock()
			defer mu.Unlock()
			batches = append(batches, strings.Join(b, " "))
		})
		sys := actors.NewSystem(memnet.NewNet().Node("10.0.0.1:5050"))
		f(a, func() {
			if _, err := sys.Spawn("allocator", a); err != nil {
				t.Fatal(err)
			}
		}, func() []string {
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			b := batches
			batches = nil
			return b
		})
		a.Check(func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		sys.Shutdown()
	})
}

func wantBatches(t *testing.T, when string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got batches of offers %q, want %q", when, got, want)
	}
}

// TestActorCoalesces: events that wait together are answered by one pass, also
// those from before the actor runs.
func TestActorCoalesces(t *testing.T) {
	actorTest(t, func(a *Actor, spawn func(), got func() []string) {
		a.AddAgent(Agent{ID: "S0", Total: res("cpus:1")}, nil)
		a.AddAgent(Agent{ID: "S1", Total: res("cpus:1")}, nil)
		a.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, true, nil)
		a.AddFramework(Framework{ID: "f2", Roles: []string{"a"}}, true, nil)
		wantBatches(t, "before spawn", got())
		spawn()
		wantBatches(t, "at spawn", got(), "f1:S0 f2:S1")
	})
}

// TestActorWakesWhenAFilterEnds follows declined offers through virtual time.
func TestActorWakesWhenAFilterEnds(t *testing.T) {
	actorTest(t, func(a *Actor, spawn func(), got func() []string) {
		spawn()
		a.AddAgent(Agent{ID: "S0", Total: res("cpus:1")}, nil)
		a.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, true, nil)
		a.AddFramework(Framework{ID: "f2", Roles: []string{"a"}}, true, nil)
		one := res("cpus:1").Allocate("a")
		wantBatches(t, "at first", got(), "f1:S0")
		a.Recover("f1", "S0", one, &Refuse{Seconds: 10})
		wantBatches(t, "declined by f1", got(), "f2:S0")
		a.Recover("f2", "S0", one, &Refuse{Seconds: 0})
		wantBatches(t, "declined by f2", got())
		time.Sleep(time.Second - 1)
		wantBatches(t, "just before a second", got())
		time.Sleep(time.Nanosecond)
		wantBatches(t, "after a second", got(), "f2:S0")
		a.Recover("f2", "S0", one, &Refuse{Seconds: 3600})
		time.Sleep(9*time.Second - 1)
		wantBatches(t, "just before ten seconds", got())
		time.Sleep(time.Nanosecond)
		wantBatches(t, "after ten seconds", got(), "f1:S0")
		a.Recover("f1", "S0", one, &Refuse{Seconds: 3600})
		wantBatches(t, "declined by both", got())
		a.Revive("f2", nil)
		wantBatches(t, "revived", got(), "f2:S0")
	})
}

// TestActorPassesOn runs each method once and looks at what became of it.
func TestActorPassesOn(t *testing.T) {
	actorTest(t, func(a *Actor, spawn func(), got func() []string) {
		spawn()
		one := res("cpus:1").Allocate("a")
		a.AddFramework(Framework{ID: "f1", Roles: []string{"b"}}, false, nil)
		a.AddAgent(Agent{ID: "S0", Total: res("cpus:1")}, nil)
		wantBatches(t, "inactive", got())
		a.ActivateFramework("f1")
		a.UpdateFramework(Framework{ID: "f1", Roles: []string{"a"}})
		a.DeactivateAgent("S0")
		wantBatches(t, "agent inactive", got())
		a.ActivateAgent("S0")
		wantBatches(t, "all active", got(), "f1:S0")
		a.Suppress("f1", nil)
		a.Recover("f1", "S0", one, nil)
		wantBatches(t, "suppressed", got())
		a.Revive("f1", nil)
		wantBatches(t, "revived", got(), "f1:S0")
		a.UpdateAgent(Agent{ID: "S0", Total: res("cpus:2")})
		wantBatches(t, "agent grew", got(), "f1:S0")
		if err := a.SetQuota("a", Quota{Limits: map[string]resources.Quantity{"cpus": 2500}}); err != nil {
			t.Error(err)
		}
		a.AddAgent(Agent{ID: "S1", Total: res("cpus:1")}, nil)
		wantBatches(t, "within quota", got(), "f1:S1")
		a.AddAgent(Agent{ID: "S2", Total: res("cpus:1")}, nil)
		wantBatches(t, "quota used up", got())
		var x Explanation
		a.Explain("f1", "a", func(e Explanation, _ bool) { x = e })
		wantBatches(t, "explained", got())
		if n := len(x.Reasons); n != 2 || x.Reasons[0].Reason != QuotaLimit || x.Reasons[0].AgentID != "S1" {
			t.Errorf("got reasons %v, want quota limit on S1 first", x.Reasons)
		}
		a.RemoveAgent("S2")
		a.DeactivateFramework("f1")
		a.RemoveFramework("f1")
		a.AddFramework(Framework{ID: "f2", Roles: []string{"c"}}, true, nil)
		wantBatches(t, "f1 removed", got(), "f2:S0 f2:S1")
		a.Recover("f2", "S1", res("cpus:1").Allocate("c"), &Refuse{Seconds: 60})
		a.Allocated("f2", "S1", res("cpus:1").Allocate("c"))
		time.Sleep(time.Hour)
		wantBatches(t, "used after all", got())
		if err := a.SetWeight("a", 2); err != nil {
			t.Error(err)
		}
		if a.SetWeight("a", 0) == nil || a.SetQuota("a", Quota{Limits: map[string]resources.Quantity{"cpus": -1}}) == nil {
			t.Error("got no error for a weight of 0 or a negative limit")
		}
	})
}

// TestActorAsksToLeave: inverse offers come with the pass after what they are for,
// and again by themselves when the refusal ends.
func TestActorAsksToLeave(t *testing.T) {
	actorTest(t, func(a *Actor, spawn func(), got func() []string) {
		var mu sync.Mutex
		var asked []string
		a.OnInverseOffers(func(inverse []InverseOffer) {
			mu.Lock()
			defer mu.Unlock()
			for _, o := range inverse {
				asked = append(asked, o.FrameworkID+":"+o.AgentID)
			}
		})
		want := func(when string, want ...string) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(asked, want) {
				t.Errorf("%s: got inverse offers %q, want %q", when, asked, want)
			}
			asked = nil
		}
		spawn()
		a.AddAgent(Agent{ID: "S0", Total: res("cpus:1")}, nil)
		a.SetUnavailability("S0", &Unavailability{Start: time.Now().Add(time.Hour)})
		want("nobody is there")
		a.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, true, nil)
		want("f1 was offered the agent", "f1:S0")
		a.UpdateInverseOffer("S0", "f1", Declined, &Refuse{Seconds: 30})
		time.Sleep(30*time.Second - 1)
		want("before the refusal ends")
		time.Sleep(time.Nanosecond)
		want("after it", "f1:S0")
		a.InverseStatuses("S0", func(s []InverseStatus) {
			if len(s) != 1 || s[0].Answer != Declined || s[0].FrameworkID != "f1" {
				t.Errorf("got statuses %v, want f1 to have declined", s)
			}
		})
		a.ExplainAgent("S0", func(x AgentExplanation, known bool) {
			if !known || x.Unavailability == nil || len(x.Holders) != 1 {
				t.Errorf("got %+v, %v, want S0 with its unavailability and holder", x, known)
			}
		})
		a.ExplainRole("a", func(x RoleExplanation, known bool) {
			if !known || x.Hungry != 1 {
				t.Errorf("got %+v, %v, want one hungry framework", x, known)
			}
		})
		a.ExplainRequest(Request{Role: "a", Quantities: quantities("cpus:1")}, func(x RequestExplanation) {
			if x.Fits != 0 || len(x.Obstacles) != 1 || x.Obstacles[0].Why != Insufficient {
				t.Errorf("got %+v, want S0 to be insufficient", x)
			}
		})
		a.Preempt(Need{FrameworkID: "f1", Role: "a", Quantities: quantities("cpus:1")}, func(r []Revocation) {
			if len(r) > 0 {
				t.Errorf("got %v under a policy without priorities, want nothing", r)
			}
		})
		wantBatches(t, "all", got(), "f1:S0")
	})
}

// TestActorWaitsForAgents: after a failover offers begin by themselves when the
// time is over.
func TestActorWaitsForAgents(t *testing.T) {
	actorTest(t, func(a *Actor, spawn func(), got func() []string) {
		spawn()
		if err := a.SetQuota("b", Quota{Guarantees: amountsOf("mem:1")}); err != nil {
			t.Fatal(err)
		}
		a.AwaitAgents(10)
		a.AddAgent(Agent{ID: "S0", Total: res("cpus:1")}, nil)
		a.AddFramework(Framework{ID: "f1", Roles: []string{"a"}}, true, nil)
		time.Sleep(10*time.Minute - time.Second)
		wantBatches(t, "before ten minutes", got())
		time.Sleep(time.Second)
		wantBatches(t, "after ten minutes", got(), "f1:S0")
	})
}
