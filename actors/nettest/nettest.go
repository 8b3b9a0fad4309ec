// Package nettest is the suite that every actors.Network must pass: what Deliver, Exited, Send, Connect and Close promise.
//
// It owns the cases and a recording Receiver. The tests of package link and package memnet run it, as will those of any
// other Network. It waits for events, never for time, and so works on real and on virtual clocks.
package nettest

import (
	"testing"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
)

// Harness makes the Networks to be tested.
type Harness struct {
	// New makes a program's Network. addr "" asks for a new address, another for that of a killed or closed one. It must
	// hold at most MaxQueue bytes for a peer and take messages of up to MaxFrame bytes.
	New func(t *testing.T, addr string) actors.Network
	// Kill ends the program of n as kill -9 does: no goodbye but what its kernel says.
	Kill func(t *testing.T, n actors.Network)
}

// Bounds of the Networks that Harness.New makes, in bytes.
const (
	MaxQueue = 4 << 20
	MaxFrame = 2 << 20
)

// Run runs all cases.
func Run(t *testing.T, h Harness) {
	cases := []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"order", testOrder},
		{"both dial at once", testBothDial},
		{"sender keeps message", testSenderKeeps},
		{"message to itself", testSelf},
		{"big message", testBig},
		{"too long message is dropped", testTooLong},
		{"unknown type is dropped", testUnknownType},
		{"incomplete message is dropped", testIncomplete},
		{"unreachable: one exited per try", testUnreachable},
		{"kill: one exited", testKill},
		{"close: all arrives, then one exited", testClose},
		{"restart is a new session", testRestart},
		{"overflow ends the session", testOverflow},
		{"closed network does nothing", testAfterClose},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, h) })
	}
}

// node is a Network with its recorder.
type node struct {
	actors.Network
	*Recorder
}

func start(t *testing.T, h Harness, addr string) node {
	t.Helper()
	n := node{h.New(t, addr), NewRecorder()}
	t.Cleanup(func() {
		n.Release()
		if err := n.Close(); err != nil {
			t.Errorf("close network %s: %v", n.Addr(), err)
		}
	})
	n.Start(n.Recorder)
	return n
}

// actor is the UPID of an actor of n.
func (n node) actor(id string) actors.UPID { return actors.UPID{ID: id, Addr: n.Addr()} }

// say sends a number from one actor to another.
func (n node) say(from string, to actors.UPID, value int64) {
	n.Send(n.actor(from), to, wrapperspb.Int64(value))
}

// meet makes a session and sees to it that it is up on both sides.
func meet(t *testing.T, a, b node) {
	t.Helper()
	a.say("x", b.actor("y"), 0)
	b.wantNumber(t, a.actor("x"), "y", 0)
	b.say("y", a.actor("x"), 0)
	a.wantNumber(t, b.actor("y"), "x", 0)
}
