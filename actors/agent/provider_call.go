package agent

import (
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/ordered"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// providerCaller finds the provider that a call comes from; streamID is what the
// call names as its subscription.
func (a *Agent) providerCaller(call *rpv1.Call, streamID string) (*provider, answer) {
	id := call.GetResourceProviderId().GetValue()
	p := a.providers.all[id]
	switch {
	case p == nil || p.conn == nil:
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("resource_provider_id: resource provider %.100q is not subscribed", id)}
	case streamID == "":
		return nil, answer{Code: http.StatusBadRequest, Text: "Header " + httpapi.StreamIDHeader + " is missing: send the one that the subscription was answered with"}
	case streamID != p.conn.StreamID():
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("Header %s %.100q is not that of the resource provider's current subscription", httpapi.StreamIDHeader, streamID)}
	}
	return p, answer{}
}

// providerCall carries out a call of a subscribed provider, which [checkProviderCall] has found complete.
func (a *Agent) providerCall(p *provider, call *rpv1.Call) answer {
	var err error
	switch call.GetType() {
	case rpv1.Call_UPDATE_STATE:
		err = a.providerState(p, call.GetUpdateState())
	case rpv1.Call_UPDATE_OPERATION_STATUS:
		err = a.providerStatus(p, call.GetUpdateOperationStatus())
	case rpv1.Call_UPDATE_PUBLISH_RESOURCES_STATUS:
		a.published(p, call.GetUpdatePublishResourcesStatus())
	default:
		err = fmt.Errorf("type %s is no call of a subscribed resource provider", call.GetType())
	}
	if err != nil {
		a.log.Warn("call of a resource provider refused", "resource_provider_id", p.id, "type", call.GetType().String(), "error", err)
		return answer{Code: http.StatusBadRequest, Text: err.Error()}
	}
	return answer{Code: http.StatusAccepted}
}

// providerState takes what a provider has and how far its operations are: the
// results of those that are over are in what it has, those of others are not.
// Operations that it should have and does not name may have been lost with an
// earlier subscription: it is asked for them.
func (a *Agent) providerState(p *provider, s *rpv1.Call_UpdateState) error {
	total, err := resources.FromProto(s.GetResources())
	if err != nil {
		return fmt.Errorf("update_state.%w", err)
	}
	if !total.OfProvider(p.id).Unallocate().Equal(total) {
		return fmt.Errorf("update_state.resources %v must all have the provider_id %q and no allocation_info", total, p.id)
	}
	listed := map[string]bool{}
	for i, m := range s.GetOperations() {
		if err := checkUUID(fmt.Sprintf("update_state.operations[%d].uuid", i), m.GetUuid()); err != nil {
			return err
		}
		listed[string(m.GetUuid().GetValue())] = true
	}
	p.total, p.version, p.told, p.shown = total, s.GetResourceVersionUuid().GetValue(), true, true
	for _, m := range s.GetOperations() {
		a.operationListed(p, m)
	}
	ask := &rpv1.Event_ReconcileOperations{}
	for key, o := range ordered.All(a.operations) {
		if !o.forwarded || o.provider != p.id || listed[key] {
			continue
		}
		o.applied = o.m.GetLatestStatus().GetState() == v1.OperationState_OPERATION_FINISHED
		if o.pending() {
			ask.OperationUuids = append(ask.OperationUuids, o.m.GetUuid())
		}
	}
	a.log.Info("resource provider told what it has", "resource_provider_id", p.id, "resources", total, "operations", len(listed))
	if len(ask.OperationUuids) > 0 {
		p.conn.Send(&rpv1.Event{Type: rpv1.Event_RECONCILE_OPERATIONS.Enum(), ReconcileOperations: ask})
	}
	a.retellProvider(p)
	for key := range ordered.All(listed) {
		a.tellOperation(a.operations[key])
	}
	a.publishNow(p)
	return nil
}

// operationListed takes an operation as its provider knows it.
func (a *Agent) operationListed(p *provider, m *v1.Operation) {
	key := string(m.GetUuid().GetValue())
	o := a.operations[key]
	if o == nil {
		o = &operation{provider: p.id, forwarded: true}
		a.operations[key] = o
	} else if !o.forwarded {
		return // it was refused here
	}
	m = proto.CloneOf(m)
	m.AgentId = ids.Agent(a.id)
	m.LatestStatus = a.completeOperationStatus(p, m.GetInfo().GetId(), m.GetLatestStatus())
	ended := o.m != nil && o.pending()
	o.m, o.acked = m, false
	if ended && !o.pending() {
		a.providers.ops.over(p, m)
	}
	o.applied = m.GetLatestStatus().GetState() == v1.OperationState_OPERATION_FINISHED
}

// completeOperationStatus fills in what providers leave open.
func (a *Agent) completeOperationStatus(p *provider, id *v1.OperationID, s *v1.OperationStatus) *v1.OperationStatus {
	s = proto.CloneOf(s)
	s.AgentId, s.ResourceProviderId = ids.Agent(a.id), ids.Provider(p.id)
	if s.OperationId == nil {
		s.OperationId = id
	}
	return s
}

// providerStatus takes how an operation ended.
func (a *Agent) providerStatus(p *provider, u *rpv1.Call_UpdateOperationStatus) error {
	s := u.GetStatus()
	o := a.operations[string(u.GetOperationUuid().GetValue())]
	if err := checkProviderStatus(p, o, u); err != nil {
		return err
	}
	if !states.OperationTerminal(s.GetState()) {
		return nil // nobody waits for less than its end
	}
	if o == nil {
		// It is over and acknowledged, which the provider did not hear; or the agent
		// forgot it with a restart, and the provider did not list it. The master knows.
		o = &operation{provider: p.id, forwarded: true, applied: s.GetState() == v1.OperationState_OPERATION_FINISHED, m: &v1.Operation{
			FrameworkId: u.GetFrameworkId(), Uuid: u.GetOperationUuid(), Info: &v1.Offer_Operation{Type: v1.Offer_Operation_UNKNOWN.Enum(), Id: s.GetOperationId()},
		}}
		a.operations[o.key()] = o
	}
	wasPending := o.m.LatestStatus == nil || o.pending()
	m := proto.CloneOf(o.m)
	m.AgentId = ids.Agent(a.id)
	m.LatestStatus = a.completeOperationStatus(p, o.m.GetInfo().GetId(), s)
	m.Statuses = []*v1.OperationStatus{m.LatestStatus}
	o.m, o.acked = m, false
	if !wasPending {
		a.tellOperation(o)
		return nil
	}
	a.providers.ops.over(p, o.m)
	a.log.Info("operation over", "framework_id", m.GetFrameworkId().GetValue(), "operation_id", m.GetInfo().GetId().GetValue(), "resource_provider_id", p.id,
		"state", s.GetState().String(), "message", s.GetMessage())
	a.tellOperation(o)
	if a.carryOver(p, o) {
		a.retellProvider(p)
	}
	return nil
}

// carryOver brings what a provider has in line with the end of one of its
// operations, and says whether the master counts on something else.
func (a *Agent) carryOver(p *provider, o *operation) (differs bool) {
	finished := o.m.GetLatestStatus().GetState() == v1.OperationState_OPERATION_FINISHED
	if finished == o.applied {
		return false
	}
	c, err := conversionOf(o.m)
	if !finished {
		c = c.Inverse()
	}
	if err == nil {
		p.total, err = p.total.Apply(c)
	}
	if err != nil {
		a.log.Error("what came of an operation does not fit what its resource provider has", "resource_provider_id", p.id, "operation_id", o.m.GetInfo().GetId().GetValue(), "error", err)
	}
	o.applied = finished
	return err != nil || !finished || !resources.IsDiskOperation(o.m.GetInfo())
}

// conversionOf is what an operation of a provider converts when it has succeeded.
func conversionOf(m *v1.Operation) (resources.Conversion, error) {
	if !resources.IsDiskOperation(m.GetInfo()) {
		c, err := resources.Convert(m.GetInfo())
		return c.Unallocated(), err
	}
	source, err := resources.DiskSource(m.GetInfo())
	if err != nil {
		return resources.Conversion{}, err
	}
	made, err := resources.FromProto(m.GetLatestStatus().GetConvertedResources())
	return resources.Conversion{Consumed: source, Converted: made}.Unallocated(), err
}
