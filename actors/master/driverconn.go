package master

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// driverConn is the subscription of a driver of version 0: its events are sent as the messages that stand for them.
type driverConn struct {
	m           *Master
	to          actors.UPID
	again       bool   // it registered with an id, and not as a new instance: it is told that it is re-registered
	frameworkID string // known with the first event
	muted       bool   // the same driver registered again: what the old subscription is told is not for it
}

func (c *driverConn) Send(e *schedulerv1.Event) {
	if id := e.GetSubscribed().GetFrameworkId(); id != nil {
		c.frameworkID = id.GetValue()
	}
	if c.muted {
		return
	}
	if msg := c.message(e); msg != nil {
		c.m.p.Send(c.to, msg)
	}
}

func (c *driverConn) Close()           {}
func (c *driverConn) StreamID() string { return "" }

func isV0(conn Conn) bool {
	_, ok := conn.(*driverConn)
	return ok
}

// pidOf is where a driver believes it reaches an agent, "" if it is not registered.
func (c *driverConn) pidOf(agentID string) string {
	if a := c.m.agents[agentID]; a != nil {
		return a.upid.String()
	}
	return ""
}

// message translates an event; nil for one that such drivers have no message for.
func (c *driverConn) message(e *schedulerv1.Event) proto.Message {
	switch e.GetType() {
	case schedulerv1.Event_SUBSCRIBED:
		return c.registered(e.GetSubscribed())
	case schedulerv1.Event_OFFERS:
		return c.offers(e.GetOffers().GetOffers())
	case schedulerv1.Event_INVERSE_OFFERS:
		return c.inverseOffers(e.GetInverseOffers().GetInverseOffers())
	case schedulerv1.Event_RESCIND:
		return &internalpb.RescindResourceOfferMessage{OfferId: e.GetRescind().GetOfferId()}
	case schedulerv1.Event_RESCIND_INVERSE_OFFER:
		return &internalpb.RescindInverseOfferMessage{InverseOfferId: e.GetRescindInverseOffer().GetInverseOfferId()}
	case schedulerv1.Event_UPDATE:
		return c.update(e.GetUpdate().GetStatus())
	case schedulerv1.Event_UPDATE_OPERATION_STATUS:
		s := e.GetUpdateOperationStatus().GetStatus()
		return &internalpb.UpdateOperationStatusMessage{FrameworkId: ids.Framework(c.frameworkID), SlaveId: s.GetAgentId(), Status: s}
	case schedulerv1.Event_MESSAGE:
		msg := e.GetMessage()
		return &internalpb.ExecutorToFrameworkMessage{
			SlaveId: msg.GetAgentId(), FrameworkId: ids.Framework(c.frameworkID), ExecutorId: msg.GetExecutorId(), Data: msg.GetData(),
		}
	case schedulerv1.Event_FAILURE:
		return c.failure(e.GetFailure())
	case schedulerv1.Event_ERROR:
		return &internalpb.FrameworkErrorMessage{Message: proto.String(e.GetError().GetMessage())}
	}
	return nil // HEARTBEAT: the connection itself tells
}

func (c *driverConn) registered(s *schedulerv1.Event_Subscribed) proto.Message {
	if c.again {
		return &internalpb.FrameworkReregisteredMessage{FrameworkId: s.GetFrameworkId(), MasterInfo: s.GetMasterInfo()}
	}
	return &internalpb.FrameworkRegisteredMessage{FrameworkId: s.GetFrameworkId(), MasterInfo: s.GetMasterInfo()}
}

// offers carries one pid for each offer: drivers refuse a message that has not.
func (c *driverConn) offers(list []*v1.Offer) proto.Message {
	msg := &internalpb.ResourceOffersMessage{Offers: list}
	for _, o := range list {
		msg.Pids = append(msg.Pids, c.pidOf(o.GetAgentId().GetValue()))
	}
	return msg
}

func (c *driverConn) inverseOffers(list []*v1.InverseOffer) proto.Message {
	msg := &internalpb.InverseOffersMessage{InverseOffers: list}
	for _, o := range list {
		msg.Pids = append(msg.Pids, c.pidOf(o.GetAgentId().GetValue()))
	}
	return msg
}

// update carries a pid and a uuid exactly if the status must be acknowledged: drivers decide by either.
func (c *driverConn) update(s *v1.TaskStatus) proto.Message {
	msg := &internalpb.StatusUpdateMessage{Update: &internalpb.StatusUpdate{
		FrameworkId: ids.Framework(c.frameworkID), ExecutorId: s.GetExecutorId(), SlaveId: s.GetAgentId(),
		Status: s, Timestamp: proto.Float64(s.GetTimestamp()),
	}}
	if len(s.GetUuid()) > 0 {
		msg.Update.Uuid = s.GetUuid()
		msg.Pid = proto.String(c.pidOf(s.GetAgentId().GetValue()))
	}
	return msg
}

func (c *driverConn) failure(f *schedulerv1.Event_Failure) proto.Message {
	if f.GetExecutorId() == nil {
		return &internalpb.LostSlaveMessage{SlaveId: f.GetAgentId()}
	}
	return &internalpb.ExitedExecutorMessage{
		SlaveId: f.GetAgentId(), FrameworkId: ids.Framework(c.frameworkID), ExecutorId: f.GetExecutorId(), Status: proto.Int32(f.GetStatus()),
	}
}
