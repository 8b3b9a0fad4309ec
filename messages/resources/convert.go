package resources

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// Conversion is what an operation does to a list of resources: Consumed goes,
// Converted comes in its place. Amounts by name are the same on both sides.
type Conversion struct {
	Consumed, Converted Resources
}

// Convert reads a RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME or
// SHRINK_VOLUME, in either format of reservations, and says what it does. The
// error names the field, its value and the rule. Allocations are kept: what is
// allocated to a role stays so. Whether the resources are there is not asked;
// see [Resources.Apply].
func Convert(op *v1.Offer_Operation) (Conversion, error) {
	switch op.GetType() {
	case v1.Offer_Operation_RESERVE:
		if op.Reserve == nil {
			return Conversion{}, missing(op)
		}
		return reserve(op.GetReserve())
	case v1.Offer_Operation_UNRESERVE:
		if op.Unreserve == nil {
			return Conversion{}, missing(op)
		}
		return unreserve(op.GetUnreserve())
	case v1.Offer_Operation_CREATE:
		if op.Create == nil {
			return Conversion{}, missing(op)
		}
		return create(op.GetCreate())
	case v1.Offer_Operation_DESTROY:
		if op.Destroy == nil {
			return Conversion{}, missing(op)
		}
		return destroy(op.GetDestroy())
	case v1.Offer_Operation_GROW_VOLUME:
		if op.GrowVolume == nil {
			return Conversion{}, missing(op)
		}
		return grow(op.GetGrowVolume())
	case v1.Offer_Operation_SHRINK_VOLUME:
		if op.ShrinkVolume == nil {
			return Conversion{}, missing(op)
		}
		return shrink(op.GetShrinkVolume())
	}
	return Conversion{}, fmt.Errorf("type %s is no operation on reservations or volumes", op.GetType())
}

func missing(op *v1.Offer_Operation) error {
	return fmt.Errorf("type is %s: the field of that name must be set", op.GetType())
}

// Unallocated is the conversion without allocation roles, as an agent applies it.
func (c Conversion) Unallocated() Conversion {
	return Conversion{c.Consumed.Unallocate(), c.Converted.Unallocate()}
}

// Inverse undoes the conversion.
func (c Conversion) Inverse() Conversion { return Conversion{c.Converted, c.Consumed} }

// Apply returns r with a conversion carried out. It is refused if r does not
// hold what is consumed.
func (r Resources) Apply(c Conversion) (Resources, error) {
	if !r.Contains(c.Consumed) {
		return r, fmt.Errorf("%v is needed and not there: of %v", c.Consumed.Unallocate(), r.Unallocate())
	}
	return r.Sub(c.Consumed).Add(c.Converted), nil
}

// read validates the entries of a field, which must name something.
func read(field string, ms []*v1.Resource) (Resources, error) {
	r, err := FromProto(ms)
	if err != nil {
		return r, fmt.Errorf("%s: %w", field, err)
	}
	if r.IsEmpty() {
		return r, fmt.Errorf("%s must name at least one resource that is not zero", field)
	}
	return r, nil
}

// mapped changes every copy of every entry of r. change gets a message that is
// its own, with the reservations to be replaced rather than changed.
func mapped(field string, r Resources, change func(m *v1.Resource) error) (Resources, error) {
	ms := r.Proto()
	for _, m := range ms {
		if err := change(m); err != nil {
			return Resources{}, fmt.Errorf("%s: %s %w", field, m.GetName(), err)
		}
	}
	out, err := FromProto(ms)
	if err != nil {
		return out, fmt.Errorf("%s: %w", field, err)
	}
	return out, nil
}

// plainDisk takes a volume's persistence off m: what is left is disk space.
func plainDisk(m *v1.Resource) {
	m.Shared = nil
	if m.Disk == nil {
		return
	}
	d := proto.CloneOf(m.Disk)
	d.Persistence, d.Volume = nil, nil
	m.Disk = d
	if d.Source == nil {
		m.Disk = nil
	}
}
