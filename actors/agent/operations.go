package agent

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/volume"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Volumes makes, empties and links the places of persistent volumes; see package volume.
type Volumes interface {
	Create(v resources.Resource) error
	Resize(v resources.Resource) error
	SetAside(v resources.Resource, tag string) error
	Delete(v resources.Resource, tag string) error
	Purge(total resources.Resources, except map[string]bool) (remove func() error)
	Mounts(r resources.Resources) ([]volume.Mount, error)
	LinkAs(sandbox string, m volume.Mount, user string) error
}

// holdings are what operations make of the agent's resources. An operation is
// carried out only if it was sent on the strength of what the agent last told of
// them: every registration names a version, and every operation the version that
// its sender knew. So neither can ever overtake the other.
type holdings struct {
	total      resources.Resources // what was configured, with all that operations made of it
	version    []byte              // uuid, new with every registration that is sent
	operations map[string]*operation
	acting     int // operations whose effect on the disks is under way; orders wait for them
}

// errLost is told of operations that never arrived.
var errLost = errors.New("the operation did not reach the agent")

// operation is one that is not over: pending, or with a status that its
// framework has not acknowledged.
type operation struct {
	m     *v1.Operation // replaced as a whole, never changed
	sends int           // counts beginnings to send the status; timers of earlier ones are ignored
	acked bool          // the acknowledgement is about to be durable

	provider  string // on whose resources it is; "" = the agent
	forwarded bool   // the provider has it and makes it durable
	applied   bool   // it is in what the agent believes that the provider has
}

func (o *operation) key() string { return string(o.m.GetUuid().GetValue()) }

func (o *operation) pending() bool {
	return o.m.GetLatestStatus().GetState() == v1.OperationState_OPERATION_PENDING
}

// applyOperation carries out an operation of the master. First it is durable,
// then the disks follow, then its status is durable and told.
func (a *Agent) applyOperation(from actors.UPID, msg *internalpb.ApplyOperationMessage) {
	if from != a.conf.Master {
		a.log.Warn("operation from a master that is not ours", "from", from.String())
		return
	}
	if a.operations[string(msg.GetOperationUuid().GetValue())] != nil {
		a.log.Warn("operation was received twice", "operation_id", msg.GetOperationInfo().GetId().GetValue())
		return
	}
	if id := msg.GetResourceVersionUuid().GetResourceProviderId().GetValue(); id != "" {
		a.applyToProvider(id, msg)
		return
	}
	o := a.newOperation(msg.FrameworkId, msg.OperationInfo, msg.OperationUuid, "")
	if string(msg.GetResourceVersionUuid().GetUuid().GetValue()) != string(a.version) {
		a.refuseOperation(o, v1.OperationState_OPERATION_DROPPED, errors.New("the agent's resources were told anew while the operation was on its way"))
		return
	}
	c, err := resources.Convert(o.m.GetInfo())
	if err != nil {
		a.refuseOperation(o, v1.OperationState_OPERATION_ERROR, err)
		return
	}
	next, err := a.total.Apply(c.Unallocated())
	if err != nil {
		a.refuseOperation(o, v1.OperationState_OPERATION_ERROR, err)
		return
	}
	a.log.Info("operation received", "framework_id", msg.GetFrameworkId().GetValue(), "operation_id", o.m.GetInfo().GetId().GetValue(), "type", o.m.GetInfo().GetType().String())
	// From here on the agent tells the new total: what is not durable yet is
	// told again, as it is then, by the next run.
	a.total = next
	a.acting++
	a.conf.Store.Commit(func() { a.p.Dispatch(func() { a.act(o) }) }, store.PutOperation(o.m), store.PutResources(next.Checkpointed().Proto()))
}

func (a *Agent) newOperation(framework *v1.FrameworkID, info *v1.Offer_Operation, uuid *v1.UUID, provider string) *operation {
	o := &operation{provider: provider, m: &v1.Operation{
		FrameworkId: framework, AgentId: ids.Agent(a.id), Info: info, Uuid: uuid,
		LatestStatus: a.operationStatus(info.GetId(), v1.OperationState_OPERATION_PENDING, provider),
	}}
	a.operations[o.key()] = o
	return o
}

func (a *Agent) operationStatus(id *v1.OperationID, state v1.OperationState, provider string) *v1.OperationStatus {
	return &v1.OperationStatus{OperationId: id, State: state.Enum(), AgentId: ids.Agent(a.id), ResourceProviderId: ids.Provider(provider)}
}

// refuseOperation answers an operation that changes nothing. The master
// believed that it would: it is told again what there is.
func (a *Agent) refuseOperation(o *operation, state v1.OperationState, why error) {
	a.operationOver(o, state, why)
	if a.registered {
		a.masterLost("it does not know this agent's resources")
	}
}

// act lets the disks follow an operation that is durable, beside the actor.
func (a *Agent) act(o *operation) {
	change := a.change(o)
	if change == nil {
		a.acted(o, nil)
		return
	}
	a.wg.Go(func() {
		err := change()
		a.p.Dispatch(func() { a.acted(o, err) })
	})
}

// change is what an operation does to the disks, nil for nothing. It can be
// repeated after a crash.
func (a *Agent) change(o *operation) func() error {
	c, err := resources.Convert(o.m.GetInfo())
	if err != nil {
		return func() error { return err }
	}
	each := func(r resources.Resources, f func(v resources.Resource) error) func() error {
		return func() error {
			for v := range r.Volumes().All() {
				if err := f(v); err != nil {
					return err
				}
			}
			return nil
		}
	}
	switch o.m.GetInfo().GetType() {
	case v1.Offer_Operation_CREATE:
		return each(c.Converted, a.conf.Volumes.Create)
	case v1.Offer_Operation_GROW_VOLUME, v1.Offer_Operation_SHRINK_VOLUME:
		return each(c.Converted, a.conf.Volumes.Resize)
	case v1.Offer_Operation_DESTROY:
		uuid := o.m.GetUuid()
		return each(c.Consumed, func(v resources.Resource) error { return a.conf.Volumes.SetAside(v, tag(uuid, v)) })
	}
	return nil
}

// tag names what an operation sets aside.
func tag(operation *v1.UUID, v resources.Resource) string {
	return fmt.Sprintf("%x-%s", operation.GetValue(), v.PersistenceID())
}

// acted ends an operation. One that the disks did not follow is undone.
func (a *Agent) acted(o *operation, err error) {
	c, convErr := resources.Convert(o.m.GetInfo())
	if err = errors.Join(err, convErr); err == nil {
		a.operationOver(o, v1.OperationState_OPERATION_FINISHED, nil)
		if o.m.GetInfo().GetType() == v1.Offer_Operation_DESTROY {
			uuid := o.m.GetUuid()
			a.wg.Go(func() { a.delete(uuid, c.Consumed) })
		}
	} else {
		if before, undo := a.total.Apply(c.Unallocated().Inverse()); undo == nil {
			a.total = before
		} else {
			a.log.Error("failed operation cannot be undone", "operation_id", o.m.GetInfo().GetId().GetValue(), "error", undo)
		}
		a.operationOver(o, v1.OperationState_OPERATION_FAILED, err, store.PutResources(a.total.Checkpointed().Proto()))
		if a.registered {
			a.masterLost("an operation failed that it believes to be done")
		}
	}
	a.acting--
	a.release()
}

// delete deletes what was set aside, beside the actor. What it leaves is
// deleted when the agent starts the next time.
func (a *Agent) delete(operation *v1.UUID, volumes resources.Resources) {
	for v := range volumes.All() {
		if err := a.conf.Volumes.Delete(v, tag(operation, v)); err != nil {
			a.log.Error("data of a destroyed volume is not deleted yet", "persistence_id", v.PersistenceID(), "error", err)
		}
	}
}

// operationOver makes the terminal status of an operation durable and tells it.
func (a *Agent) operationOver(o *operation, state v1.OperationState, why error, more ...store.Write) {
	s := a.operationStatus(o.m.GetInfo().GetId(), state, o.provider)
	s.Uuid = &v1.UUID{Value: a.newUUIDBytes()}
	if why != nil {
		s.Message = proto.String(why.Error())
	}
	if c, err := resources.Convert(o.m.GetInfo()); err == nil && state == v1.OperationState_OPERATION_FINISHED {
		s.ConvertedResources = c.Unallocated().Converted.Proto()
	}
	a.log.Info("operation over", "framework_id", o.m.GetFrameworkId().GetValue(), "operation_id", s.GetOperationId().GetValue(), "state", state.String(), "message", s.GetMessage())
	m := proto.CloneOf(o.m)
	m.LatestStatus, m.Statuses = s, []*v1.OperationStatus{s}
	a.conf.Store.Commit(func() {
		a.p.Dispatch(func() {
			o.m = m
			a.tellOperation(o)
		})
	}, append(more, store.PutOperation(m))...)
}
