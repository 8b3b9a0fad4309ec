package agent

import (
	"errors"
	"fmt"

	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
	"mesos/messages/resources"
)

// applyToProvider hands an operation on what a provider has to it. The provider
// makes it durable; what the agent knows of it, it learns again from the provider
// after a restart. One that cannot reach its provider as it is meant is dropped
// here, and the master is told anew what there is.
func (a *Agent) applyToProvider(id string, msg *internalpb.ApplyOperationMessage) {
	p := a.providers.all[id]
	o := a.newOperation(msg.FrameworkId, msg.OperationInfo, msg.OperationUuid, id)
	state, err := a.handOver(p, o, msg)
	if err == nil {
		return
	}
	a.operationOver(o, state, err)
	if p != nil {
		a.retellProvider(p)
	}
}

func (a *Agent) handOver(p *provider, o *operation, msg *internalpb.ApplyOperationMessage) (v1.OperationState, error) {
	const dropped, wrong = v1.OperationState_OPERATION_DROPPED, v1.OperationState_OPERATION_ERROR
	switch {
	case a.providers.gone[o.provider]:
		return v1.OperationState_OPERATION_GONE_BY_OPERATOR, fmt.Errorf("resource provider %s was marked gone", o.provider)
	case !p.present():
		return dropped, fmt.Errorf("resource provider %s is not subscribed", o.provider)
	case string(msg.GetResourceVersionUuid().GetUuid().GetValue()) != string(p.epoch):
		return dropped, errors.New("the resources of the provider were told anew while the operation was on its way")
	}
	if err := p.accept(o); err != nil {
		return wrong, err
	}
	o.forwarded = true
	a.log.Info("operation given to its resource provider", "framework_id", msg.GetFrameworkId().GetValue(), "operation_id", o.m.GetInfo().GetId().GetValue(),
		"type", o.m.GetInfo().GetType().String(), "resource_provider_id", p.id)
	p.conn.Send(&rpv1.Event{Type: rpv1.Event_APPLY_OPERATION.Enum(), ApplyOperation: &rpv1.Event_ApplyOperation{
		FrameworkId: msg.FrameworkId, Info: msg.OperationInfo, OperationUuid: msg.OperationUuid, ResourceVersionUuid: &v1.UUID{Value: p.version},
	}})
	return 0, nil
}

// accept checks an operation against what the provider has, and counts on its
// success where the master does.
func (p *provider) accept(o *operation) error {
	if resources.IsDiskOperation(o.m.GetInfo()) {
		source, err := resources.DiskSource(o.m.GetInfo())
		if err == nil && !p.total.Contains(source.Unallocate()) {
			err = fmt.Errorf("%v is needed and not there: of %v", source.Unallocate(), p.total)
		}
		return err
	}
	c, err := resources.Convert(o.m.GetInfo())
	if err != nil {
		return err
	}
	if p.total, err = p.total.Apply(c.Unallocated()); err != nil {
		return err
	}
	o.applied = true
	return nil
}

// acknowledgedByProvider hands the acknowledgement of a status to the provider
// that made it, and says whether there is one. If it is away it will list the
// operation, and all is told and acknowledged again.
func (a *Agent) acknowledgedByProvider(o *operation, msg *internalpb.AcknowledgeOperationStatusMessage) bool {
	id := msg.GetResourceProviderId().GetValue()
	if o != nil {
		id = o.provider
	}
	if id == "" || o != nil && !o.forwarded {
		return false
	}
	if o != nil && (o.pending() || string(o.m.GetLatestStatus().GetUuid().GetValue()) != string(msg.GetStatusUuid().GetValue())) {
		return true // of another status
	}
	p := a.providers.all[id]
	if p != nil && p.conn == nil {
		return true
	}
	if p != nil {
		p.conn.Send(&rpv1.Event{Type: rpv1.Event_ACKNOWLEDGE_OPERATION_STATUS.Enum(), AcknowledgeOperationStatus: &rpv1.Event_AcknowledgeOperationStatus{
			StatusUuid: msg.StatusUuid, OperationUuid: msg.OperationUuid,
		}})
	}
	if o != nil {
		delete(a.operations, o.key())
		a.checkDrained()
	}
	return true
}

// lostToProvider answers for an operation of a provider that the master sent and
// that is not here: nothing yet, if the provider may still know it.
func (a *Agent) lostToProvider(id string) (state v1.OperationState, why error, wait bool) {
	p := a.providers.all[id]
	switch {
	case a.providers.gone[id]:
		return v1.OperationState_OPERATION_GONE_BY_OPERATOR, fmt.Errorf("resource provider %s was marked gone", id), false
	case p != nil && !p.present():
		return 0, nil, true
	}
	return v1.OperationState_OPERATION_DROPPED, errLost, false
}
