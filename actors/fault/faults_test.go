package fault_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/fault"
	"mesos/actors/libprocess"
	"mesos/actors/link"
	"mesos/actors/memnet"
	"mesos/messages/internalpb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listener notes what it hears.
type listener struct {
	mu    sync.Mutex
	heard []string
	more  chan struct{}
}

func (l *listener) Init(p *actors.Process) {
	actors.Install(p, func(_ actors.UPID, m *wrapperspb.StringValue) { l.hear(m.Value) })
	actors.Install(p, func(_ actors.UPID, m *internalpb.FrameworkErrorMessage) { l.hear(m.GetMessage()) })
}

func (l *listener) hear(word string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, word)
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// until waits for the words, in any order if sorted.
func (l *listener) until(t *testing.T, want ...string) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		l.mu.Lock()
		got := slices.Clone(l.heard)
		l.mu.Unlock()
		if slices.Equal(got, want) {
			return
		}
		select {
		case <-l.more:
		case <-deadline:
			t.Fatalf("heard %q, want %q", got, want)
		}
	}
}

// pair is two programs, a speaker and a listener, with faults at the speaker.
type pair struct {
	*listener
	faults *fault.Faults
	p      *actors.Process
	to     actors.UPID
	old    bool // it speaks libprocess
}

func (p *pair) say(words ...string) {
	for _, w := range words {
		p.p.Send(p.to, p.word(w))
	}
}

// word is a message that the pair's network can carry.
func (p *pair) word(w string) proto.Message {
	if p.old {
		return &internalpb.FrameworkErrorMessage{Message: &w}
	}
	return wrapperspb.String(w)
}

// oldNames are the message's names in rules for a pair that speaks libprocess, which carries only Mesos's.
var oldNames = strings.NewReplacer("google.protobuf.StringVal?e", "mesos.internal.FrameworkErrorMessag?", "StringValue", "FrameworkErrorMessage")

// networks makes two networks that can reach each other.
var networks = map[string]func(t *testing.T) (a, b actors.Network){
	"memnet": func(*testing.T) (actors.Network, actors.Network) {
		n := memnet.NewNet()
		return n.Node("a:1"), n.Node("b:1")
	},
	"tcp": func(t *testing.T) (actors.Network, actors.Network) {
		listen := func() actors.Network {
			n, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{Link: link.Options{}})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		return listen(), listen()
	},
	"libprocess": func(*testing.T) (actors.Network, actors.Network) {
		listen := func() *libprocess.Network {
			n, err := actors.ListenTCP("127.0.0.1:0", actors.TCPOptions{HTTP: http.NotFoundHandler()})
			if err != nil {
				panic(err)
			}
			return n
		}
		a, b := listen(), listen()
		a.Remember(b.Addr())
		b.Remember(a.Addr())
		return a, b
	},
}

func newPair(t *testing.T, network string, o fault.Options) *pair {
	t.Helper()
	na, nb := networks[network](t)
	p, _ := newPairOn(t, na, nb, o)
	p.old = network == "libprocess"
	return p
}

func newPairOn(t *testing.T, na, nb actors.Network, o fault.Options) (p *pair, b *actors.System) {
	t.Helper()
	a, b := actors.NewSystem(na), actors.NewSystem(nb)
	t.Cleanup(a.Shutdown)
	t.Cleanup(b.Shutdown)
	l := &listener{more: make(chan struct{}, 1)}
	to, err := b.SpawnReady("ear", l)
	if err != nil {
		t.Fatal(err)
	}
	from, err := a.SpawnReady("mouth", actors.ActorFunc(func(*actors.Process) {}))
	if err != nil {
		t.Fatal(err)
	}
	f := fault.New(o)
	a.SetFilter(f.Filter)
	if s, ok := na.(fault.Sessions); ok {
		f.SetSessions(s)
	}
	return &pair{listener: l, faults: f, p: from, to: to.Self()}, b
}

func (p *pair) add(t *testing.T, text string) []int {
	t.Helper()
	if p.old {
		text = oldNames.Replace(text)
	}
	rules, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := p.faults.Add(rules...)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// A case says 1 to 4 and then does the rest; "end" is what it says last.
func TestActions(t *testing.T) {
	cases := []struct {
		name, rules string
		then        func(p *pair)
		want        []string
	}{
		{"nothing", "", nil, []string{"1", "2", "3", "4"}},
		{"drop two after the first", "drop message=StringValue skip=1 count=2", nil, []string{"1", "4"}},
		{"another message", "drop message=Int32Value", nil, []string{"1", "2", "3", "4"}},
		{"another receiver", "drop to=nose@*", nil, []string{"1", "2", "3", "4"}},
		{"by receiver", "drop to=ear@* count=3", nil, []string{"4"}},
		{"by full name and sender", "drop from=mouth@* message=google.protobuf.StringVal?e count=1", nil, []string{"2", "3", "4"}},
		{"incoming only", "drop direction=in", nil, []string{"1", "2", "3", "4"}},
		{"duplicate", "duplicate count=1", nil, []string{"1", "1", "2", "3", "4"}},
		{"hold and release in reverse", "hold skip=1 count=2", func(p *pair) { p.faults.Release(1, true) }, []string{"1", "4", "3", "2"}},
		{"a held message goes on with its rule", "hold count=1", func(p *pair) { p.faults.Clear() }, []string{"2", "3", "4", "1"}},
		{"partition", "partition a=* count=2", nil, []string{"1", "2", "3", "4"}}, // both are in a
		{"the first rule decides", "drop count=1\nduplicate count=1", nil, []string{"2", "2", "3", "4"}},
		{"by chance, with this seed", "drop probability=0.5", nil, []string{"2", "3", "4"}},
	}
	for network := range networks {
		for _, c := range cases {
			t.Run(network+"/"+c.name, func(t *testing.T) {
				p := newPair(t, network, fault.Options{Random: rand.NewPCG(3, 4)})
				p.add(t, c.rules)
				p.say("1", "2", "3", "4")
				if c.then != nil {
					c.then(p)
				}
				p.faults.Clear()
				p.say("end")
				p.until(t, append(c.want, "end")...)
			})
		}
	}
}

func TestPartition(t *testing.T) {
	p := newPair(t, "memnet", fault.Options{})
	p.add(t, "partition a=a:1 b=b:*")
	p.say("lost")
	p.faults.Clear()
	p.add(t, "partition a=b:1 oneway")
	p.say("passes")
	p.until(t, "passes")
}

func TestDelay(t *testing.T) {
	later := make(chan func(), 1)
	p := newPair(t, "memnet", fault.Options{After: func(d time.Duration, f func()) {
		if d < 2*time.Second || d >= 3*time.Second {
			t.Errorf("delayed by %v, want 2 to 3 s", d)
		}
		later <- f
	}})
	p.add(t, "delay 2s jitter=1s count=1")
	p.say("1", "2")
	p.until(t, "2")
	(<-later)()
	p.until(t, "2", "1")
}

func TestCorrupt(t *testing.T) {
	p := newPair(t, "memnet", fault.Options{Random: rand.NewPCG(1, 1)})
	p.add(t, "corrupt")
	for range 100 {
		p.say("words")
	}
	p.faults.Clear()
	p.say("end")
	deadline := time.After(time.Minute)
	for p.len() == 0 || p.last() != "end" {
		select {
		case <-p.more:
		case <-deadline:
			t.Fatal("the last message did not come")
		}
	}
	changed := 0
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range p.heard[:len(p.heard)-1] {
		if w != "words" {
			changed++
		}
	}
	lost := 0
	for _, e := range p.faults.Timeline() {
		if e.Did == "corrupted beyond reading by 1" {
			lost++
		}
	}
	if changed == 0 || lost == 0 || lost+len(p.heard)-1 != 100 {
		t.Errorf("of 100 corrupted messages %d came changed, %d in all, and %d were lost: want some of each", changed, len(p.heard)-1, lost)
	}
}

func (l *listener) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.heard)
}

func (l *listener) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.heard[len(l.heard)-1]
}

func TestCrash(t *testing.T) {
	crashed := make(chan string, 1)
	p := newPair(t, "memnet", fault.Options{Harness: true, Crash: func(addr string, how fault.CrashHow) {
		if !how.Wipe {
			t.Error("the disk stays, want it wiped")
		}
		crashed <- addr
	}})
	p.add(t, "crash message=StringValue wipe count=1")
	p.say("never")
	if got := <-crashed; got != "a:1" {
		t.Errorf("%s crashed, want a:1", got)
	}
	without := fault.New(fault.Options{})
	if _, err := without.Add(fault.Rule{Action: fault.Crash}); err == nil {
		t.Error("a crash is accepted where nothing can crash, want an error")
	}
}

func TestExpect(t *testing.T) {
	p := newPair(t, "memnet", fault.Options{})
	x := fault.Expect(p.faults, func(_, to actors.UPID, m *wrapperspb.StringValue) bool { return to == p.to && m.Value == "b" })
	stop := fault.DropNext(p.faults, 2, func(_, _ actors.UPID, m *wrapperspb.StringValue) bool { return m.Value != "a" })
	p.say("a")
	if x.Met() {
		t.Error("the expectation is met by another message")
	}
	p.say("b", "c", "d")
	m, from, _, err := x.Await(t.Context())
	if err != nil || m.Value != "b" || from != p.p.Self() {
		t.Errorf("got %v from %v, %v: want b from %v", m, from, err, p.p.Self())
	}
	stop()
	p.until(t, "a", "d")
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := fault.Expect[*wrapperspb.Int32Value](p.faults, nil).Await(over); err == nil {
		t.Error("a message that never came was awaited, want an error")
	}
}

func TestRules(t *testing.T) {
	var told []string
	f := fault.New(fault.Options{Changed: func(rules []string) { told = rules }})
	if _, err := f.Add(fault.Rule{}, fault.Rule{Action: fault.Delay}); err == nil || len(f.Rules()) != 0 {
		t.Errorf("got %v and %d rules, want an error and none: one of two was wrong", err, len(f.Rules()))
	}
	ids, err := f.Add(fault.Rule{Message: "Int32Value"}, fault.Rule{Action: fault.Hold})
	if err != nil || !slices.Equal(ids, []int{1, 2}) || !slices.Equal(told, []string{"drop message=Int32Value", "hold"}) {
		t.Errorf("got ids %v, %v, told %q", ids, err, told)
	}
	if f.Remove(7) || !f.Remove(1) || f.Release(1, false) != -1 || f.Release(2, false) != 0 {
		t.Error("rules are not found by their ids")
	}
	if got := f.Rules(); len(got) != 1 || got[0].ID != 2 {
		t.Errorf("got %v, want rule 2", got)
	}
}

func TestRulesAboutNoMessage(t *testing.T) {
	f := fault.New(fault.Options{})
	for _, pattern := range []string{"", "*", "StatusUpdateMessage", "mesos.internal.StatusUpdateMessage", "mesos.internal.*", "Call.ACCEPT", "Call.A?CEPT", "Event.*"} {
		if _, err := f.Add(fault.Rule{Message: pattern}); err != nil {
			t.Errorf("message %q: got %v, want a rule", pattern, err)
		}
	}
	before := len(f.Rules())
	for _, pattern := range []string{"StatusUpdates", "statusupdatemessage", "Call.ACEPT", "Call.", "mesos.Call", "*.ACCEPTS"} {
		if _, err := f.Add(fault.Rule{}, fault.Rule{Message: pattern}); err == nil || !strings.Contains(err.Error(), "no message is called") || len(f.Rules()) != before {
			t.Errorf("message %q: got %v and %d rules, want an error and %d", pattern, err, len(f.Rules()), before)
		}
	}
}
