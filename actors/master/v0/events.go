package v0

import (
	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Events translates the events of one subscription.
type Events struct {
	// Again: it registered with an id, and not as a new instance; it is told that it is re-registered.
	Again bool
	// PID is where a driver believes it reaches an agent, "" if it is not registered.
	PID func(agentID string) string

	frameworkID string // known with the first event
}

// Message translates an event; nil for one that such drivers have no message for.
func (x *Events) Message(e *schedulerv1.Event) proto.Message {
	if id := e.GetSubscribed().GetFrameworkId(); id != nil {
		x.frameworkID = id.GetValue()
	}
	switch e.GetType() {
	case schedulerv1.Event_SUBSCRIBED:
		return x.registered(e.GetSubscribed())
	case schedulerv1.Event_OFFERS:
		return x.offers(e.GetOffers().GetOffers())
	case schedulerv1.Event_INVERSE_OFFERS:
		return x.inverseOffers(e.GetInverseOffers().GetInverseOffers())
	case schedulerv1.Event_RESCIND:
		return &internalpb.RescindResourceOfferMessage{OfferId: e.GetRescind().GetOfferId()}
	case schedulerv1.Event_RESCIND_INVERSE_OFFER:
		return &internalpb.RescindInverseOfferMessage{InverseOfferId: e.GetRescindInverseOffer().GetInverseOfferId()}
	case schedulerv1.Event_UPDATE:
		return x.update(e.GetUpdate().GetStatus())
	case schedulerv1.Event_UPDATE_OPERATION_STATUS:
		s := e.GetUpdateOperationStatus().GetStatus()
		return &internalpb.UpdateOperationStatusMessage{FrameworkId: ids.Framework(x.frameworkID), SlaveId: s.GetAgentId(), Status: s}
	case schedulerv1.Event_MESSAGE:
		msg := e.GetMessage()
		return &internalpb.ExecutorToFrameworkMessage{
			SlaveId: msg.GetAgentId(), FrameworkId: ids.Framework(x.frameworkID), ExecutorId: msg.GetExecutorId(), Data: msg.GetData(),
		}
	case schedulerv1.Event_FAILURE:
		return x.failure(e.GetFailure())
	case schedulerv1.Event_ERROR:
		return &internalpb.FrameworkErrorMessage{Message: proto.String(e.GetError().GetMessage())}
	}
	return nil // HEARTBEAT: the connection itself tells
}

func (x *Events) registered(s *schedulerv1.Event_Subscribed) proto.Message {
	if x.Again {
		return &internalpb.FrameworkReregisteredMessage{FrameworkId: s.GetFrameworkId(), MasterInfo: s.GetMasterInfo()}
	}
	return &internalpb.FrameworkRegisteredMessage{FrameworkId: s.GetFrameworkId(), MasterInfo: s.GetMasterInfo()}
}

// offers carries one pid for each offer: drivers refuse a message that has not.
func (x *Events) offers(list []*v1.Offer) proto.Message {
	msg := &internalpb.ResourceOffersMessage{Offers: list}
	for _, o := range list {
		msg.Pids = append(msg.Pids, x.PID(o.GetAgentId().GetValue()))
	}
	return msg
}

func (x *Events) inverseOffers(list []*v1.InverseOffer) proto.Message {
	msg := &internalpb.InverseOffersMessage{InverseOffers: list}
	for _, o := range list {
		msg.Pids = append(msg.Pids, x.PID(o.GetAgentId().GetValue()))
	}
	return msg
}

// update carries a pid and a uuid exactly if the status must be acknowledged: drivers decide by either.
func (x *Events) update(s *v1.TaskStatus) proto.Message {
	msg := &internalpb.StatusUpdateMessage{Update: &internalpb.StatusUpdate{
		FrameworkId: ids.Framework(x.frameworkID), ExecutorId: s.GetExecutorId(), SlaveId: s.GetAgentId(),
		Status: s, Timestamp: proto.Float64(s.GetTimestamp()),
	}}
	if len(s.GetUuid()) > 0 {
		msg.Update.Uuid = s.GetUuid()
		msg.Pid = proto.String(x.PID(s.GetAgentId().GetValue()))
	}
	return msg
}

func (x *Events) failure(f *schedulerv1.Event_Failure) proto.Message {
	if f.GetExecutorId() == nil {
		return &internalpb.LostSlaveMessage{SlaveId: f.GetAgentId()}
	}
	return &internalpb.ExitedExecutorMessage{
		SlaveId: f.GetAgentId(), FrameworkId: ids.Framework(x.frameworkID), ExecutorId: f.GetExecutorId(), Status: proto.Int32(f.GetStatus()),
	}
}
