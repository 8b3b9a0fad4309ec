package scheduler

import (
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// The functions below make operations for [Driver.Accept]. Those of one call are
// carried out in order, and later ones, a LAUNCH too, may use what earlier ones
// make. id may be ""; else the framework is told how the operation ends by the
// callback Operation, and an id is not used again before that.

// Reserve makes a dynamic reservation: the last one of each resource's
// reservations. The role must be that of the offers.
func Reserve(id string, list ...*v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_RESERVE.Enum(), Reserve: &v1.Offer_Operation_Reserve{Resources: list}})
}

// Unreserve takes the last reservation of each resource off.
func Unreserve(id string, list ...*v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_UNRESERVE.Enum(), Unreserve: &v1.Offer_Operation_Unreserve{Resources: list}})
}

// Create makes persistent volumes of reserved disk space. Each must have
// disk.persistence.id and disk.volume.
func Create(id string, volumes ...*v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE.Enum(), Create: &v1.Offer_Operation_Create{Volumes: volumes}})
}

// Destroy deletes persistent volumes with their data.
func Destroy(id string, volumes ...*v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY.Enum(), Destroy: &v1.Offer_Operation_Destroy{Volumes: volumes}})
}

// GrowVolume adds reserved disk space to a persistent volume.
func GrowVolume(id string, volume, addition *v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_GROW_VOLUME.Enum(), GrowVolume: &v1.Offer_Operation_GrowVolume{Volume: volume, Addition: addition}})
}

// ShrinkVolume gives so many MB of a persistent volume back as disk space.
func ShrinkVolume(id string, volume *v1.Resource, megabytes float64) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{
		Type:         v1.Offer_Operation_SHRINK_VOLUME.Enum(),
		ShrinkVolume: &v1.Offer_Operation_ShrinkVolume{Volume: volume, Subtract: &v1.Value_Scalar{Value: proto.Float64(megabytes)}},
	})
}

// LaunchTasks runs tasks; it has no id, since tasks have their own updates.
func LaunchTasks(tasks ...*v1.TaskInfo) *v1.Offer_Operation {
	return &v1.Offer_Operation{Type: v1.Offer_Operation_LAUNCH.Enum(), Launch: &v1.Offer_Operation_Launch{TaskInfos: tasks}}
}

func named(id string, op *v1.Offer_Operation) *v1.Offer_Operation {
	if id != "" {
		op.Id = &v1.OperationID{Value: &id}
	}
	return op
}

// AcknowledgeOperation says that the status of an operation is safe with the
// framework. Statuses that the master made have no uuid and need none.
func (d *Driver) AcknowledgeOperation(s *v1.OperationStatus) {
	if s.GetUuid() == nil || s.GetOperationId() == nil {
		return
	}
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS.Enum(), AcknowledgeOperationStatus: &schedulerv1.Call_AcknowledgeOperationStatus{
		AgentId: s.AgentId, ResourceProviderId: s.ResourceProviderId, Uuid: s.Uuid.Value, OperationId: s.OperationId,
	}})
}

// ReconcileOperations asks for the state of operations: of those named, or of all.
func (d *Driver) ReconcileOperations(operations ...*schedulerv1.Call_ReconcileOperations_Operation) {
	d.call(&schedulerv1.Call{Type: schedulerv1.Call_RECONCILE_OPERATIONS.Enum(), ReconcileOperations: &schedulerv1.Call_ReconcileOperations{Operations: operations}})
}

func (d *Driver) onOperation(s *v1.OperationStatus) {
	if d.cb.Operation != nil {
		d.cb.Operation(d, s)
	}
	if !d.conf.ManualAck {
		d.AcknowledgeOperation(s)
	}
}
