package actors

import "google.golang.org/protobuf/proto"

// receiver is the System as its Network sees it (link.Receiver), kept apart so that these methods are not public.
type receiver System

func (r *receiver) Deliver(from UPID, to string, m proto.Message) {
	s := (*System)(r)
	if f := s.filter.Load(); f != nil {
		(*f)(Envelope{From: from, To: UPID{ID: to, Addr: s.addr}, Message: m, Incoming: true}, s.pass)
		return
	}
	s.deliver(from, to, m)
}

func (r *receiver) Exited(addr string) {
	s := (*System)(r)
	for _, p := range s.links.take(addr) {
		p.mailbox.post(item{what: exited(addr)})
	}
}
