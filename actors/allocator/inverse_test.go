package allocator

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func (w *world) expectInverse(when string, want ...string) {
	w.t.Helper()
	var got []string
	for _, o := range w.c.InverseOffers(w.now) {
		got = append(got, fmt.Sprint(o.FrameworkID, " ", o.AgentID))
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: got inverse offers %q, want %q", when, got, want)
	}
}

// TestInverseOffers follows the maintenance of two agents.
func TestInverseOffers(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.agent("S0", "cpus:2")
	w.agent("S1", "cpus:2")
	w.allocate()
	w.expectInverse("before all")
	window := &Unavailability{Start: start.Add(time.Hour), Duration: time.Hour}
	w.c.SetUnavailability("S1", window)
	w.c.SetUnavailability("S0", window)
	w.c.SetUnavailability("S9", window)
	w.expectInverse("planned", "f1 S0", "f1 S1")
	w.expectInverse("while they are out")
	w.c.UpdateInverseOffer("S0", "f1", Accepted, &Refuse{Seconds: 10}, w.now)
	w.c.UpdateInverseOffer("S1", "f1", Declined, &Refuse{Seconds: 20}, w.now)
	w.expectInverse("answered")
	if at, ok := w.c.NextDeadline(); !ok || at.Sub(start) != 10*time.Second {
		t.Errorf("got the next deadline %v, %v, want in 10 s", at, ok)
	}
	got := fmt.Sprint(w.c.InverseStatuses("S0")[0].Answer, " ", w.c.InverseStatuses("S1")[0].Answer)
	if got != "accepted declined" {
		t.Errorf("got statuses %s, want accepted and declined", got)
	}
	w.sleep(10 * time.Second)
	w.expectInverse("after ten seconds", "f1 S0")
	w.c.SetUnavailability("S0", window) // nothing new
	w.expectInverse("planned as before")
	w.c.SetUnavailability("S0", &Unavailability{Start: start.Add(2 * time.Hour)})
	w.expectInverse("planned anew", "f1 S0")
	w.c.UpdateInverseOffer("S0", "f1", Unanswered, nil, w.now)
	w.expectInverse("rescinded", "f1 S0")
	w.c.SetUnavailability("S0", nil)
	w.c.SetUnavailability("S1", nil)
	w.sleep(time.Hour)
	w.expectInverse("nothing planned")
	if len(w.c.InverseStatuses("S0")) > 0 {
		t.Error("the status outlived the plan")
	}
}

// TestInverseOffersFollowHolders: who comes to hold something of the agent is
// asked then, and who is not there is asked when it comes back.
func TestInverseOffersFollowHolders(t *testing.T) {
	w := newWorld(t, Options{})
	w.agent("S0", "cpus:2")
	w.c.SetUnavailability("S0", &Unavailability{Start: start})
	w.expectInverse("nobody holds anything")
	w.framework("f1", "a")
	o := w.allocate()[0]
	w.expectInverse("offered", "f1 S0")
	w.c.DeactivateFramework("f1")
	w.giveBack(o, "cpus:1")
	w.framework("f2", "a")
	w.expect("f2/a S0 cpus:1")
	w.expectInverse("offered to another", "f2 S0")
	w.c.UpdateInverseOffer("S0", "f1", Unanswered, nil, w.now)
	w.expectInverse("f1 is not connected")
	w.c.ActivateFramework("f1")
	w.expectInverse("f1 is back", "f1 S0")
	w.c.RemoveFramework("f2")
	w.c.RemoveAgent("S0")
	w.agent("S0", "cpus:1")
	w.allocate()
	w.expectInverse("the agent came anew")
}
