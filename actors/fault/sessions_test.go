package fault_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/fault"
	"mesos/actors/memnet"
)

// linked has both ends of a pair link the other, and counts the ended sessions that each was told.
func (p *pair) linked(t *testing.T, b *actors.System) (speaker, listener *atomic.Int64) {
	t.Helper()
	watch := func(sys *actors.System, peer actors.UPID) *atomic.Int64 {
		n := &atomic.Int64{}
		_, err := sys.SpawnReady("watch", actors.ActorFunc(func(w *actors.Process) {
			w.OnExited(func(string) { n.Add(1) })
			w.Link(peer)
			w.Send(peer, p.word("linked"))
		}))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return watch(p.p.System(), p.to), watch(b, p.p.Self())
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after a minute: still waiting for %s", what)
		}
	}
}

// A hangup ends the session on both sides and takes its message with it; the next message makes another session.
func TestHangup(t *testing.T) {
	for _, network := range []string{"tcp", "libprocess"} {
		t.Run(network, func(t *testing.T) {
			na, nb := networks[network](t)
			p, b := newPairOn(t, na, nb, fault.Options{})
			p.old = network == "libprocess"
			here, there := p.linked(t, b)
			p.until(t, "linked")
			p.add(t, "hangup message=StringValue from=mouth@* skip=1")
			p.say("passes")
			p.until(t, "linked", "passes")
			eventually(t, "both ends to be told", func() bool {
				p.say("lost") // the peer's own connection may come up only now
				return here.Load() > 0 && there.Load() > 0
			})
			p.faults.Clear()
			p.say("after")
			p.until(t, "linked", "passes", "after")
		})
	}
}

// Over a partition that hangs up the sessions end by themselves, again and again, until it is taken away.
func TestPartitionHangsUp(t *testing.T) {
	na, nb := networks["tcp"](t)
	later := make(chan func(), 10)
	p, b := newPairOn(t, na, nb, fault.Options{After: func(d time.Duration, f func()) {
		if d != fault.HangupTime {
			t.Errorf("a session ends %v after the cut, want %v", d, fault.HangupTime)
		}
		later <- f
	}})
	here, there := p.linked(t, b)
	p.until(t, "linked")
	p.add(t, "partition a="+p.p.Self().Addr+" hangup")
	p.say("lost")
	(<-later)()
	eventually(t, "both ends to be told", func() bool { return here.Load() == 1 && there.Load() == 1 })
	p.p.Link(p.to)
	p.p.Send(p.to, p.word("makes a session"))
	(<-later)()
	p.faults.Clear()
	(<-later)()
	if len(later) > 0 {
		t.Error("the partition goes on after its rule was cleared")
	}
	p.say("after")
	p.until(t, "linked", "after")
}

// In a simulated network a partition is a cut of the network itself.
func TestSimulatedPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memnet.NewNet()
		p, b := newPairOn(t, n.Node("a:1"), n.Node("b:1"), fault.Options{Harness: true, Hangup: n.Break, Part: n.PartitionWhere})
		here, there := p.linked(t, b)
		p.until(t, "linked")
		p.add(t, "partition a=a:* hangup")
		p.say("lost")
		time.Sleep(memnet.PingTimeout + time.Second)
		synctest.Wait()
		if here.Load() != 1 || there.Load() != 1 {
			t.Errorf("%d and %d ended sessions were told, want one at each end", here.Load(), there.Load())
		}
		p.faults.Clear()
		p.say("after")
		p.until(t, "linked", "after")
		p.p.System().Shutdown()
		b.Shutdown()
		time.Sleep(2 * time.Second)
	})
}

// What a program cannot do is refused, with what to do instead.
func TestRulesThatCannotBe(t *testing.T) {
	f := fault.New(fault.Options{Crash: func(string, fault.CrashHow) {}})
	for rule, want := range map[string]string{
		"crash wipe":                      "cannot lose its disk",
		"crash restart=5s":                "nothing in this program can start it again",
		"crash of=sender direction=in":    "can end only itself",
		"crash of=receiver direction=out": "can end only itself",
		"crash of=receiver after":         "",
		"hangup":                          "",
	} {
		rules, err := fault.Parse(rule)
		if err == nil {
			_, err = f.Add(rules...)
		}
		if got := err; (want == "") != (got == nil) || got != nil && !strings.Contains(got.Error(), want) {
			t.Errorf("%s: got %v, want %q", rule, got, want)
		}
	}
}

// Of two programs the one that is meant ends, wherever the message is seen, and with after the message goes on.
func TestCrashOf(t *testing.T) {
	for _, tt := range []struct {
		rule     string
		incoming bool
		want     string
		passes   bool
	}{
		{"crash", false, "s:1", false},
		{"crash", true, "", true},
		{"crash of=sender", false, "s:1", false},
		{"crash of=receiver", false, "r:1", false},
		{"crash of=receiver direction=in", true, "r:1", false},
		{"crash of=sender after", false, "", true},
		{"crash of=sender after", true, "s:1", true},
		{"crash of=receiver after", true, "r:1", true},
	} {
		var crashed []string
		passed := false
		f := fault.New(fault.Options{EveryEnd: true, Harness: true, After: func(_ time.Duration, f func()) { f() },
			Crash: func(addr string, _ fault.CrashHow) { crashed = append(crashed, addr) }})
		rules, err := fault.Parse(tt.rule)
		if err == nil {
			_, err = f.Add(rules...)
		}
		if err != nil {
			t.Fatal(err)
		}
		e := actors.Envelope{From: actors.UPID{ID: "x", Addr: "s:1"}, To: actors.UPID{ID: "y", Addr: "r:1"}, Message: wrapperspb.String("m"), Incoming: tt.incoming}
		f.Filter(e, func(actors.Envelope) { passed = true })
		want := slices.DeleteFunc([]string{tt.want}, func(s string) bool { return s == "" })
		if !slices.Equal(crashed, want) || passed != tt.passes {
			t.Errorf("%s, incoming %v: crashed %v and passed %v, want %v and %v", tt.rule, tt.incoming, crashed, passed, want, tt.passes)
		}
	}
}

// A delay in order holds back what follows on the same way, and nothing else.
func TestDelayInOrder(t *testing.T) {
	later := make(chan func(), 1)
	p := newPair(t, "memnet", fault.Options{After: func(_ time.Duration, f func()) { later <- f }})
	p.add(t, "delay 2s inorder count=1 skip=1")
	p.say("1", "2", "3", "4")
	p.until(t, "1")
	(<-later)()
	p.until(t, "1", "2", "3", "4")
	p.say("5")
	p.until(t, "1", "2", "3", "4", "5")
}
