package localprovider

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	rpv1 "mesos/messages/mesos/v1/resource_provider"
)

// applyOperation carries out an operation: it is durable before the disk is
// touched, so that the next run can go on, and its end before it is told.
func (p *Pool) applyOperation(ctx context.Context, a *rpv1.Event_ApplyOperation) {
	key := string(a.GetOperationUuid().GetValue())
	if p.operations[key] != nil {
		return
	}
	o := &v1.Operation{
		FrameworkId: a.FrameworkId, Info: a.Info, Uuid: a.OperationUuid,
		LatestStatus: p.status(a.GetInfo().GetId(), v1.OperationState_OPERATION_PENDING),
	}
	p.operations[key] = o
	if !slices.Equal(a.GetResourceVersionUuid().GetValue(), p.version) {
		p.end(ctx, o, v1.OperationState_OPERATION_DROPPED, plan{}, errors.New("the pool's resources were told anew while the operation was on its way"))
		return
	}
	if p.save(ctx) {
		p.carryOn(ctx, o)
	}
}

// carryOn carries out an operation that is durable.
func (p *Pool) carryOn(ctx context.Context, o *v1.Operation) {
	x, err := p.plan(o.GetInfo(), o.GetUuid().GetValue())
	if err == nil {
		err = p.check(x)
	}
	if err != nil {
		p.end(ctx, o, v1.OperationState_OPERATION_ERROR, plan{}, err)
		return
	}
	if err = carryOut(p.disks, o.GetInfo().GetType(), x); err == nil {
		err = p.apply(x)
	}
	if err != nil {
		p.end(ctx, o, v1.OperationState_OPERATION_FAILED, plan{}, err)
		return
	}
	p.end(ctx, o, v1.OperationState_OPERATION_FINISHED, x, nil)
}

func (p *Pool) status(id *v1.OperationID, s v1.OperationState) *v1.OperationStatus {
	return &v1.OperationStatus{OperationId: id, State: s.Enum(), ResourceProviderId: ids.Provider(p.id)}
}

// end makes the end of an operation durable and tells it. The agent tells the
// master until it is acknowledged; after a lost subscription it learns all again.
func (p *Pool) end(ctx context.Context, o *v1.Operation, state v1.OperationState, x plan, why error) {
	s := p.status(o.GetInfo().GetId(), state)
	s.Uuid, s.ConvertedResources = &v1.UUID{Value: p.newUUID()}, x.Converted.Proto()
	if why != nil {
		s.Message = proto.String(why.Error())
	}
	o = proto.CloneOf(o)
	o.LatestStatus, o.Statuses = s, []*v1.OperationStatus{s}
	p.operations[string(o.GetUuid().GetValue())] = o
	p.log.Info("operation over", "resource_provider_id", p.id, "operation_id", s.GetOperationId().GetValue(), "type", o.GetInfo().GetType().String(),
		"state", state.String(), "message", s.GetMessage())
	if p.save(ctx) && p.told {
		p.tell(o)
	}
}

func (p *Pool) tell(o *v1.Operation) {
	p.call(&rpv1.Call{Type: rpv1.Call_UPDATE_OPERATION_STATUS.Enum(), UpdateOperationStatus: &rpv1.Call_UpdateOperationStatus{
		FrameworkId: o.FrameworkId, Status: o.LatestStatus, LatestStatus: o.LatestStatus, OperationUuid: o.Uuid,
	}})
}

// acknowledged forgets an operation whose end its framework has.
func (p *Pool) acknowledged(ctx context.Context, a *rpv1.Event_AcknowledgeOperationStatus) {
	key := string(a.GetOperationUuid().GetValue())
	if o := p.operations[key]; o != nil && slices.Equal(o.GetLatestStatus().GetUuid().GetValue(), a.GetStatusUuid().GetValue()) {
		delete(p.operations, key)
		p.save(ctx)
	}
}

// reconcile answers for an operation that the agent misses: one that is not here never came.
func (p *Pool) reconcile(ctx context.Context, uuid *v1.UUID) {
	o := p.operations[string(uuid.GetValue())]
	if o == nil {
		o = &v1.Operation{Uuid: uuid, Info: &v1.Offer_Operation{Type: v1.Offer_Operation_UNKNOWN.Enum()}}
		p.end(ctx, o, v1.OperationState_OPERATION_DROPPED, plan{}, errors.New("the operation did not reach the resource provider"))
		return
	}
	p.tell(o)
}
