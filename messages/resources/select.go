package resources

// Filter returns the entries that keep accepts. If it accepts all, nothing is copied.
func (r Resources) Filter(keep func(Resource) bool) Resources {
	all := r.entries
	first := 0
	for first < len(all) && keep(all[first]) {
		first++
	}
	if first == len(all) {
		return r
	}
	var out []Resource
	if first > 0 {
		out = append(make([]Resource, 0, len(all)-1), all[:first]...)
	}
	for i := first + 1; i < len(all); i++ {
		if !keep(all[i]) {
			continue
		}
		if out == nil {
			out = make([]Resource, 0, len(all)-i)
		}
		out = append(out, all[i])
	}
	return fromSorted(out)
}

// Amount is how much there is to be of one entry, by its place among all.
type Amount struct {
	Place    int
	Quantity Quantity
}

// WithAmounts returns r with other amounts of some of its scalar entries, in the order of their places; one of 0 leaves the
// entry out. A disk that cannot be divided must have 0 or what it has.
func (r Resources) WithAmounts(amounts []Amount) Resources {
	out := make([]Resource, 0, len(r.entries))
	for i, e := range r.entries {
		if len(amounts) > 0 && amounts[0].Place == i {
			q := amounts[0].Quantity
			amounts = amounts[1:]
			if q == 0 {
				continue
			}
			if e.kind.typ == scalarType && !e.kind.atomic {
				e.amount = q
			}
		}
		out = append(out, e)
	}
	return fromSorted(out)
}

// Unreserved returns what has no reservation.
func (r Resources) Unreserved() Resources {
	return r.Filter(func(e Resource) bool { return !e.IsReserved() })
}

// Reserved returns what has a reservation.
func (r Resources) Reserved() Resources { return r.Filter(Resource.IsReserved) }

// ReservedTo returns what is reserved to exactly role.
func (r Resources) ReservedTo(role string) Resources {
	return r.Filter(func(e Resource) bool { return e.IsReserved() && e.kind.role == role })
}

// AllocatableTo returns what a framework in role may be given: what is
// unreserved, or reserved to role or an ancestor of it.
func (r Resources) AllocatableTo(role string) Resources {
	return r.Filter(func(e Resource) bool {
		return !e.IsReserved() || e.kind.role == role || IsStrictSubrole(role, e.kind.role)
	})
}

// Revocable returns what may be taken back at any time.
func (r Resources) Revocable() Resources { return r.Filter(Resource.IsRevocable) }

// NonRevocable returns the rest of Revocable.
func (r Resources) NonRevocable() Resources {
	return r.Filter(func(e Resource) bool { return !e.kind.revocable })
}

// Shared returns the shared volumes.
func (r Resources) Shared() Resources { return r.Filter(Resource.IsShared) }

// NonShared returns the rest of Shared.
func (r Resources) NonShared() Resources {
	return r.Filter(func(e Resource) bool { return !e.kind.shared })
}

// Reservations returns what is reserved, by role.
func (r Resources) Reservations() map[string]Resources {
	return groups(r.Reserved(), Resource.Role)
}

// Allocations returns all of r by the role it is allocated to; what is not
// allocated is under "".
func (r Resources) Allocations() map[string]Resources {
	return groups(r, Resource.AllocationRole)
}

func groups(r Resources, role func(Resource) string) map[string]Resources {
	out := map[string]Resources{}
	for _, e := range r.entries {
		key := role(e)
		out[key] = Resources{append(out[key].entries, e)}
	}
	return out
}

// Allocate returns r with all entries allocated to role, whatever they were before.
func (r Resources) Allocate(role string) Resources {
	same := true
	for i := range r.entries {
		same = same && r.entries[i].kind.alloc == role
	}
	if same {
		return r
	}
	out := make([]Resource, len(r.entries))
	for i, e := range r.entries {
		e.kind = e.kind.allocated(role)
		out[i] = e
	}
	// Allocation comes last in the order of kinds, so out is sorted; but entries
	// that differed only in it are now the same.
	return mergeNeighbours(out)
}

// Unallocate returns r without allocation roles.
func (r Resources) Unallocate() Resources { return r.Allocate("") }
