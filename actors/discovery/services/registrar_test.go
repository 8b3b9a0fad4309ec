package services

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mesos/actors/discovery"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry/catalog"
)

var quiet = slog.New(slog.DiscardHandler)

// fact is that task n runs on agent a, with its one port, healthy or not.
func fact(n, a int, healthy bool) discovery.Fact {
	r := running(func(t *v1.Task) {
		t.TaskId, t.AgentId = ids.Task(fmt.Sprint("t", n)), ids.Agent(fmt.Sprint("S", a))
		t.Discovery = &v1.DiscoveryInfo{Ports: &v1.Ports{Ports: []*v1.Port{port(uint32(8000+n), "", nil)}}}
		t.Statuses = status(&healthy)
	})
	r.Agent = discovery.Agent{ID: fmt.Sprint("S", a), Addrs: []netip.Addr{netip.AddrFrom4([4]byte{10, 0, 0, byte(a)})}}
	return discovery.Fact{Task: r}
}

func owner(n int) string { return fmt.Sprint("task ", n) }

// wants is what a catalog is to hold for facts.
func wants(facts map[string]discovery.Fact) map[catalog.Key]catalog.Entry {
	out := map[catalog.Key]catalog.Entry{}
	for _, f := range facts {
		if f.Task != nil {
			for _, e := range Entries(f.Task) {
				out[e.Key()] = e
			}
		}
	}
	return out
}

func same(a, b map[catalog.Key]catalog.Entry) bool { return maps.EqualFunc(a, b, catalog.Entry.Equal) }

// start lets registrars of a Memory work until the test ends; each has what is wanted to itself.
func start(t *testing.T, m *catalog.Memory, n int) []*Wanted {
	all, _ := startSome(t, m, n)
	return all
}

// startSome gives also what ends them.
func startSome(t *testing.T, m *catalog.Memory, n int) ([]*Wanted, func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var all []*Wanted
	var work sync.WaitGroup
	for range n {
		w := NewWanted()
		all = append(all, w)
		r := NewRegistrar(Options{Wanted: w, Contend: m.Contend, Log: quiet})
		work.Go(func() { r.Run(ctx) })
	}
	stop := func() {
		cancel()
		work.Wait()
	}
	t.Cleanup(stop)
	return all, stop
}

// TestOnlyChangesAreWritten counts writes: as many as there are changes, none for what is as before.
func TestOnlyChangesAreWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := catalog.Entry{Node: Node("S1"), ID: "somebody's", Service: "db"}
		m := catalog.NewMemory(theirs)
		w := start(t, m, 1)[0]
		facts := map[string]discovery.Fact{"leader": {Leader: netip.MustParseAddrPort("10.0.0.9:5050")}}
		for n := range 10 {
			facts[owner(n)] = fact(n, n%2, true)
		}
		step := func(what string, want int, do func()) {
			t.Helper()
			_, before := m.Entries()
			do()
			synctest.Wait()
			got, after := m.Entries()
			if after-before != want || !same(got, wants(facts)) {
				t.Fatalf("%s: %d writes, %d entries, want %d and %d", what, after-before, len(got), want, len(wants(facts)))
			}
		}
		step("all", 10, func() { w.Reset(facts) })
		step("the same once more", 0, func() { w.Reset(facts) })
		step("one is unhealthy", 1, func() { facts[owner(3)] = fact(3, 1, false); w.Set(owner(3), facts[owner(3)]) })
		step("one is told again", 0, func() { w.Set(owner(3), facts[owner(3)]) })
		step("one ends", 1, func() { delete(facts, owner(4)); w.Set(owner(4), discovery.Fact{}) })
		step("a look at everything", 0, func() { time.Sleep(lookAgain + time.Second) })
		step("none is left", 9, func() {
			for n := range 10 {
				delete(facts, owner(n))
				w.Set(owner(n), discovery.Fact{})
			}
		})
	})
}

// TestNothingIsRemovedBeforeItIsKnown: neither before a master has told anything, nor on agents that it waits for.
func TestNothingIsRemovedBeforeItIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := catalog.NewMemory()
		facts := map[string]discovery.Fact{owner(1): fact(1, 1, true), owner(2): fact(2, 2, true)}
		holds := func(when string, want map[catalog.Key]catalog.Entry) {
			t.Helper()
			synctest.Wait()
			if got, _ := m.Entries(); !same(got, want) {
				t.Fatalf("%s: got %v, want %v", when, got, want)
			}
		}
		old, stop := startSome(t, m, 1)
		old[0].Reset(facts)
		holds("at first", wants(facts))
		stop()

		fresh := start(t, m, 1)[0]
		time.Sleep(time.Minute)
		holds("the next one knows nothing", wants(facts))
		fresh.Reset(map[string]discovery.Fact{"awaited S1": {Awaited: "S1"}, "awaited S2": {Awaited: "S2"}})
		holds("a new master waits for both agents", wants(facts))
		fresh.Set(owner(1), facts[owner(1)])
		fresh.Set("awaited S1", discovery.Fact{})
		holds("one is back", wants(facts))
		fresh.Set("awaited S2", discovery.Fact{})
		delete(facts, owner(2))
		holds("the other is back without its task", wants(facts))
	})
}

// TestRefused has a catalog refuse each write with one entry in it; the others are written, and it is when it has become another.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := catalog.NewMemory()
		m.Refuse = func(e catalog.Entry) bool { return e.Port == 8002 && !e.Healthy }
		w := start(t, m, 1)[0]
		facts := map[string]discovery.Fact{}
		for n := range 5 {
			facts[owner(n)] = fact(n, 0, n != 2)
		}
		w.Reset(facts)
		synctest.Wait()
		if got, _ := m.Entries(); len(got) != 4 {
			t.Fatalf("got %v, want all but one", got)
		}
		facts[owner(2)] = fact(2, 0, true)
		w.Set(owner(2), facts[owner(2)])
		synctest.Wait()
		if got, _ := m.Entries(); !same(got, wants(facts)) {
			t.Fatalf("got %v, want %v", got, wants(facts))
		}
	})
}

// TestFaults lets every step of the catalog fail at random, and sessions end, while tasks come and go; what the catalog holds in the end is
// what is wanted, however often that was. Entries of others stay; that a node is removed with something on it, the model refuses.
func TestFaults(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { faults(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func faults(t *testing.T, rng *rand.Rand) {
	var mu sync.Mutex
	broken := true
	m := catalog.NewMemory(catalog.Entry{Node: Node("S0"), ID: "somebody's"})
	m.Fail = func(step string) error {
		mu.Lock()
		defer mu.Unlock()
		if broken && rng.IntN(3) == 0 {
			return errors.New("injected: " + step)
		}
		return nil
	}
	random := func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return rng.IntN(n)
	}
	all, facts := start(t, m, 1+random(3)), map[string]discovery.Fact{}
	for range 100 {
		n := random(12)
		switch what := random(10); {
		case what == 0:
			for _, w := range all {
				w.Reset(maps.Clone(facts))
			}
		case what < 4:
			delete(facts, owner(n))
		case what == 4:
			m.Expire()
		default:
			facts[owner(n)] = fact(n, random(3), random(2) == 0)
		}
		for _, w := range all {
			w.Set(owner(n), facts[owner(n)])
		}
		time.Sleep(time.Duration(random(3000)) * time.Millisecond)
	}
	mu.Lock()
	broken = false
	mu.Unlock()
	for _, w := range all {
		w.Reset(maps.Clone(facts))
	}
	time.Sleep(2 * retryMost)
	synctest.Wait()
	if got, _ := m.Entries(); !same(got, wants(facts)) {
		t.Fatalf("got %v, want %v", got, wants(facts))
	}
}
