package resources

import (
	"slices"

	v1 "mesos/messages/mesos/v1"
)

// Resource is one entry of a Resources: a kind and an amount. It is immutable.
// What its methods return must not be changed.
type Resource struct {
	kind   *kind
	amount Quantity // of a scalar; of an atomic kind the number of copies
	ranges []Range  // of a RANGES entry, coalesced
	more   *more    // nil for most entries
}

// more is what few entries have.
type more struct {
	items []string              // of a SET entry, sorted
	disk  *v1.Resource_DiskInfo // disk as it was given, where the kind's says less
}

// Name returns the name, such as "cpus".
func (e Resource) Name() string { return e.kind.name }

// Type returns SCALAR, RANGES or SET.
func (e Resource) Type() v1.Value_Type { return e.kind.typ }

// Quantity returns the amount of a scalar, 0 of ranges and sets. A shared volume
// counts once however often it was added.
func (e Resource) Quantity() Quantity {
	switch {
	case e.kind.shared:
		return e.kind.size
	case e.kind.atomic:
		return e.kind.size.times(e.amount)
	}
	return e.amount
}

// Count returns how many copies of an indivisible disk the entry stands for: for
// a shared volume how often it was added. It is 1 for all other entries.
func (e Resource) Count() int {
	if e.kind.atomic {
		return int(e.amount)
	}
	return 1
}

// Ranges returns the ranges of a RANGES entry, sorted and coalesced.
func (e Resource) Ranges() []Range { return slices.Clip(e.ranges) }

// Items returns the items of a SET entry, sorted.
func (e Resource) Items() []string { return slices.Clip(e.items()) }

func (e Resource) items() []string {
	if e.more == nil {
		return nil
	}
	return e.more.items
}

// Role returns the role that the entry is reserved to, the most refined one of
// its reservations; "*" if it is unreserved.
func (e Resource) Role() string { return e.kind.role }

// AllocationRole returns the role that the entry is allocated to; "" if none.
func (e Resource) AllocationRole() string { return e.kind.alloc }

// IsReserved says whether the entry has a reservation.
func (e Resource) IsReserved() bool { return len(e.kind.reservations) > 0 }

// IsDynamicallyReserved says whether the last reservation was made at run time.
func (e Resource) IsDynamicallyReserved() bool { return e.kind.dynamic }

// HasRefinedReservations says whether there is more than one reservation, which
// the pre-refinement format cannot say.
func (e Resource) HasRefinedReservations() bool { return len(e.kind.reservations) > 1 }

// ReservationStack returns the reservations, the coarsest role first.
func (e Resource) ReservationStack() []*v1.Resource_ReservationInfo {
	return slices.Clip(e.kind.reservations)
}

// IsRevocable says whether the entry may be taken back from its user at any time.
func (e Resource) IsRevocable() bool { return e.kind.revocable }

// IsShared says whether several frameworks may use the entry at a time.
func (e Resource) IsShared() bool { return e.kind.shared }

// Disk returns the DiskInfo; nil if the entry has none.
func (e Resource) Disk() *v1.Resource_DiskInfo {
	if d := e.details(); d != nil {
		return d
	}
	return e.kind.disk
}

// details is the disk as it was given, nil where the kind says it all.
func (e *Resource) details() *v1.Resource_DiskInfo {
	if e.more == nil {
		return nil
	}
	return e.more.disk
}

// PersistenceID returns the id of a persistent volume; "" for all else.
func (e Resource) PersistenceID() string { return e.kind.disk.GetPersistence().GetId() }

// ProviderID returns the id of the resource provider; "" if it is the agent.
func (e Resource) ProviderID() string { return e.kind.provider.GetValue() }

func (e Resource) isZero() bool {
	return e.amount == 0 && len(e.ranges) == 0 && len(e.items()) == 0
}

// The operations below are for entries of the same kind.

func (e Resource) plus(o Resource) Resource {
	e.amount = e.amount.plus(o.amount)
	e.ranges = unionRanges(e.ranges, o.ranges)
	if len(o.items()) > 0 {
		e.more = &more{items: unionItems(e.items(), o.items())}
	}
	return e
}

func (e Resource) minus(o Resource) Resource {
	e.amount = e.amount.minus(o.amount)
	if len(o.ranges) > 0 {
		e.ranges = subtractRanges(e.ranges, o.ranges)
	}
	if len(o.items()) > 0 {
		e.more = &more{items: subtractItems(e.items(), o.items())}
	}
	return e
}

func (e *Resource) contains(o *Resource) bool {
	return e.amount >= o.amount &&
		containsRanges(e.ranges, o.ranges) &&
		(o.more == nil || containsItems(e.items(), o.more.items))
}

func (e *Resource) equal(o *Resource) bool {
	return e.kind == o.kind && e.amount == o.amount &&
		slices.Equal(e.ranges, o.ranges) &&
		slices.Equal(e.items(), o.items())
}
