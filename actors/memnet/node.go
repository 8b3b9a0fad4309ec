package memnet

import (
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

// Node is one program's end of a Net; it implements actors.Network.
type Node struct {
	net      *Net
	addr     string
	receiver link.Receiver // guarded by net.mu, like gone
	gone     bool          // crashed or closed
	dropped  atomic.Uint64

	// MaxBackoff bounds the wait after failures to reach a peer; 0 means 5 s. It is set before Start.
	MaxBackoff time.Duration
}

func (d *Node) backoffLimit() time.Duration {
	if d == nil || d.MaxBackoff == 0 {
		return maxBackoff
	}
	return d.MaxBackoff
}

// Addr is the node's address.
func (d *Node) Addr() string { return d.addr }

// Start sets who receives. Before it the node cannot be reached and sends nothing.
func (d *Node) Start(r link.Receiver) {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	if d.receiver == nil {
		d.receiver = r
	}
}

// Send encodes m and puts it on the way. Messages that do not marshal, that are too long, of a type that is not
// registered, or for nobody are dropped and counted.
func (d *Node) Send(from, to link.UPID, m proto.Message) {
	if to.IsZero() {
		d.dropped.Add(1)
		return
	}
	n := d.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if !d.live() {
		return
	}
	r := route{d.addr, to.Addr}
	var s *session
	if r.from != r.to {
		if s = n.want(r); s == nil || s.over {
			return // nobody is there: no need to encode it
		}
	}
	body, err := n.encode(m)
	if err != nil || len(body) > n.MaxFrame {
		d.dropped.Add(1)
		return
	}
	it := item{from: link.UPID{ID: from.ID, Addr: d.addr}, to: to.ID, name: m.ProtoReflect().Descriptor().FullName(), body: body}
	if s == nil {
		it.node = d
		n.push(r, it)
		return
	}
	for range n.copies(it.from, to, m) {
		n.sendOver(s, r, it)
	}
}

// Connect makes a session with addr if there is none.
func (d *Node) Connect(addr string) {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	if d.live() && addr != d.addr {
		d.net.want(route{d.addr, addr})
	}
}

// live tells whether the program takes part. net.mu is held.
func (d *Node) live() bool { return !d.gone && d.receiver != nil }

// Close ends the program in good order: what it has sent arrives, then its peers get Exited. It waits for a Deliver that
// is being made, and so must not be called from the Receiver.
func (d *Node) Close() error {
	n := d.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if !d.gone {
		d.gone = true
		delete(n.nodes, d.addr)
		for _, l := range n.inbound[d.addr] {
			l.clear()
		}
		for _, s := range n.sessionsOf(d.addr) {
			n.hangUp(s, d.addr)
		}
	}
	for _, l := range n.inbound[d.addr] {
		for l.delivering == d {
			n.idle.Wait()
		}
	}
	return nil
}

// Dropped counts messages that were lost though their session was good.
func (d *Node) Dropped() uint64 { return d.dropped.Load() }
