package master

import (
	"fmt"
	"maps"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/validation"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// operation is one operation on an agent's resources, from when it is sent until
// its terminal status is acknowledged. Most are speculative: the master counts on
// their success, so that later operations of the same call see what they make. An
// agent that fails one tells anew what it really has. What comes of CREATE_DISK
// and DESTROY_DISK is known only when they are over.
type operation struct {
	uuid        string
	frameworkID string // "" if an operator asked
	agentID     string
	info        *v1.Offer_Operation
	status      *v1.OperationStatus // latest
	version     string              // of the resources that it changes, with which it was sent; "" if learned from the agent
	provider    string              // the resource provider that carries it out; "" = the agent
	taken       resources.Resources // what it consumes, out of the agent's total until it is over
}

// id is the framework's own name for the operation, "" if it wants no feedback.
func (o *operation) id() string { return o.info.GetId().GetValue() }

func (o *operation) pending() bool {
	return o.status.GetState() == v1.OperationState_OPERATION_PENDING
}

func (o *operation) message() *v1.Operation {
	m := &v1.Operation{
		AgentId: ids.Agent(o.agentID), Info: o.info, LatestStatus: o.status, Statuses: []*v1.OperationStatus{o.status}, Uuid: &v1.UUID{Value: []byte(o.uuid)},
	}
	if o.frameworkID != "" {
		m.FrameworkId = ids.Framework(o.frameworkID)
	}
	return m
}

// operations are those of one framework or agent, by uuid.
type operations map[string]*operation

// byID finds the operation of a framework that is not over.
func (ops operations) byID(id string) *operation {
	for _, o := range ordered.All(ops) {
		if o.id() == id {
			return o
		}
	}
	return nil
}

// operate carries out an operation of an ACCEPT on what is left of its offers,
// and returns what is left then.
func (m *Master) operate(f *framework, a *agent, role string, left resources.Resources, op *v1.Offer_Operation) resources.Resources {
	plan, err := validation.Operation(op, m.operationContext(f, a, role))
	if err == nil && !left.Contains(plan.Consumed) {
		err = fmt.Errorf("%v is needed, more than the %v that is left of the offers", plan.Consumed.Unallocate(), left.Unallocate())
	}
	if err == nil {
		err = m.mayOperate(f, op, plan.Conversion)
	}
	var total resources.Resources
	if err == nil {
		err = a.checkProvider(plan.Provider)
	}
	if err == nil {
		total, err = a.total.Apply(plan.Unallocated())
	}
	if err != nil {
		m.refuseOperation(f, a.id, op, err)
		return left
	}
	a.total = total
	m.alloc.Convert(f.id, a.id, plan.Consumed, plan.Converted)
	m.withdrawShared(a, plan.Consumed)
	m.sendOperation(f, a, plan)
	return left.Sub(plan.Consumed).Add(plan.Converted)
}

// operationContext is what an operation is validated against; f is nil for an operator's.
func (m *Master) operationContext(f *framework, a *agent, role string) validation.OperationContext {
	c := validation.OperationContext{
		Role: role, Total: a.total, Capabilities: a.capabilities,
		InUse: func(v resources.Resource) bool { return a.uses(v) },
	}
	if f != nil {
		c.Framework = f.info
		c.IDExists = func(id string) bool { return f.operations.byID(id) != nil }
	}
	return c
}

// uses says whether a task or executor on the agent has a volume.
func (a *agent) uses(v resources.Resource) bool {
	for _, r := range ordered.All(a.used()) {
		for u := range r.Volumes().All() {
			if u.PersistenceID() == v.PersistenceID() && u.Role() == v.Role() {
				return true
			}
		}
	}
	return false
}

// withdrawShared takes back the offers that hold shared volumes which are gone.
func (m *Master) withdrawShared(a *agent, gone resources.Resources) {
	shared := gone.Unallocate().Shared()
	if shared.IsEmpty() {
		return
	}
	for _, o := range ordered.All(a.offers) {
		if overlaps(o.resources.Unallocate(), shared) {
			m.rescind(o, nil)
		}
	}
}

// overlaps says whether some of b is in a.
func overlaps(a, b resources.Resources) bool { return !a.Sub(b).Equal(a) }

// sendOperation makes an operation known and sends it; f is nil for an operator's.
func (m *Master) sendOperation(f *framework, a *agent, plan validation.OperationPlan) {
	id, info, version := m.p.UUID(), plan.Info, a.versionOf(plan.Provider)
	o := &operation{
		uuid: string(id[:]), agentID: a.id, info: info, version: version, provider: plan.Provider,
		status: &v1.OperationStatus{OperationId: info.GetId(), State: v1.OperationState_OPERATION_PENDING.Enum(), AgentId: ids.Agent(a.id)},
	}
	msg := &internalpb.ApplyOperationMessage{
		OperationInfo: info, OperationUuid: &v1.UUID{Value: id[:]},
		ResourceVersionUuid: &internalpb.ResourceVersionUUID{Uuid: &v1.UUID{Value: []byte(version)}, ResourceProviderId: ids.Provider(plan.Provider)},
	}
	o.status.ResourceProviderId = ids.Provider(plan.Provider)
	if plan.Later {
		o.taken = plan.Consumed.Unallocate()
	}
	a.operations[o.uuid] = o
	by := "an operator"
	if f != nil {
		o.frameworkID, by = f.id, f.id
		f.operations[o.uuid] = o
		msg.FrameworkId = ids.Framework(f.id)
	}
	m.send(a, msg)
	m.log.Info("operation sent", "framework_id", by, "agent_id", a.id, "operation_id", o.id(), "operation", info.GetType().String())
}

// removeOperation forgets an operation.
func (m *Master) removeOperation(o *operation) {
	if a := m.agents[o.agentID]; a != nil {
		delete(a.operations, o.uuid)
		a.acknowledged.add(o.uuid)
		m.checkDrained(a)
	}
	if f := m.frameworks[o.frameworkID]; f != nil {
		delete(f.operations, o.uuid)
	}
	if list := m.orphans[o.frameworkID]; list != nil {
		if delete(list, o.uuid); len(list) == 0 {
			delete(m.orphans, o.frameworkID)
		}
	}
}

// resourcesTold takes what an agent says of its own resources. Offers of what it
// had before are void. Of its resource providers, and of what it lends beyond what it has, it speaks later.
func (m *Master) resourcesTold(a *agent, total resources.Resources, version *v1.UUID) {
	total = total.Add(a.total.Provided())
	if !a.total.Equal(total) {
		m.log.Info("agent's resources changed", "agent_id", a.id, "before", a.total, "now", total)
		for _, o := range ordered.All(a.offers) {
			m.rescind(o, nil)
		}
	}
	a.total, a.resourceVersion = total, string(version.GetValue())
	m.alloc.UpdateAgent(m.allocatorAgent(a))
}

// tellOperation sends the latest status of an operation to its framework, in
// the form that the framework reads. Without uuid nobody acknowledges it.
func (m *Master) tellOperation(f *framework, s *v1.OperationStatus, withUUID bool) {
	s = proto.CloneOf(s)
	if !withUUID {
		s.Uuid = nil
	}
	if len(s.ConvertedResources) > 0 && !f.caps.refinement {
		if r, err := resources.FromProto(s.ConvertedResources); err == nil {
			if old, err := r.PreRefinementProto(); err == nil {
				s.ConvertedResources = old
			}
		}
	}
	f.send(operationEvent(s))
}

// operationList is a picture of all operations.
func (m *Master) operationList() (out []*v1.Operation) {
	for _, a := range ordered.All(m.agents) {
		for o := range maps.Values(a.operations) {
			out = append(out, o.message())
		}
	}
	return out
}
