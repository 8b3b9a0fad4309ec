package actors_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
	"mesos/actors/memnet"
)

func TestLinks(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s := system(t, n, "a:1")
		actors.NewSystem(n.Node("b:1"))
		var log logbook
		b := actors.UPID{ID: "whoever", Addr: "b:1"}
		one := spawn(t, s, "one", log.listener)
		two := spawn(t, s, "two", log.listener)
		gone := spawn(t, s, "gone", log.listener)
		spawn(t, s, "unlinked", log.listener)
		for _, p := range []*actors.Process{one, one, two, gone} {
			p.Link(b)
			p.Link(actors.UPID{ID: "other actor there", Addr: "b:1"})
			p.Link(one.Self())
		}
		gone.Stop()
		<-gone.Done()
		want := func(what string, want ...string) {
			t.Helper()
			synctest.Wait()
			got := log.take()
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		want("linked")
		n.Crash("b:1")
		want("crash", "one: exited b:1", "two: exited b:1")
		actors.NewSystem(n.Node("b:1"))
		one.Send(b, text("a session without link"))
		n.Crash("b:1")
		want("not linked any more")
		one.Link(b)
		want("linked to nobody", "one: exited b:1")
	})
}

// A message sent before the peer's end was seen, and Exited, come in this order.
func TestExitedAfterMessages(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s, b := system(t, n, "a:1"), system(t, n, "b:1")
		var log logbook
		p := spawn(t, s, "p", func(p *actors.Process) {
			log.listener(p)
			p.Link(actors.UPID{ID: "x", Addr: "b:1"})
		})
		synctest.Wait()
		x := spawn(t, b, "x", func(x *actors.Process) {
			x.OnStop(func() { x.Send(p.Self(), text("last words")) })
		})
		x.Send(p.Self(), text("words"))
		b.Shutdown()
		synctest.Wait()
		want := []string{"words from x", "last words from x", "p: exited b:1"}
		if got := log.take(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestFilter(t *testing.T) {
	cases := []struct {
		name   string
		filter actors.Filter
		want   []string
	}{
		{"none", nil, []string{"1 from x", "2 from x"}},
		{"drop", func(actors.Envelope, func(actors.Envelope)) {}, nil},
		{"twice", func(e actors.Envelope, p func(actors.Envelope)) { p(e); p(e) },
			[]string{"1 from x", "1 from x", "2 from x", "2 from x"}},
		{"delay the first", func(e actors.Envelope, p func(actors.Envelope)) {
			if e.Message.(*wrapperspb.StringValue).Value == "1" {
				time.AfterFunc(time.Second, func() { p(e) })
				return
			}
			p(e)
		}, []string{"2 from x", "1 from x"}},
		{"change", func(e actors.Envelope, p func(actors.Envelope)) {
			e.Message.(*wrapperspb.StringValue).Value += "!"
			p(e)
		}, []string{"1! from x", "2! from x"}},
	}
	for _, c := range cases {
		for _, place := range []string{"outgoing", "incoming", "local"} {
			t.Run(c.name+"/"+place, func(t *testing.T) {
				inBubble(t, func(t *testing.T, n *memnet.Net) {
					a, b := system(t, n, "a:1"), system(t, n, "b:1")
					at := map[string]*actors.System{"outgoing": a, "incoming": b, "local": b}[place]
					from := map[string]*actors.System{"outgoing": a, "incoming": a, "local": b}[place]
					var log logbook
					p := spawn(t, b, "p", log.listener)
					if c.filter != nil {
						at.SetFilter(func(e actors.Envelope, pass func(actors.Envelope)) {
							if e.Incoming != (place == "incoming") || e.To != p.Self() || e.From.Addr != from.Addr() {
								t.Errorf("got envelope %+v", e)
							}
							c.filter(e, pass)
						})
					}
					x := spawn(t, from, "x", func(*actors.Process) {})
					messages := []proto.Message{text("1"), text("2")}
					for _, m := range messages {
						x.Send(p.Self(), m)
						synctest.Wait()
					}
					sleep(time.Minute)
					if got := log.take(); !slices.Equal(got, c.want) {
						t.Errorf("got %q, want %q", got, c.want)
					}
					if !proto.Equal(messages[0], text("1")) {
						t.Errorf("got the sender's message changed to %v", messages[0])
					}
					at.SetFilter(nil)
					x.Send(p.Self(), text("free"))
					synctest.Wait()
					if got, want := log.take(), []string{"free from x"}; !slices.Equal(got, want) {
						t.Errorf("after the filter: got %q, want %q", got, want)
					}
				})
			})
		}
	}
}

// panicChild, in the environment, makes the test binary a program whose actor panics.
const panicChild = "ACTORS_TEST_PANIC"

func panickingProgram() {
	s := actors.NewSystem(memnet.NewNet().Node("a:1"))
	p, err := s.Spawn("faulty", actors.ActorFunc(func(p *actors.Process) {
		actors.Install(p, func(actors.UPID, *wrapperspb.StringValue) { panic("this is the fault") })
	}))
	if err != nil {
		return
	}
	s.Send(actors.UPID{}, p.Self(), text("go"))
	<-p.Done()
}

// A panic ends the program and shows where it was; no supervisor starts the actor again without its state.
func TestPanicEndsProgram(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), panicChild+"=1")
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Errorf("got a program that ended well, want one that died")
	}
	for _, want := range []string{"this is the fault", "panickingProgram"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("got output without %q:\n%s", want, out)
		}
	}
}

func TestSpawnReadyWaitsForInit(t *testing.T) {
	s := actors.NewSystem(memnet.NewNet().Node("a:1"))
	defer s.Shutdown()
	inited := false
	p, err := s.SpawnReady("x", actors.ActorFunc(func(*actors.Process) { time.Sleep(10 * time.Millisecond); inited = true }))
	if err != nil || p == nil || !inited {
		t.Fatalf("SpawnReady = %v, %v with Init run: %v, want Init run", p, err, inited)
	}
	if _, err := s.SpawnReady("x", actors.ActorFunc(func(*actors.Process) {})); !errors.Is(err, actors.ErrExists) {
		t.Errorf("SpawnReady of a taken id = %v, want ErrExists", err)
	}
}

// Whoever is told that Init has run is told so even of an actor that ended right after it.
func TestSpawnReadyOfOneThatEnds(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	s := actors.NewSystem(memnet.NewNet().Node("a:1"))
	defer s.Shutdown()
	for i := range 20000 {
		p, err := s.SpawnReady(fmt.Sprintf("x%d", i), actors.ActorFunc(func(p *actors.Process) { p.Stop() }))
		if err != nil {
			t.Fatalf("SpawnReady of actor %d = %v, want none: its Init ran", i, err)
		}
		<-p.Done()
	}
}
