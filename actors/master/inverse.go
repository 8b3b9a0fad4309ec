package master

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	allocatorv1 "mesos/messages/mesos/v1/allocator"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// inverseOffer asks one framework to leave one agent before it is unavailable.
type inverseOffer struct {
	id, frameworkID, agentID string
	msg                      *v1.InverseOffer
	cancelTimeout            func()
}

// windowOf is an unavailability as the allocator knows it; nil stays nil.
func windowOf(u *v1.Unavailability) *allocator.Unavailability {
	if u == nil {
		return nil
	}
	return &allocator.Unavailability{Start: time.Unix(0, u.GetStart().GetNanoseconds()), Duration: time.Duration(u.GetDuration().GetNanoseconds())}
}

func inverseStatusProto(s allocator.InverseStatus) *allocatorv1.InverseOfferStatus {
	status := allocatorv1.InverseOfferStatus_UNKNOWN
	switch s.Answer {
	case allocator.Accepted:
		status = allocatorv1.InverseOfferStatus_ACCEPT
	case allocator.Declined:
		status = allocatorv1.InverseOfferStatus_DECLINE
	}
	return &allocatorv1.InverseOfferStatus{
		Status: status.Enum(), FrameworkId: ids.Framework(s.FrameworkID), Timestamp: &v1.TimeInfo{Nanoseconds: proto.Int64(s.At.UnixNano())},
	}
}

// makeInverseOffers sends what the allocator decided. What it decided of agents
// and schedules that are not so any more is void.
func (m *Master) makeInverseOffers(decided []allocator.InverseOffer) {
	events := map[string][]*v1.InverseOffer{}
	var order []string
	for _, d := range decided {
		f, a := m.frameworks[d.FrameworkID], m.agents[d.AgentID]
		if f == nil || a == nil || a.run != d.AgentRun || a.unavailable == nil || *windowOf(a.unavailable) != d.Unavailability {
			continue
		}
		if f.conn == nil {
			m.alloc.UpdateInverseOffer(a.id, f.id, allocator.Unanswered, nil) // it is inactive by now
			continue
		}
		if events[f.id] == nil {
			order = append(order, f.id)
		}
		events[f.id] = append(events[f.id], m.newInverseOffer(f, a).msg)
	}
	for _, id := range order {
		m.frameworks[id].send(inverseOffersEvent(events[id]))
	}
}

func (m *Master) newInverseOffer(f *framework, a *agent) *inverseOffer {
	o := &inverseOffer{id: m.newOfferID(), frameworkID: f.id, agentID: a.id}
	o.msg = &v1.InverseOffer{
		Id: ids.Offer(o.id), Url: m.urlOf(a), FrameworkId: f.info.Id, AgentId: a.info.Id, Unavailability: a.unavailable,
	}
	m.inverse[o.id], f.inverse[o.id], a.inverse[o.id] = o, o, o
	if m.conf.OfferTimeout > 0 {
		o.cancelTimeout = m.p.Delay(m.conf.OfferTimeout, func() {
			m.log.Info("inverse offer timed out", "framework_id", o.frameworkID, "agent_id", o.agentID, "offer_id", o.id)
			m.rescindInverse(o)
		})
	}
	m.log.Info("framework is asked to leave an agent", "framework_id", f.id, "agent_id", a.id, "offer_id", o.id)
	return o
}

// dropInverse forgets an inverse offer; the allocator is the caller's to tell.
func (m *Master) dropInverse(o *inverseOffer) {
	delete(m.inverse, o.id)
	if f := m.frameworks[o.frameworkID]; f != nil {
		delete(f.inverse, o.id)
	}
	if a := m.agents[o.agentID]; a != nil {
		delete(a.inverse, o.id)
	}
	if o.cancelTimeout != nil {
		o.cancelTimeout()
	}
}

// rescindInverse takes an inverse offer back and tells its framework, which is
// asked again if there is still a reason to.
func (m *Master) rescindInverse(o *inverseOffer) {
	m.dropInverse(o)
	if f := m.frameworks[o.frameworkID]; f != nil {
		f.send(rescindInverseEvent(o.id))
	}
	m.alloc.UpdateInverseOffer(o.agentID, o.frameworkID, allocator.Unanswered, nil)
}

// withdrawInverse takes back all inverse offers of a framework without telling
// it: it is not there, or another instance of it.
func (m *Master) withdrawInverse(f *framework) {
	for _, o := range ordered.All(f.inverse) {
		m.dropInverse(o)
		m.alloc.UpdateInverseOffer(o.agentID, o.frameworkID, allocator.Unanswered, nil)
	}
}

// answerInverse takes a framework's answer to inverse offers. It is not asked
// again before its filters end.
func (m *Master) answerInverse(f *framework, offerIDs []*v1.OfferID, said allocator.InverseAnswer, filters *v1.Filters) {
	for _, id := range offerIDs {
		o := m.inverse[id.GetValue()]
		if o == nil || o.frameworkID != f.id {
			m.log.Debug("answer to an inverse offer that is gone", "framework_id", f.id, "offer_id", id.GetValue(), "answer", said.String())
			continue
		}
		m.dropInverse(o)
		m.log.Info("inverse offer answered", "framework_id", f.id, "agent_id", o.agentID, "offer_id", o.id, "answer", said.String())
		m.alloc.UpdateInverseOffer(o.agentID, f.id, said, refusal(filters))
	}
}

func inverseOffersEvent(list []*v1.InverseOffer) *event {
	return &event{Type: schedulerv1.Event_INVERSE_OFFERS.Enum(), InverseOffers: &schedulerv1.Event_InverseOffers{InverseOffers: list}}
}

func rescindInverseEvent(id string) *event {
	return &event{Type: schedulerv1.Event_RESCIND_INVERSE_OFFER.Enum(), RescindInverseOffer: &schedulerv1.Event_RescindInverseOffer{InverseOfferId: ids.Offer(id)}}
}
