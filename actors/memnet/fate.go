package memnet

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

// Fate is what becomes of one message, whatever happens to its session.
type Fate int

// A message arrives once, not at all, or twice in a row. Real sessions do only the first; the others are for protocols
// that must not rest on that.
const (
	Arrives Fate = iota
	Lost
	Doubled
)

// SetFate has f decide what becomes of each message that one program sends to another over a session; nil: all arrive.
// It is asked once per message, when it is sent, with the Net's lock held; the message is not to be changed or kept.
func (n *Net) SetFate(f func(from, to link.UPID, m proto.Message) Fate) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fate = f
}

// copies is how often a message is to arrive. n.mu is held.
func (n *Net) copies(from, to link.UPID, m proto.Message) int {
	if n.fate == nil {
		return 1
	}
	switch n.fate(from, to, m) {
	case Lost:
		return 0
	case Doubled:
		return 2
	}
	return 1
}
