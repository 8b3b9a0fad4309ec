package actors

import "google.golang.org/protobuf/proto"

// Envelope is a message on its way, as a Filter sees it.
type Envelope struct {
	From, To UPID
	Message  proto.Message // not shared with sender or receiver; a Filter may change it before passing it on
	Incoming bool          // it came from the network; false: an actor of this System sends it
}

// Filter decides what becomes of a message: not calling pass drops it, calling it later delays it, calling it twice
// duplicates it. pass may be called from any goroutine and never blocks. A Filter is called on the sender's goroutine
// (Incoming: the network's) and must not block. A message between two actors of one System is seen once, as outgoing.
type Filter func(e Envelope, pass func(Envelope))

// SetFilter puts f between the System's actors and their messages, to inject faults; nil takes it out again. Messages
// that passed before are not affected.
func (s *System) SetFilter(f Filter) {
	if f == nil {
		s.filter.Store(nil)
		return
	}
	s.filter.Store(&f)
}

// pass lets a filtered message go on. It clones for local receivers, since a Filter may pass one message twice.
func (s *System) pass(e Envelope) {
	if e.Incoming {
		s.deliver(e.From, e.To.ID, proto.Clone(e.Message))
		return
	}
	s.route(e.From, e.To, e.Message)
}
