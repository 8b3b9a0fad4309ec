package allocator

import (
	"iter"

	"mesos/actors"
	"mesos/messages/linkpb"
	"mesos/messages/resources"
)

// Standing is what a policy in a program of its own ranks by.
type Standing struct {
	Clients  map[ClientID]RankedClient
	Capacity resources.Quantities // of all agents
	Weights  map[string]float64   // by role, those that were set
}

// RankedClient is a framework in a role.
type RankedClient struct {
	Client
	Active bool // it wants offers now
	Held   resources.Quantities
}

// NewRanker makes an actor that is a policy in a program of its own: it keeps the
// standing that an allocator tells it, and answers each message with the order
// that rank gives, first to last. rank must not change the standing. The master's
// --allocator names the actor as id@host:port.
//
// Messages:
//
//	PolicyChangesMessage  allocator → ranker  what changed; full: forget all before
//	PolicyRankingMessage  ranker → allocator  the order, for the message of that sequence
//
// A message that is lost or late costs a second of hierarchical order, after which
// all is told anew; one that comes twice changes nothing.
func NewRanker(rank func(s *Standing) []ClientID) actors.Actor {
	return actors.ActorFunc(func(p *actors.Process) {
		s := &Standing{}
		actors.Install(p, func(from actors.UPID, m *linkpb.PolicyChangesMessage) {
			s.apply(m)
			answer := &linkpb.PolicyRankingMessage{Sequence: new(m.GetSequence())}
			for _, id := range rank(s) {
				answer.Clients = append(answer.Clients, int32(id))
			}
			p.Send(from, answer)
		})
	})
}

func (s *Standing) apply(m *linkpb.PolicyChangesMessage) {
	if m.GetFull() || s.Clients == nil {
		*s = Standing{Clients: map[ClientID]RankedClient{}}
	}
	for _, id := range m.GetRemoved() {
		delete(s.Clients, ClientID(id))
	}
	for _, c := range m.GetClients() {
		s.Clients[ClientID(c.GetId())] = RankedClient{
			Client: Client{Framework: c.GetFrameworkId(), Role: c.GetRole()},
			Active: c.GetActive(), Held: resources.QuantitiesFrom(amountsFrom(c.GetHeld())),
		}
	}
	s.Capacity = resources.QuantitiesFrom(amountsFrom(m.GetCapacity()))
	s.Weights = m.GetWeights()
}

func amountsFrom(all []*linkpb.PolicyChangesMessage_Amount) iter.Seq2[string, resources.Quantity] {
	return func(yield func(string, resources.Quantity) bool) {
		for _, a := range all {
			if !yield(a.GetName(), resources.Quantity(a.GetThousandths())) {
				return
			}
		}
	}
}
