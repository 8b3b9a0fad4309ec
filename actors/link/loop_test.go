package link_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/nettest"
)

func newLoop(t *testing.T) *link.Loop {
	t.Helper()
	d, err := link.DialOnly("", link.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return link.NewLoop("loop", d)
}

func TestLoop(t *testing.T) {
	n := listen(t, "127.0.0.1:0", link.Options{})
	r := nettest.NewRecorder()
	n.Start(r)
	peer := link.UPID{ID: "peer", Addr: n.Addr()}
	l := newLoop(t)
	var got []string
	l.OnMessage(func(from link.UPID, m proto.Message) {
		got = append(got, fmt.Sprintf("%s from %s", m.(*wrapperspb.StringValue).Value, from.ID))
		n.Abort()
	})
	l.OnExited(func(addr string) {
		got = append(got, "exited "+addr)
		l.Delay(0, func() {
			got = append(got, "delayed")
			l.Stop()
			l.Dispatch(func() { got = append(got, "dispatched after stop") })
		})
	})
	l.Link(peer)
	l.Link(peer)
	l.Send(peer, wrapperspb.String("hello"))
	go func() {
		wantText(t, r, l.Self(), "hello")
		n.Send(peer, link.UPID{ID: "nobody", Addr: l.Self().Addr}, wrapperspb.String("lost"))
		n.Send(peer, l.Self(), wrapperspb.String("answer"))
	}()
	l.Dispatch(func() { got = append(got, "first") })
	if err := l.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"first", "answer from peer", "exited " + n.Addr(), "delayed"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoopCancel(t *testing.T) {
	l := newLoop(t)
	ctx, cancel := context.WithCancel(t.Context())
	ran := false
	l.Dispatch(func() {
		undo := l.Delay(time.Nanosecond, func() { ran = true })
		time.Sleep(5 * time.Millisecond) // the timer fires meanwhile, and still must not run
		undo()
		l.Delay(10*time.Millisecond, cancel)
	})
	if err := l.Run(ctx); !errors.Is(err, context.Canceled) || ran {
		t.Errorf("got %v, ran %v; want %v and not ran", err, ran, context.Canceled)
	}
}
