package master

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// makeOffers sends what the allocator decided. A framework or agent that went
// away in between gets nothing: the resources go back.
func (m *Master) makeOffers(decided []allocator.Offer) {
	events := map[string][]*v1.Offer{}
	var order []string
	for _, d := range decided {
		f, a := m.frameworks[d.FrameworkID], m.agents[d.AgentID]
		if f == nil || a == nil || a.run != d.AgentRun {
			continue // the allocator forgot them too, with all they held
		}
		if !f.active || !m.offerable(a) {
			m.alloc.Recover(d.FrameworkID, d.AgentID, d.Resources, nil)
			continue
		}
		if m.full(a) {
			m.alloc.Recover(d.FrameworkID, d.AgentID, d.Resources, untilRoom())
			continue
		}
		o := m.newOffer(f, a, d)
		if events[f.id] == nil {
			order = append(order, f.id)
		}
		events[f.id] = append(events[f.id], m.offerMessage(f, a, o))
	}
	for _, id := range order {
		m.frameworks[id].send(offersEvent(events[id]))
		m.metrics.OffersSent.Add(uint64(len(events[id])))
		m.frameworks[id].counts.OffersSent.Add(uint64(len(events[id])))
	}
}

func (m *Master) newOffer(f *framework, a *agent, d allocator.Offer) *offer {
	o := &offer{
		id: m.newOfferID(), frameworkID: f.id, agentID: a.id,
		role: d.Role, resources: d.Resources, made: time.Now(),
	}
	m.offers[o.id], f.offers[o.id], a.offers[o.id] = o, o, o
	if m.conf.OfferTimeout > 0 {
		o.cancelTimeout = m.p.Delay(m.conf.OfferTimeout, func() { m.offerTimedOut(o) })
	}
	if m.log.Enabled(context.Background(), slog.LevelDebug) { // there are many, and the words for it are more than the offer
		m.log.Debug("offer made", "framework_id", f.id, "agent_id", a.id, "offer_id", o.id, "role", o.role, "resources", o.resources)
	}
	return o
}

// newOfferID is an id for an offer or an inverse offer.
func (m *Master) newOfferID() string {
	id := m.conf.ID + "-O" + strconv.Itoa(m.nextOffer)
	m.nextOffer++
	return id
}

// offerMessage is the offer as its framework reads it: one without MULTI_ROLE
// does not know allocation_info, one without RESERVATION_REFINEMENT reads the
// older form of reservations.
func (m *Master) offerMessage(f *framework, a *agent, o *offer) *v1.Offer {
	msg := &v1.Offer{
		Id: ids.Offer(o.id), FrameworkId: f.info.Id, AgentId: a.info.Id, Hostname: a.info.Hostname,
		Url: m.urlOf(a), Domain: a.info.Domain, Attributes: a.info.Attributes, Unavailability: a.unavailable,
	}
	for id := range ordered.All(a.executors[f.id]) {
		msg.ExecutorIds = append(msg.ExecutorIds, ids.Executor(id))
	}
	res := o.resources
	if f.caps.multiRole {
		msg.AllocationInfo = &v1.Resource_AllocationInfo{Role: &o.role}
	} else {
		res = res.Unallocate()
	}
	if !f.caps.refinement {
		// The allocator offers such a framework nothing that the older form cannot say.
		old, err := res.PreRefinementProto()
		if err == nil {
			msg.Resources = old
			return msg
		}
		m.log.Error("offer with refined reservations for a framework that cannot read them", "framework_id", f.id, "offer_id", o.id, "error", err)
	}
	list, known := f.offered.Find(res) // agents that are alike, and idle, are offered in a row
	if !known {
		*list = res.Proto()
	}
	msg.Resources = *list
	return msg
}

// place is where schedulers reach an agent, and what that was made of.
type place struct {
	at  actors.UPID
	url *v1.URL
}

// urlOf is where schedulers reach an agent. It is not to be changed.
func (m *Master) urlOf(a *agent) *v1.URL {
	if a.place.url == nil || a.place.at != a.upid {
		host, port := splitAddr(a.upid.Addr)
		a.place = place{a.upid, &v1.URL{
			Scheme: proto.String(m.conf.TLS.Scheme()), Path: proto.String("/" + a.upid.ID),
			Address: &v1.Address{Hostname: a.info.Hostname, Ip: proto.String(host), Port: proto.Int32(int32(port))},
		}}
	}
	return a.place.url
}

// removeOffer forgets an offer; its resources are the caller's to give back.
func (m *Master) removeOffer(o *offer) {
	delete(m.offers, o.id)
	if f := m.frameworks[o.frameworkID]; f != nil {
		delete(f.offers, o.id)
	}
	if a := m.agents[o.agentID]; a != nil {
		delete(a.offers, o.id)
	}
	if o.cancelTimeout != nil {
		o.cancelTimeout()
	}
}

// rescind takes an offer back and tells its framework.
func (m *Master) rescind(o *offer, refuse *allocator.Refuse) {
	m.removeOffer(o)
	if f := m.frameworks[o.frameworkID]; f != nil {
		f.send(rescindEvent(o.id))
		f.counts.OffersRescinded.Add(1)
	}
	m.metrics.OffersRescinded.Inc()
	m.alloc.Recover(o.frameworkID, o.agentID, o.resources, refuse)
}

// offerTimedOut lets others have what a framework sits on.
func (m *Master) offerTimedOut(o *offer) {
	if m.offers[o.id] != o {
		return
	}
	m.log.Info("offer timed out", "framework_id", o.frameworkID, "agent_id", o.agentID, "offer_id", o.id, "after", time.Since(o.made))
	m.rescind(o, nil)
}

// withdrawOffers takes back all offers of a framework, inverse ones too, without telling it.
func (m *Master) withdrawOffers(f *framework) {
	m.withdrawInverse(f)
	for _, o := range ordered.All(f.offers) {
		m.removeOffer(o)
		m.alloc.Recover(o.frameworkID, o.agentID, o.resources, nil)
	}
}

// takeOffers removes the offers that a call names and returns what they held.
// Either all are good, or the error says why they cannot be used together;
// valid ones among bad ones are used up as well, as in Mesos.
func (m *Master) takeOffers(f *framework, offerIDs []*v1.OfferID) (agentID, role string, res resources.Resources, err error) {
	var taken []*offer
	seen := map[string]bool{}
	for _, oid := range offerIDs {
		id := oid.GetValue()
		o := m.offers[id]
		switch {
		case seen[id]:
			err = fmt.Errorf("offer_ids: offer %s is named twice", id)
		case o == nil:
			err = fmt.Errorf("offer_ids: offer %s is no longer valid", id)
		case o.frameworkID != f.id:
			err = fmt.Errorf("offer_ids: offer %s was made to another framework", id)
			o = nil
		case len(taken) > 0 && o.agentID != taken[0].agentID:
			err = fmt.Errorf("offer_ids: offers %s and %s are of different agents: one call may combine offers of one agent only", taken[0].id, id)
		case len(taken) > 0 && o.role != taken[0].role:
			err = fmt.Errorf("offer_ids: offers %s and %s are for different roles %q and %q: one call may combine offers of one role only", taken[0].id, id, taken[0].role, o.role)
		}
		if o != nil && !seen[id] {
			taken = append(taken, o)
		}
		seen[id] = true
	}
	for _, o := range taken {
		m.removeOffer(o)
		if err != nil {
			m.alloc.Recover(f.id, o.agentID, o.resources, nil)
			continue
		}
		agentID, role = o.agentID, o.role
		res = res.Add(o.resources)
	}
	return agentID, role, res, err
}

// decline gives offers back with the filter that the framework asked for.
func (m *Master) decline(f *framework, offerIDs []*v1.OfferID, filters *v1.Filters) {
	for _, oid := range offerIDs {
		o := m.offers[oid.GetValue()]
		if o == nil || o.frameworkID != f.id {
			m.log.Debug("decline of an offer that is gone", "framework_id", f.id, "offer_id", oid.GetValue())
			continue
		}
		m.removeOffer(o)
		m.metrics.OffersDeclined.Inc()
		f.counts.OffersDeclined.Add(1)
		m.alloc.Recover(f.id, o.agentID, o.resources, refusal(filters))
	}
}

// refusal turns the filters of a call into the allocator's; without filters
// the default of refuse_seconds counts.
func refusal(filters *v1.Filters) *allocator.Refuse {
	return &allocator.Refuse{Seconds: filters.GetRefuseSeconds()}
}
