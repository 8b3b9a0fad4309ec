package resources

import (
	"slices"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

const (
	scalarType = v1.Value_SCALAR
	rangesType = v1.Value_RANGES
	setType    = v1.Value_SET
)

// FromProto validates ms and adds them up. It accepts reservations in the
// pre-refinement format (role, reservation), the post-refinement format
// (reservations), and both beside each other as endpoints show them. Entries
// with amount zero vanish. The error is an [*Error] about the first bad entry.
// ms is neither kept nor changed.
func FromProto(ms []*v1.Resource) (Resources, error) {
	entries := make([]Resource, 0, len(ms))
	for i, m := range ms {
		e, err := fromMessage(m)
		if err != nil {
			err.Index, err.Name = i, m.GetName()
			return Resources{}, err
		}
		if !e.isZero() {
			entries = append(entries, e)
		}
	}
	r := collect(entries)
	for i := range r.entries {
		if e := &r.entries[i]; e.amount > maxQuantity {
			err := fault("scalar.value", "adds up to more than %v", maxQuantity)
			err.Index, err.Name = -1, e.Name()
			return Resources{}, err
		}
	}
	return r, nil
}

// fromMessage makes one entry, possibly zero.
func fromMessage(m *v1.Resource) (Resource, *Error) {
	stack, err := validate(m)
	if err != nil {
		return Resource{}, err
	}
	var e Resource
	var size *Quantity
	switch m.GetType() {
	case scalarType:
		e.amount = FromFloat(m.Scalar.GetValue())
		if isAtomic(m) {
			n := e.amount
			size = &n
			e.amount = min(n, 1)
		}
	case rangesType:
		e.ranges = rangesFrom(m.Ranges)
	case setType:
		if items := m.Set.Item; len(items) > 0 {
			e.more = &more{items: slices.Sorted(slices.Values(items))}
		}
	}
	if e.isZero() {
		return e, nil // no kind for it
	}
	e.kind = kindOf(m, stack, size)
	if d := m.Disk; d != nil && (d.Volume != nil || d.Persistence.GetPrincipal() != "") {
		e.more = &more{disk: proto.CloneOf(d)}
	}
	return e, nil
}

func rangesFrom(m *v1.Value_Ranges) []Range {
	if len(m.Range) == 0 {
		return nil
	}
	rs := make([]Range, len(m.Range))
	for i, r := range m.Range {
		rs[i] = Range{r.GetBegin(), r.GetEnd()}
	}
	return coalesce(rs)
}

// isAtomic says whether m is a disk that can only be used whole.
func isAtomic(m *v1.Resource) bool {
	if m.Shared != nil || m.Disk.GetPersistence() != nil {
		return true
	}
	switch source := m.Disk.GetSource(); source.GetType() {
	case v1.Resource_DiskInfo_Source_MOUNT, v1.Resource_DiskInfo_Source_BLOCK:
		return true
	case v1.Resource_DiskInfo_Source_RAW:
		return source.Id != nil
	}
	return false
}

// kindOf interns the kind of a validated message.
func kindOf(m *v1.Resource, stack []*v1.Resource_ReservationInfo, size *Quantity) *kind {
	var buf [256]byte
	key := appendKey(buf[:0], m, stack, size)
	k := interned.findKey(key)
	if k == nil {
		k = internFacts(factsOf(m, stack, size, string(key)))
	}
	return k.allocated(m.GetAllocationInfo().GetRole())
}

func factsOf(m *v1.Resource, stack []*v1.Resource_ReservationInfo, size *Quantity, key string) facts {
	f := facts{
		key:       key,
		name:      m.GetName(),
		typ:       m.GetType(),
		role:      "*",
		revocable: m.Revocable != nil,
		shared:    m.Shared != nil,
		atomic:    size != nil,
	}
	for _, r := range stack {
		r = proto.CloneOf(r)
		sortLabels(r.Labels)
		f.reservations = append(f.reservations, r)
		f.role = r.GetRole()
		f.dynamic = r.GetType() == v1.Resource_ReservationInfo_DYNAMIC
	}
	if size != nil {
		f.size = *size
	}
	if m.Disk != nil {
		f.disk = proto.CloneOf(m.Disk)
		f.disk.Volume = nil
		if f.disk.Persistence != nil {
			f.disk.Persistence.Principal = nil
		}
		sortLabels(f.disk.GetSource().GetMetadata())
	}
	if m.ProviderId != nil {
		f.provider = proto.CloneOf(m.ProviderId)
	}
	return f
}

// sortLabels makes what a kind shows independent of who was interned first.
func sortLabels(l *v1.Labels) {
	if l != nil {
		slices.SortFunc(l.Labels, compareLabels)
	}
}
