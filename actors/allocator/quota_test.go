package allocator

import (
	"strings"
	"testing"
	"time"

	"mesos/messages/resources"
)

func (w *world) quota(role, limits string) {
	w.t.Helper()
	l := map[string]resources.Quantity{}
	for name, q := range quantities(limits).All() {
		l[name] = q
	}
	if err := w.c.SetQuota(role, Quota{Limits: l}); err != nil {
		w.t.Fatal(err)
	}
}

func TestQuotaCutsOffers(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.quota("a", "cpus:3")
	w.agent("S0", "cpus:2;mem:64")
	w.agent("S1", "cpus:2;mem:64")
	w.agent("S2", "cpus:2;disk:5")
	offers := w.expect("f1/a S0 cpus:2;mem:64", "f1/a S1 cpus:1;mem:64")
	// Room opens on one agent and is used on another that waited.
	w.decline(offers[0], 100)
	w.expect("f1/a S1 cpus:1", "f1/a S2 cpus:1;disk:5")
	w.quota("a", "cpus:4.5")
	w.expect("f1/a S2 cpus:1") // on S0 it would be less than was refused
}

// TestQuotaFilterInTheWay states what a filter does to a cut offer.
func TestQuotaFilterInTheWay(t *testing.T) {
	w := newWorld(t, Options{})
	w.framework("f1", "a")
	w.quota("a", "cpus:2")
	w.agent("S0", "cpus:4")
	w.decline(w.expect("f1/a S0 cpus:2")[0], 100)
	w.expect()
	w.quota("a", "cpus:3")
	w.decline(w.expect("f1/a S0 cpus:3")[0], 100)
	w.quota("a", "cpus:1")
	w.expect()
	if err := w.c.SetQuota("a", Quota{}); err != nil {
		t.Fatal(err)
	}
	w.decline(w.expect("f1/a S0 cpus:4")[0], 100)
	w.sleep(100 * time.Second)
	w.expect("f1/a S0 cpus:4")
}

func TestQuotaOnTheTree(t *testing.T) {
	w := newWorld(t, Options{})
	w.quota("a", "cpus:5")
	w.framework("f1", "a/b")
	w.framework("f2", "a/c")
	w.framework("f3", "a")
	w.framework("f4", "ab")
	w.quota("a/b", "cpus:2")
	w.quota("nobody", "cpus:1")
	w.agent("S0", "cpus:10")
	// Shares: a before ab by name; in a its own frameworks come first.
	w.expect("f3/a S0 cpus:5", "f4/ab S0 cpus:5")
	w.c.RemoveFramework("f3")
	w.c.Suppress("f4", nil)
	offers := w.expect("f1/a/b S0 cpus:2", "f2/a/c S0 cpus:3")
	w.giveBack(offers[1], "cpus:1")
	w.expect("f2/a/c S0 cpus:1") // no room in a/b
}

// TestQuotaAndReservations: reserved resources are charged whether used or not,
// and so can always be offered.
func TestQuotaAndReservations(t *testing.T) {
	w := newWorld(t, Options{})
	w.quota("a", "cpus:3")
	w.quota("a/b", "cpus:2")
	w.framework("f1", "a")
	w.agent("S0", "cpus:9;cpus(a):1;cpus(a/c):1")
	w.expect("f1/a S0 cpus:1;cpus(a):1")
	w.framework("f2", "a/b")
	w.expect()
	w.agent("S1", "cpus(a):4")
	// 6 reserved and 1 more used of 3: but for a this is paid. a/b pays it.
	w.c.Suppress("f1", nil)
	o := w.expect("f2/a/b S1 cpus(a):2")[0]
	w.c.RemoveAgent("S1")
	w.giveBack(o)
	w.c.RemoveFramework("f1")
	w.expect("f2/a/b S0 cpus:1;cpus(a):1")
}

// TestQuotaLessHereIsMoreThere: what a filter held back was cut by a quota; when
// another framework takes that part, the room serves what was not refused.
func TestQuotaLessHereIsMoreThere(t *testing.T) {
	w := newWorld(t, Options{})
	w.quota("a/b", "cpus:2")
	w.framework("f1", "a/b")
	w.agent("S0", "cpus:2;cpus(a):1")
	o := w.expect("f1/a/b S0 cpus:2")[0]
	// f2 has a larger share, so f1 is asked first, and refuses.
	w.c.AddAgent(Agent{ID: "S1", Total: res("cpus:1")}, map[string]resources.Resources{"f2": res("cpus:1").Allocate("z")})
	w.framework("f2", "z")
	w.decline(o, 100)
	w.expect("f2/z S0 cpus:2", "f1/a/b S0 cpus(a):1")
}

// TestQuotaLessElsewhere is the same with the room of an upper role, used up on
// another agent.
func TestQuotaLessElsewhere(t *testing.T) {
	w := newWorld(t, Options{})
	w.quota("a", "cpus:3")
	w.quota("a/b", "cpus:2")
	w.framework("f1", "a/b")
	w.agent("S0", "cpus:2;cpus(a):1")
	w.decline(w.expect("f1/a/b S0 cpus:2")[0], 100)
	w.c.AddFramework(Framework{ID: "f3", Roles: []string{"a/x"}, Capabilities: Capabilities{RegionAware: true}}, true, nil)
	w.decline(w.expect("f3/a/x S0 cpus:2;cpus(a):1")[0], 100)
	w.expect()
	w.c.AddAgent(Agent{ID: "S1", Total: res("cpus:2"), Remote: true}, nil) // for f3 only
	w.expect("f3/a/x S1 cpus:2", "f1/a/b S0 cpus(a):1")
}

func TestQuotaZero(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.c.SetQuota("a", Quota{Limits: map[string]resources.Quantity{"cpus": 0, "mem": 0}}); err != nil {
		t.Fatal(err)
	}
	w.framework("f1", "a")
	w.agent("S0", "cpus:1;mem:100;disk:100")
	w.expect()
}

func TestQuotaError(t *testing.T) {
	w := newWorld(t, Options{})
	err := w.c.SetQuota("a", Quota{Limits: map[string]resources.Quantity{"mem": -1}})
	if err == nil || !strings.Contains(err.Error(), "mem") {
		t.Errorf("got %v, want an error that names mem", err)
	}
}

// TestQuotaVolumesStayWhole: a disk of its own fits as a whole or not at all.
func TestQuotaVolumesStayWhole(t *testing.T) {
	const cpus = `{"name":"cpus","type":"SCALAR","scalar":{"value":1}}`
	const mount = `{"name":"disk","type":"SCALAR","scalar":{"value":10},"disk":{"source":{"type":"MOUNT","mount":{"root":"/m"}}}}`
	const plain = `{"name":"disk","type":"SCALAR","scalar":{"value":10}}`
	for limit, want := range map[string]string{
		"disk:9":  "f1/a S0 [" + cpus + `,{"name":"disk","type":"SCALAR","scalar":{"value":9}}]`,
		"disk:15": "f1/a S0 [" + cpus + "," + plain + "]",
		"disk:20": "f1/a S0 [" + cpus + "," + mount + "," + plain + "]",
	} {
		w := newWorld(t, Options{})
		w.framework("f1", "a")
		w.quota("a", limit)
		w.agent("S0", "["+cpus+","+mount+","+plain+"]")
		w.expect(want)
	}
}

func TestRevocableIsNotCharged(t *testing.T) {
	const cpus = `{"name":"cpus","type":"SCALAR","scalar":{"value":2}}`
	const spare = `{"name":"cpus","type":"SCALAR","scalar":{"value":5},"revocable":{}}`
	w := newWorld(t, Options{})
	w.c.AddFramework(Framework{ID: "f1", Roles: []string{"a"}, Capabilities: Capabilities{Revocable: true}}, true, nil)
	w.quota("a", "cpus:1")
	w.agent("S0", "["+cpus+","+spare+"]")
	w.expect(`f1/a S0 [{"name":"cpus","type":"SCALAR","scalar":{"value":1}},` + spare + "]")
}
