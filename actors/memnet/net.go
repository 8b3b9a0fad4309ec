// Package memnet is a network inside one test: Nodes that programs under test use as their actors.Network, and a Net that
// can slow, cut and crash what is between them.
//
// It owns delivery between Nodes. Tests and simtest call it; no daemon does. It always marshals, like the real network,
// and its sessions end as those of package link do: exactly one Exited per session on each side, after the last message
// of the session and before the first of the next. It uses goroutines only while it delivers, and time only through
// package time, so it works under testing/synctest; nothing in it is random.
//
// What a fault does:
//
//   - Crash: the node is gone at once, with all it had sent and not yet delivered. Its peers get Exited. Its own Receiver
//     hears nothing any more. Net.Node makes a new program at the address.
//   - A cut (Partition, PartitionOneWay) holds back what is sent, as TCP does. If it heals within PingTimeout everything
//     arrives, late; if not, the session ends on both sides and what was held back is lost. Dialing over a cut fails after
//     PingTimeout, unless it heals before.
//   - A fate (SetFate) loses one message alone, or doubles it.
//   - No node at an address: dialing is refused at once; the next attempt waits 50 ms, doubled per failure up to 5 s.
package memnet

import (
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

// PingTimeout is how long a cut may last until the sessions over it end, as in package link.
const PingTimeout = 5 * time.Second

// Net joins Nodes. The zero value is not usable; see NewNet.
type Net struct {
	mu       sync.Mutex
	idle     *sync.Cond // a lane has stopped delivering
	nodes    map[string]*Node
	sessions map[pair]*session
	failures map[pair]failures
	lanes    map[route]*lane
	inbound  map[string][]*lane // by where they lead
	cuts     map[*cut]struct{}
	latency  func(from, to string) time.Duration
	tap      func(Delivery)
	fate     func(from, to link.UPID, m proto.Message) Fate
	stage    Stage // nil: the Go scheduler

	// MaxQueue bounds the bytes under way from one node to another; one more message ends the session. MaxFrame bounds
	// one message in bytes; a longer one is dropped. Both are 64 MiB at first; set them before nodes talk.
	MaxQueue, MaxFrame int

	space []byte // for the next messages
}

// spaceSize is for the messages of a while: they are small, and do not live long, so what they are in is free soon, too.
const spaceSize = 32 << 10

// encode marshals into space that many messages share, since a piece of memory for each costs more. n.mu is held.
func (n *Net) encode(m proto.Message) ([]byte, error) {
	body, err := proto.MarshalOptions{}.MarshalAppend(n.space, m)
	switch {
	case err != nil:
		return nil, err
	case len(body) <= cap(n.space):
		n.space = n.space[len(body):len(body)]
	case cap(n.space) < spaceSize/8: // what did not fit has memory of its own
		n.space = make([]byte, 0, spaceSize)
	}
	return slices.Clip(body), nil
}

// NewNet makes a network without nodes, cuts or latency.
func NewNet() *Net {
	n := &Net{
		nodes:    map[string]*Node{},
		sessions: map[pair]*session{},
		failures: map[pair]failures{},
		lanes:    map[route]*lane{},
		inbound:  map[string][]*lane{},
		cuts:     map[*cut]struct{}{},
		MaxQueue: 64 << 20,
		MaxFrame: 64 << 20,
	}
	n.idle = sync.NewCond(&n.mu)
	return n
}

// Node starts a program at addr. A program that is there already is crashed first.
func (n *Net) Node(addr string) *Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.crash(addr)
	d := &Node{net: n, addr: addr}
	n.nodes[addr] = d
	return d
}

// Crash ends the program at addr, if there is one, as kill -9 does. When it returns nothing is delivered to it any more,
// but for a Deliver that is being made.
func (n *Net) Crash(addr string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.crash(addr)
}

func (n *Net) crash(addr string) {
	d := n.nodes[addr]
	if d == nil {
		return
	}
	delete(n.nodes, addr)
	d.gone = true
	for _, l := range n.inbound[addr] {
		l.clear()
	}
	for _, s := range n.sessionsOf(addr) {
		n.end(s, false)
	}
}

// SetLatency sets how long a message takes; nil: no time. It is asked once per message, with the Net's lock held. Order
// between two nodes holds whatever f returns.
func (n *Net) SetLatency(f func(from, to string) time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.latency = f
}

// delay is the latency of a message sent now. n.mu is held.
func (n *Net) delay(r route) time.Duration {
	if n.latency == nil {
		return 0
	}
	return n.latency(r.from, r.to)
}
