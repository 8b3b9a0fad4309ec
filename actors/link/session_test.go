package link_test

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/nettest"
)

// A peer's hellos tell its sessions apart: a second connection of the same one joins, a newer one or another program at
// the address ends the old one, an older one is refused.
func TestIncarnations(t *testing.T) {
	const at = "127.0.0.1:1"
	n := listen(t, "127.0.0.1:0", link.Options{})
	r := nettest.NewRecorder()
	n.Start(r)
	connect := func(program byte, session uint64) net.Conn {
		t.Helper()
		return dialRaw(t, n.Addr(), peerHello(at, program, session))
	}
	answered := func(c net.Conn) {
		t.Helper()
		if _, err := io.ReadFull(c, make([]byte, len(linkMagic))); err != nil {
			t.Fatalf("got %v, want a hello", err)
		}
	}
	closed := func(c net.Conn) {
		t.Helper()
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Fatalf("got %v, want the connection closed", err)
		}
	}
	exited := func() {
		t.Helper()
		if e := r.Next(t); e.Exited != at {
			t.Fatalf("got %+v, want exited %s", e, at)
		}
	}
	first := connect(1, 10)
	answered(first)
	second := connect(1, 10) // the same session
	answered(second)
	old := connect(1, 9)
	closed(old)
	newer := connect(1, 11)
	answered(newer)
	closed(first)
	closed(second)
	exited()
	late := connect(1, 10)
	closed(late)
	restarted := connect(2, 1)
	answered(restarted)
	closed(newer)
	exited()
	_ = restarted.Close()
	exited()
	n.Send(link.UPID{}, link.UPID{ID: "x", Addr: n.Addr()}, wrapperspb.String("nothing else came"))
	wantText(t, r, link.UPID{Addr: n.Addr()}, "nothing else came")
}

// Any end of any connection of a session ends it, on both sides, also when both had dialed.
func TestManyMeetings(t *testing.T) {
	const rounds = 30
	a := listen(t, "127.0.0.1:0", link.Options{})
	ra := nettest.NewRecorder()
	a.Start(ra)
	addr := "127.0.0.1:0"
	for round := range rounds {
		b := listen(t, addr, link.Options{})
		addr = b.Addr()
		rb := nettest.NewRecorder()
		b.Start(rb)
		up, down := link.UPID{ID: "a", Addr: a.Addr()}, link.UPID{ID: "b", Addr: addr}
		var wg sync.WaitGroup
		wg.Go(func() { a.Send(up, down, wrapperspb.String(fmt.Sprint("down ", round))) })
		wg.Go(func() { b.Send(down, up, wrapperspb.String(fmt.Sprint("up ", round))) })
		wg.Wait()
		wantText(t, rb, up, fmt.Sprint("down ", round))
		wantText(t, ra, down, fmt.Sprint("up ", round))
		if round%2 == 0 {
			b.Abort()
		} else if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if e := ra.Next(t); e.Exited != addr {
			t.Fatalf("round %d: got %+v, want exited %s", round, e, addr)
		}
	}
}

// A peer that may connect but never speaks, or never answers, is not waited for.
func TestMutePeers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	const timeout = 100e6 // 100 ms
	n := listen(t, "127.0.0.1:0", link.Options{PingTimeout: timeout, PingInterval: timeout / 5})
	r := nettest.NewRecorder()
	n.Start(r)
	n.Connect(l.Addr().String()) // the kernel accepts, nobody says hello
	if e := r.Next(t); e.Exited != l.Addr().String() {
		t.Fatalf("got %+v, want exited", e)
	}
	for name, send := range map[string]string{"nothing": "", "half a hello": linkMagic + "\x00\x00\x00\x20abc"} {
		c := dialRaw(t, n.Addr(), []byte(send))
		if _, err := io.Copy(io.Discard, c); err != nil {
			t.Errorf("%s: got %v, want the connection closed", name, err)
		}
	}
	c := dialRaw(t, n.Addr(), peerHello("127.0.0.1:1", 1, 1)) // a good hello, then no ping
	if _, err := io.Copy(io.Discard, c); err != nil {
		t.Errorf("no ping: got %v, want the connection closed", err)
	}
	if e := r.Next(t); e.Exited != "127.0.0.1:1" {
		t.Fatalf("got %+v, want exited", e)
	}
}
