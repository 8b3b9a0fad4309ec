package validation

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// OperationContext is what an operation on resources is checked against.
type OperationContext struct {
	Framework    *v1.FrameworkInfo // nil: an operator asks
	Role         string            // that the offers are allocated to; "" for an operator
	Total        resources.Resources
	Capabilities []v1.AgentInfo_Capability_Type // of the agent
	IDExists     func(id string) bool           // an operation of the framework that is not over has it
	InUse        func(v resources.Resource) bool
}

// OperationPlan is an operation that may be carried out.
type OperationPlan struct {
	Info     *v1.Offer_Operation // as the agent gets it: post-refinement, without allocations
	Provider string              // the resource provider that carries it out; "" = the agent
	Later    bool                // what it converts to is known only when it is done: Converted is empty
	resources.Conversion
}

// Operation checks a RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME,
// SHRINK_VOLUME, CREATE_DISK or DESTROY_DISK and says what it converts, allocated
// to the role. Whether what it consumes is at hand is the caller's to ask.
func Operation(op *v1.Offer_Operation, c OperationContext) (OperationPlan, error) {
	switch op.GetType() {
	case v1.Offer_Operation_GROW_VOLUME, v1.Offer_Operation_SHRINK_VOLUME:
		if !slices.Contains(c.Capabilities, v1.AgentInfo_Capability_RESIZE_VOLUME) {
			return OperationPlan{}, fmt.Errorf("type %s needs an agent with the capability RESIZE_VOLUME", op.GetType())
		}
	}
	if op.Id != nil {
		if err := operationID(op.GetId().GetValue(), c); err != nil {
			return OperationPlan{}, err
		}
	}
	p := OperationPlan{Later: resources.IsDiskOperation(op)}
	conversion, err := conversionOf(op)
	if err != nil {
		return p, err
	}
	if p.Provider, err = conversion.Consumed.Add(conversion.Converted).OneProvider(); err != nil {
		return p, err
	}
	if p.Consumed, err = allocatedTo(conversion.Consumed, c.Role); err != nil {
		return p, err
	}
	if p.Converted, err = allocatedTo(conversion.Converted, c.Role); err != nil {
		return p, err
	}
	if err := p.check(op.GetType(), c); err != nil {
		return p, err
	}
	p.Info = plain(op)
	return p, nil
}

// conversionOf is what an operation converts, without what only its resource
// provider can say.
func conversionOf(op *v1.Offer_Operation) (resources.Conversion, error) {
	if !resources.IsDiskOperation(op) {
		return resources.Convert(op)
	}
	source, err := resources.DiskSource(op)
	return resources.Conversion{Consumed: source}, err
}

// LaunchID refuses an id of an operation that launches tasks: they have updates
// of their own, and there is no status of the operation.
func LaunchID(op *v1.Offer_Operation) error {
	switch t := op.GetType(); {
	case op.Id != nil && (t == v1.Offer_Operation_LAUNCH || t == v1.Offer_Operation_LAUNCH_GROUP):
		return fmt.Errorf("id %q must not be set in an operation of type %s: its tasks have updates of their own", op.GetId().GetValue(), t)
	}
	return nil
}

func operationID(id string, c OperationContext) error {
	if err := ids.Check("id", id); err != nil {
		return err
	}
	if c.IDExists(id) {
		return fmt.Errorf("id %q is already used by an operation of this framework that is not over", id)
	}
	if !slices.Contains(c.Capabilities, v1.AgentInfo_Capability_AGENT_OPERATION_FEEDBACK) {
		return fmt.Errorf("id %q must not be set: the agent lacks the capability AGENT_OPERATION_FEEDBACK", id)
	}
	return nil
}

func allocatedTo(r resources.Resources, role string) (resources.Resources, error) {
	for e := range r.All() {
		if a := e.AllocationRole(); a != "" && a != role {
			return r, fmt.Errorf("resource %q: allocation_info.role %q is not the role %q of the offers", e.Name(), a, role)
		}
	}
	return r.Unallocate().Allocate(role), nil
}

// check asks what depends on who asks, and on what the agent has.
func (p OperationPlan) check(t v1.Offer_Operation_Type, c OperationContext) error {
	switch t {
	case v1.Offer_Operation_RESERVE:
		return p.eachOf(p.Converted, func(e resources.Resource) error { return reservation(e, c) })
	case v1.Offer_Operation_CREATE:
		return p.eachOf(p.Converted, func(e resources.Resource) error { return newVolume(e, c) })
	case v1.Offer_Operation_DESTROY:
		return p.eachOf(p.Consumed, func(e resources.Resource) error {
			if c.InUse(e) {
				return fmt.Errorf("destroy.volumes: volume %q of role %q is used by a task: kill it first", e.PersistenceID(), e.Role())
			}
			return nil
		})
	}
	return nil
}

func (OperationPlan) eachOf(r resources.Resources, check func(resources.Resource) error) error {
	for e := range r.All() {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func reservation(e resources.Resource, c OperationContext) error {
	if c.Framework == nil {
		return nil
	}
	stack := e.ReservationStack()
	last := stack[len(stack)-1]
	switch want := c.Framework.GetPrincipal(); {
	case e.Role() != c.Role:
		return fmt.Errorf("reserve.resources: %s is to be reserved to role %q, and was offered to role %q: they must be equal", e.Name(), e.Role(), c.Role)
	case len(stack) > 1 && !hasCapability(c.Framework, v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT):
		return fmt.Errorf("reserve.resources: %s has %d reservations: that needs the capability RESERVATION_REFINEMENT", e.Name(), len(stack))
	case want != "" && last.Principal != nil && last.GetPrincipal() != want:
		return fmt.Errorf("reserve.resources: %s: principal %q is not the framework's own, %q", e.Name(), last.GetPrincipal(), want)
	}
	return nil
}

func newVolume(e resources.Resource, c OperationContext) error {
	for v := range c.Total.Volumes().All() {
		if v.PersistenceID() == e.PersistenceID() && v.Role() == e.Role() {
			return fmt.Errorf("create.volumes: disk.persistence.id %q is the id of a volume of role %q on this agent: choose another", e.PersistenceID(), e.Role())
		}
	}
	if c.Framework == nil {
		return nil
	}
	if e.IsShared() && !hasCapability(c.Framework, v1.FrameworkInfo_Capability_SHARED_RESOURCES) {
		return errors.New("create.volumes: shared needs the capability SHARED_RESOURCES")
	}
	want, got := c.Framework.GetPrincipal(), e.Disk().GetPersistence().Principal
	if want != "" && got != nil && *got != want {
		return fmt.Errorf("create.volumes: disk.persistence.principal %q is not the framework's own, %q", *got, want)
	}
	return nil
}

func hasCapability(f *v1.FrameworkInfo, t v1.FrameworkInfo_Capability_Type) bool {
	return slices.ContainsFunc(f.GetCapabilities(), func(c *v1.FrameworkInfo_Capability) bool { return c.GetType() == t })
}

// plain is the operation in the form that agents keep and compute with. Its
// resources are valid.
func plain(op *v1.Offer_Operation) *v1.Offer_Operation {
	op = proto.CloneOf(op)
	list := func(to *[]*v1.Resource) {
		if r, err := resources.FromProto(*to); err == nil {
			*to = r.Unallocate().Proto()
		}
	}
	one := func(to **v1.Resource) {
		if l := []*v1.Resource{*to}; *to != nil {
			list(&l)
			*to = l[0]
		}
	}
	switch op.GetType() {
	case v1.Offer_Operation_RESERVE:
		list(&op.Reserve.Source)
		list(&op.Reserve.Resources)
	case v1.Offer_Operation_UNRESERVE:
		list(&op.Unreserve.Resources)
	case v1.Offer_Operation_CREATE:
		list(&op.Create.Volumes)
	case v1.Offer_Operation_DESTROY:
		list(&op.Destroy.Volumes)
	case v1.Offer_Operation_GROW_VOLUME:
		one(&op.GrowVolume.Volume)
		one(&op.GrowVolume.Addition)
	case v1.Offer_Operation_SHRINK_VOLUME:
		one(&op.ShrinkVolume.Volume)
	case v1.Offer_Operation_CREATE_DISK:
		one(&op.CreateDisk.Source)
	case v1.Offer_Operation_DESTROY_DISK:
		one(&op.DestroyDisk.Source)
	}
	return op
}
