package actors_test

import (
	"errors"
	"fmt"
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

func TestMessages(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s, other := system(t, n, "a:1"), system(t, n, "b:1")
		var log logbook
		p := spawn(t, s, "listener", func(p *actors.Process) {
			log.add("init")
			log.listener(p)
			actors.Install(p, func(_ actors.UPID, m *wrapperspb.Int64Value) { log.add("replaced %d", m.Value) })
			actors.Install(p, func(_ actors.UPID, m *wrapperspb.Int64Value) { log.add("number %d", m.Value) })
			p.OnMessage(func(from actors.UPID, m proto.Message) {
				log.add("%s from %s", m.ProtoReflect().Descriptor().Name(), from.ID)
			})
		})
		for _, from := range []*actors.System{s, other} {
			sender := spawn(t, from, "sender", func(p *actors.Process) {
				m := wrapperspb.String("1")
				p.Send(actors.UPID{ID: "listener", Addr: "a:1"}, m)
				m.Value = "changed after it was sent"
			})
			synctest.Wait()
			sender.Send(p.Self(), text("2"))
			sender.Send(p.Self(), wrapperspb.Int64(3))
			sender.Send(p.Self(), wrapperspb.Bool(true))
			synctest.Wait()
		}
		want := []string{
			"init",
			"1 from sender", "2 from sender", "number 3", "BoolValue from sender",
			"1 from sender", "2 from sender", "number 3", "BoolValue from sender",
		}
		if got := log.take(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestDeadLetters(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s, other := system(t, n, "a:1"), system(t, n, "b:1")
		spawn(t, s, "deaf", func(*actors.Process) {})
		for _, from := range []*actors.System{s, other} {
			from.Send(actors.UPID{}, actors.UPID{ID: "nobody", Addr: "a:1"}, text("lost"))
			from.Send(actors.UPID{}, actors.UPID{ID: "deaf", Addr: "a:1"}, text("unheard"))
		}
		synctest.Wait()
		if got, want := s.Stats(), (actors.Stats{DeadLetters: 2, Unhandled: 2}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestSpawnErrors(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s := system(t, n, "a:1")
		nothing := actors.ActorFunc(func(*actors.Process) {})
		p := spawn(t, s, "one", nothing)
		if _, err := s.Spawn("one", nothing); !errors.Is(err, actors.ErrExists) {
			t.Errorf("second spawn: got %v, want %v", err, actors.ErrExists)
		}
		for _, id := range []string{"", "a@b", "a/b", "a\x00", "a\n"} {
			if _, err := s.Spawn(id, nothing); err == nil || !strings.Contains(err.Error(), "id") {
				t.Errorf("spawn %q: got %v, want an error about the id", id, err)
			}
		}
		p.Stop()
		<-p.Done()
		spawn(t, s, "one", nothing)
		s.Shutdown()
		if _, err := s.Spawn("two", nothing); !errors.Is(err, actors.ErrStopped) {
			t.Errorf("spawn after shutdown: got %v, want %v", err, actors.ErrStopped)
		}
	})
}

// Stop ends an actor between two messages: OnStop runs, may send, and nothing runs after it.
func TestStop(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s := system(t, n, "a:1")
		var log logbook
		sent := make(chan struct{}) // what comes after the end would be a dead letter
		heir := spawn(t, s, "heir", log.listener)
		p := spawn(t, s, "mortal", func(p *actors.Process) {
			actors.Install(p, func(_ actors.UPID, m *wrapperspb.StringValue) {
				<-sent
				log.add("heard %s", m.Value)
				p.Stop()
				p.Stop()
			})
			p.OnStop(func() { log.add("stopping") })
			p.OnStop(func() { p.Send(heir.Self(), text("farewell")) })
			p.Delay(time.Second, func() { log.add("delayed in spite of the end") })
		})
		for i := range 3 {
			heir.Send(p.Self(), text(fmt.Sprint(i)))
		}
		p.Dispatch(func() { log.add("dispatched in spite of the end") })
		close(sent)
		<-p.Done()
		p.Stop()
		p.Dispatch(func() { log.add("dispatched after the end") })
		sleep(2 * time.Second)
		want := []string{"heard 0", "stopping", "farewell from mortal"}
		if got := log.take(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := s.Stats().DeadLetters; got != 0 {
			t.Errorf("got %d dead letters, want 0", got)
		}
		heir.Send(p.Self(), text("too late"))
		synctest.Wait()
		if got := s.Stats().DeadLetters; got != 1 {
			t.Errorf("got %d dead letters, want 1", got)
		}
	})
}

func TestStopInInit(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		p := spawn(t, system(t, n, "a:1"), "brief", func(p *actors.Process) { p.Stop() })
		<-p.Done()
	})
}

func TestDelay(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s := system(t, n, "a:1")
		var log logbook
		start := time.Now()
		note := func(name string) func() { return func() { log.add("%s after %v", name, time.Since(start)) } }
		p := spawn(t, s, "p", func(p *actors.Process) {
			p.Delay(3*time.Second, note("three"))
			p.Delay(time.Second, note("one"))
			cancel := p.Delay(2*time.Second, note("cancelled"))
			p.Delay(1500*time.Millisecond, func() { cancel(); cancel() })
		})
		sleep(10 * time.Second)
		if got, want := log.take(), []string{"one after 1s", "three after 3s"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		// A timer that has fired while its actor is busy is not yet too late to cancel.
		var cancel func()
		p.Dispatch(func() { cancel = p.Delay(time.Second, note("fired but cancelled")) })
		synctest.Wait()
		p.Dispatch(func() {
			time.Sleep(5 * time.Second) // an actor should not; here it stands for a long computation
			cancel()
		})
		sleep(20 * time.Second)
		if got := log.take(); len(got) != 0 {
			t.Errorf("got %q, want nothing", got)
		}
	})
}

func TestCall(t *testing.T) {
	inBubble(t, func(t *testing.T, n *memnet.Net) {
		s := system(t, n, "a:1")
		count := 0
		p := spawn(t, s, "counter", func(p *actors.Process) { count = 41 })
		if got, err := actors.Call(p, func() int { count++; return count }); err != nil || got != 42 {
			t.Errorf("got %d %v, want 42", got, err)
		}
		p.Dispatch(p.Stop)
		if _, err := actors.Call(p, func() int { count++; return count }); !errors.Is(err, actors.ErrStopped) {
			t.Errorf("stopped meanwhile: got %v, want %v", err, actors.ErrStopped)
		}
		if _, err := actors.Call(p, func() int { count++; return count }); !errors.Is(err, actors.ErrStopped) {
			t.Errorf("stopped before: got %v, want %v", err, actors.ErrStopped)
		}
		if count != 42 {
			t.Errorf("got %d, want 42: a call that failed must not run", count)
		}
	})
}

// Everything of an actor runs one at a time, whoever asks; -race and the lost counts would show otherwise.
func TestOneAtATime(t *testing.T) {
	n := memnet.NewNet()
	s := actors.NewSystem(n.Node("a:1"))
	defer s.Shutdown()
	const goroutines, each = 8, 5000
	count := 0
	last := map[string]int64{}
	p := spawn(t, s, "p", func(p *actors.Process) {
		actors.Install(p, func(from actors.UPID, m *wrapperspb.Int64Value) {
			count++
			if m.Value != last[from.ID]+1 {
				t.Errorf("got %d of %s after %d", m.Value, from.ID, last[from.ID])
			}
			last[from.ID] = m.Value
		})
	})
	done := make(chan struct{})
	for g := range goroutines {
		go func() {
			from := actors.UPID{ID: fmt.Sprint(g), Addr: "a:1"}
			for i := range each {
				s.Send(from, p.Self(), wrapperspb.Int64(int64(i+1)))
				if i%10 == 0 {
					p.Dispatch(func() { count++ })
				}
			}
			done <- struct{}{}
		}()
	}
	for range goroutines {
		<-done
	}
	got, err := actors.Call(p, func() int { return count })
	if want := goroutines * (each + each/10); err != nil || got != want {
		t.Errorf("got %d %v, want %d", got, err, want)
	}
}
