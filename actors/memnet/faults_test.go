package memnet_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/memnet"
)

// line is a note of what came, when, and to whom.
type line struct {
	at         time.Duration
	name, text string
}

// diary is a Receiver that takes notes.
type diary struct {
	name  string
	world *world
}

func (d *diary) note(format string, args ...any) {
	d.world.mu.Lock()
	defer d.world.mu.Unlock()
	d.world.lines = append(d.world.lines, line{time.Since(d.world.start), d.name, fmt.Sprintf(format, args...)})
}

func (d *diary) Deliver(from link.UPID, _ string, m proto.Message) {
	d.note("%s from %s", m.(*wrapperspb.StringValue).Value, from.Addr)
}

func (d *diary) Exited(addr string) { d.note("exited %s", addr) }

// world is a Net with one diary for all nodes, in a synctest bubble.
type world struct {
	*memnet.Net
	start time.Time
	mu    sync.Mutex
	lines []line
	nodes map[string]*memnet.Node
}

// diary prints the notes. What came to two nodes at the same time has no order.
func (w *world) diary() string {
	slices.SortStableFunc(w.lines, func(x, y line) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.name, y.name))
	})
	var b strings.Builder
	for _, l := range w.lines {
		fmt.Fprintf(&b, "%v %s: %s\n", l.at, l.name, l.text)
	}
	return b.String()
}

func (w *world) node(addr string) *memnet.Node {
	n := w.Node(addr)
	n.Start(&diary{name: addr, world: w})
	w.nodes[addr] = n
	return n
}

func (w *world) say(from, to, text string) {
	w.nodes[from].Send(link.UPID{ID: "x", Addr: from}, link.UPID{ID: "y", Addr: to}, wrapperspb.String(text))
	synctest.Wait()
}

func (w *world) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Each case is a story; want is the diary.
func TestFaults(t *testing.T) {
	ms := time.Millisecond
	cases := []struct {
		name string
		play func(w *world)
		want string
	}{
		{"latency keeps order", func(w *world) {
			waits := []time.Duration{30 * ms, 10 * ms, 20 * ms}
			w.SetLatency(func(string, string) time.Duration {
				d := waits[0]
				waits = append(waits[1:], d)
				return d
			})
			for _, text := range []string{"1", "2", "3"} {
				w.say("a", "b", text)
			}
			w.sleep(time.Second)
		}, `
			30ms b: 1 from a
			30ms b: 2 from a
			30ms b: 3 from a`},

		{"a short cut delays", func(w *world) {
			w.say("a", "b", "before")
			heal := w.Partition([]string{"a"}, []string{"b"})
			w.say("a", "b", "during")
			w.say("b", "a", "back")
			w.sleep(4 * time.Second)
			heal()
			heal()
			synctest.Wait()
			w.say("a", "b", "after")
			w.sleep(10 * time.Second)
		}, `
			0s b: before from a
			4s a: back from b
			4s b: during from a
			4s b: after from a`},

		{"a long cut ends the session on both sides, once", func(w *world) {
			w.say("a", "b", "before")
			heal := w.Partition([]string{"b"}, nil)
			w.say("a", "b", "lost")
			w.sleep(6 * time.Second)
			w.say("c", "a", "others talk")
			w.sleep(6 * time.Second)
			heal()
			w.say("a", "b", "after")
			w.sleep(10 * time.Second)
		}, `
			0s b: before from a
			5s a: exited b
			5s b: exited a
			6s a: others talk from c
			12s b: after from a`},

		{"a session breaks at once, with what is under way", func(w *world) {
			w.SetLatency(func(string, string) time.Duration { return 100 * ms })
			w.say("a", "b", "before")
			w.sleep(time.Second)
			w.say("a", "b", "lost")
			w.Break("b", "a")
			w.Break("b", "a")
			w.sleep(time.Second)
			w.say("a", "b", "after")
			w.sleep(time.Second)
		}, `
			100ms b: before from a
			1.1s a: exited b
			1.1s b: exited a
			2.1s b: after from a`},

		{"a cut of one way ends the session on both sides", func(w *world) {
			w.say("a", "b", "before")
			w.PartitionOneWay([]string{"a"}, []string{"b"})
			w.say("a", "b", "lost")
			w.say("b", "a", "gets through")
			w.sleep(time.Minute)
		}, `
			0s a: gets through from b
			0s b: before from a
			5s a: exited b
			5s b: exited a`},

		{"dialing over a cut times out", func(w *world) {
			heal := w.Partition([]string{"a"}, []string{"b"})
			w.say("a", "b", "lost")
			w.nodes["a"].Connect("b")
			w.sleep(7 * time.Second)
			w.say("a", "b", "arrives")
			w.sleep(time.Second)
			heal()
			w.sleep(time.Minute)
		}, `
			5s a: exited b
			8s b: arrives from a`},

		{"refused, with backoff", func(w *world) {
			for range 3 {
				w.nodes["a"].Connect("nobody")
				w.sleep(time.Second)
			}
			w.nodes["a"].Connect("nobody")
			w.nodes["a"].Connect("nobody")
			w.sleep(time.Second)
			for range 4 {
				w.nodes["a"].Connect("nobody")
				synctest.Wait()
			}
		}, `
			0s a: exited nobody
			1s a: exited nobody
			2s a: exited nobody
			3s a: exited nobody
			3.4s a: exited nobody`},

		{"who dials does not wait for the other's backoff", func(w *world) {
			w.nodes["a"].Connect("late")
			w.say("a", "late", "waits")
			w.node("late")
			w.say("late", "a", "hello")
			w.say("a", "late", "hello")
			w.sleep(time.Minute)
		}, `
			0s a: exited late
			0s a: hello from late
			0s late: waits from a
			0s late: hello from a`},

		{"crash loses what is under way", func(w *world) {
			w.say("a", "b", "before")
			w.SetLatency(func(string, string) time.Duration { return 100 * ms })
			w.say("a", "b", "lost")
			w.say("b", "a", "lost")
			w.Crash("b")
			w.say("b", "a", "from the dead")
			w.sleep(200 * ms)
			w.node("b")
			w.say("a", "b", "to the new one")
			w.sleep(time.Minute)
		}, `
			0s b: before from a
			100ms a: exited b
			300ms b: to the new one from a`},

		{"restart: exited comes before the new one's words", func(w *world) {
			w.SetLatency(func(string, string) time.Duration { return 100 * ms })
			w.say("a", "b", "before")
			w.sleep(time.Second)
			w.node("b")
			w.say("b", "a", "new")
			w.say("a", "b", "for the new one")
			w.sleep(time.Minute)
		}, `
			100ms b: before from a
			1.1s a: exited b
			1.1s a: new from b
			1.1s b: for the new one from a`},

		{"crash behind a cut is found out late, or when it heals", func(w *world) {
			w.say("a", "b", "before")
			w.say("c", "b", "before")
			w.Partition([]string{"a"}, []string{"b"})
			heal := w.Partition([]string{"c"}, []string{"b"})
			w.sleep(time.Second)
			w.Crash("b")
			w.sleep(time.Second)
			heal()
			w.sleep(time.Minute)
		}, `
			0s b: before from a
			0s b: before from c
			2s c: exited b
			6s a: exited b`},

		{"close: all arrives, then exited", func(w *world) {
			w.SetLatency(func(string, string) time.Duration { return 100 * ms })
			w.say("a", "b", "1")
			w.say("a", "b", "2")
			_ = w.nodes["a"].Close()
			w.sleep(time.Minute)
		}, `
			100ms b: 1 from a
			100ms b: 2 from a
			100ms b: exited a`},

		{"close, then a cut: exited all the same", func(w *world) {
			w.SetLatency(func(string, string) time.Duration { return 100 * ms })
			w.say("a", "b", "lost")
			_ = w.nodes["a"].Close()
			w.Partition([]string{"a"}, []string{"b"})
			w.sleep(time.Minute)
		}, `
			5s b: exited a`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{Net: memnet.NewNet(), start: time.Now(), nodes: map[string]*memnet.Node{}}
				for _, name := range []string{"a", "b", "c"} {
					w.node(name)
				}
				c.play(w)
				want := strings.ReplaceAll(strings.TrimSpace(c.want), "\t", "") + "\n"
				if got := w.diary(); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}
