package nettest

import (
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"
)

func testUnreachable(t *testing.T, h Harness) {
	a, gone := start(t, h, ""), start(t, h, "")
	addr := gone.Addr()
	h.Kill(t, gone.Network)
	for range 2 {
		a.Connect(addr)
		a.Connect(addr)
		a.wantExited(t, addr)
	}
	a.say("x", gone.actor("y"), 1)
	a.wantExited(t, addr)
	a.say("x", a.actor("x"), 2)
	a.wantNumber(t, a.actor("x"), "x", 2)
}

func testKill(t *testing.T, h Harness) {
	a, b, c := start(t, h, ""), start(t, h, ""), start(t, h, "")
	meet(t, a, b)
	meet(t, c, a)
	h.Kill(t, b.Network)
	a.wantExited(t, b.Addr())
	c.say("x", a.actor("y"), 1) // the session with c goes on, and no second Exited comes before
	a.wantNumber(t, c.actor("x"), "y", 1)
	h.Kill(t, c.Network) // this one was dialed by the peer
	a.wantExited(t, c.Addr())
	a.say("x", a.actor("x"), 2)
	a.wantNumber(t, a.actor("x"), "x", 2)
}

func testClose(t *testing.T, h Harness) {
	const count = 5000
	a, b := start(t, h, ""), start(t, h, "")
	for i := range count {
		a.say("x", b.actor("y"), int64(i))
	}
	if err := a.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	for i := range count {
		b.wantNumber(t, a.actor("x"), "y", int64(i))
	}
	b.wantExited(t, a.Addr())
	b.say("y", b.actor("y"), 1)
	b.wantNumber(t, b.actor("y"), "y", 1)
}

func testRestart(t *testing.T, h Harness) {
	a, b := start(t, h, ""), start(t, h, "")
	for i := range 5 {
		meet(t, a, b)
		h.Kill(t, b.Network)
		b = start(t, h, b.Addr())
		b.say("new", a.actor("x"), int64(i))
		a.wantExited(t, b.Addr())
		a.wantNumber(t, b.actor("new"), "x", int64(i))
	}
}

func testOverflow(t *testing.T, h Harness) {
	a, b := start(t, h, ""), start(t, h, "")
	meet(t, a, b)
	b.Hold()
	chunk := wrapperspb.Bytes(make([]byte, MaxFrame/2))
	for sent := 0; sent < 64; sent++ { // more than MaxQueue and what kernels hold; were Send to block, this would never end
		a.Send(a.actor("x"), b.actor("y"), chunk)
	}
	a.wantExited(t, b.Addr())
	b.Release()
	for e := b.Next(t); e.Exited == ""; e = b.Next(t) {
		if _, ok := e.Message.(*wrapperspb.BytesValue); !ok {
			t.Fatalf("got %+v, want chunks and then exited", e)
		}
	}
	// What b still gets now may begin with the rest of the 64 chunks, on later sessions.
	a.say("x", b.actor("y"), 7)
	for e := b.Next(t); ; e = b.Next(t) {
		if m, ok := e.Message.(*wrapperspb.Int64Value); ok && m.Value == 7 {
			break
		}
	}
}

func testAfterClose(t *testing.T, h Harness) {
	a, b := start(t, h, ""), start(t, h, "")
	meet(t, a, b)
	for range 2 {
		if err := a.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	b.wantExited(t, a.Addr())
	a.say("x", b.actor("y"), 1)
	a.say("x", a.actor("y"), 1)
	a.Connect(b.Addr())
	b.say("y", b.actor("y"), 2)
	b.wantNumber(t, b.actor("y"), "y", 2)
}
