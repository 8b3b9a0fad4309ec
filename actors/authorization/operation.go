package authorization

import (
	"slices"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Operation asks whether a principal may carry out an operation that is valid, and converts c.
func (r *Rules) Operation(principal string, op *v1.Offer_Operation, c resources.Conversion) error {
	if r == nil {
		return nil
	}
	switch op.GetType() {
	case v1.Offer_Operation_RESERVE:
		if err := r.each(principal, "reserve resources", ReserveResources, c.Converted, c.Consumed, reservedTo); err != nil {
			return err
		}
		if len(op.GetReserve().GetSource()) == 0 {
			return nil
		}
		return r.each(principal, "unreserve resources", UnreserveResources, c.Consumed, c.Converted, reservedBy)
	case v1.Offer_Operation_UNRESERVE:
		return r.each(principal, "unreserve resources", UnreserveResources, c.Consumed, c.Converted, reservedBy)
	case v1.Offer_Operation_CREATE:
		return r.volumes(principal, "create persistent volumes", CreateVolumes, c.Converted, resources.Resource.Role)
	case v1.Offer_Operation_DESTROY:
		return r.volumes(principal, "destroy persistent volumes", DestroyVolumes, c.Consumed, madeBy)
	case v1.Offer_Operation_GROW_VOLUME:
		return r.volumes(principal, "grow a volume", ResizeVolumes, c.Consumed, resources.Resource.Role)
	case v1.Offer_Operation_SHRINK_VOLUME:
		return r.volumes(principal, "shrink a volume", ResizeVolumes, c.Consumed, resources.Resource.Role)
	case v1.Offer_Operation_CREATE_DISK:
		a := CreateMountDisks
		if op.GetCreateDisk().GetTargetType() == v1.Resource_DiskInfo_Source_BLOCK {
			a = CreateBlockDisks
		}
		return r.volumes(principal, "create a disk", a, c.Consumed, resources.Resource.Role)
	case v1.Offer_Operation_DESTROY_DISK:
		return r.disks(principal, c.Consumed)
	}
	return nil
}

// each asks for every dynamic reservation of some resources that others do not have. object is what the rules are about.
func (r *Rules) each(principal, what string, a Action, of, but resources.Resources, object func(*v1.Resource_ReservationInfo) string) error {
	known := reservations(but)
	for _, x := range reservations(of) {
		if slices.ContainsFunc(known, func(k *v1.Resource_ReservationInfo) bool { return proto.Equal(k, x) }) {
			continue
		}
		if err := r.as(principal, what, a, object(x)); err != nil {
			return err
		}
	}
	return nil
}

func reservations(of resources.Resources) (out []*v1.Resource_ReservationInfo) {
	for e := range of.All() {
		for _, x := range e.ReservationStack() {
			if x.GetType() == v1.Resource_ReservationInfo_DYNAMIC {
				out = append(out, x)
			}
		}
	}
	return out
}

func reservedTo(x *v1.Resource_ReservationInfo) string { return x.GetRole() }
func reservedBy(x *v1.Resource_ReservationInfo) string { return x.GetPrincipal() }
func madeBy(e resources.Resource) string               { return e.Disk().GetPersistence().GetPrincipal() }

// volumes asks for every volume or disk.
func (r *Rules) volumes(principal, what string, a Action, of resources.Resources, object func(resources.Resource) string) error {
	for e := range of.All() {
		if e.Disk() == nil {
			continue // what a volume grows by
		}
		if err := r.as(principal, what, a, object(e)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rules) disks(principal string, of resources.Resources) error {
	for e := range of.All() {
		a := DestroyMountDisks
		switch e.Disk().GetSource().GetType() {
		case v1.Resource_DiskInfo_Source_BLOCK:
			a = DestroyBlockDisks
		case v1.Resource_DiskInfo_Source_RAW:
			a = DestroyRawDisks
		}
		if err := r.as(principal, "destroy a disk", a, e.Role()); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rules) as(principal, what string, a Action, object string) error {
	return r.check(a, principal, object).say("Not authorized to " + what + " as '" + principal + "'")
}
