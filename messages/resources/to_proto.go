package resources

import (
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// Proto returns r in the post-refinement format, in the order of entries. The
// messages are new, what they point to is shared and must not be changed. An
// indivisible disk that counts several times appears as often, so that FromProto
// gives r again.
func (r Resources) Proto() []*v1.Resource {
	out := make([]*v1.Resource, 0, len(r.entries))
	for i := range r.entries {
		for range r.entries[i].Count() {
			out = append(out, r.entries[i].Proto())
		}
	}
	return out
}

// EndpointProto returns r as operators' endpoints show it: the old fields role
// and reservation beside reservations, where they can say the same. A shared
// volume appears once, so that readers who add up get what exists.
func (r Resources) EndpointProto() []*v1.Resource {
	out := make([]*v1.Resource, 0, len(r.entries))
	for i := range r.entries {
		n := r.entries[i].Count()
		if r.entries[i].IsShared() {
			n = 1
		}
		for range n {
			m := r.entries[i].Proto()
			setOldFields(m)
			out = append(out, m)
		}
	}
	return out
}

// PreRefinementProto returns r in the format that clients without the capability
// RESERVATION_REFINEMENT read: role and reservation only. It fails if an entry
// has refined reservations, which that format cannot say; principal and labels of
// a static reservation, which it cannot say either, are left out.
func (r Resources) PreRefinementProto() ([]*v1.Resource, error) {
	for i := range r.entries {
		if e := &r.entries[i]; e.HasRefinedReservations() {
			return nil, fmt.Errorf("%v has %d reservations: the format without refinement allows one", e, len(e.kind.reservations))
		}
	}
	out := r.Proto()
	for _, m := range out {
		toPreRefinement(m)
	}
	return out, nil
}

// Proto returns one copy of the entry in the post-refinement format. The message
// is new, what it points to is shared and must not be changed.
func (e Resource) Proto() *v1.Resource {
	k := e.kind
	m := &v1.Resource{
		Name:         &k.name,
		Type:         &k.typ,
		ProviderId:   k.provider,
		Reservations: e.ReservationStack(),
		Disk:         e.Disk(),
	}
	switch k.typ {
	case scalarType:
		n := e.amount
		if k.atomic {
			n = k.size
		}
		f := n.Float()
		m.Scalar = &v1.Value_Scalar{Value: &f}
	case rangesType:
		m.Ranges = rangesMessage(e.ranges)
	case setType:
		m.Set = &v1.Value_Set{Item: e.Items()}
	}
	if k.alloc != "" {
		m.AllocationInfo = &v1.Resource_AllocationInfo{Role: &k.alloc}
	}
	if k.revocable {
		m.Revocable = &v1.Resource_RevocableInfo{}
	}
	if k.shared {
		m.Shared = &v1.Resource_SharedInfo{}
	}
	return m
}

// rangesMessage points into rs, which must not change after.
func rangesMessage(rs []Range) *v1.Value_Ranges {
	m := &v1.Value_Ranges{Range: make([]*v1.Value_Range, len(rs))}
	for i := range rs {
		m.Range[i] = &v1.Value_Range{Begin: &rs[i].Begin, End: &rs[i].End}
	}
	return m
}
