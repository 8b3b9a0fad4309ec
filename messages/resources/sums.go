package resources

import "slices"

// Scalar returns the sum over all entries of that name, of all roles, revocable
// ones included; a shared volume counts once.
func (r Resources) Scalar(name string) Quantity {
	var sum Quantity
	for i := range r.entries {
		if r.entries[i].kind.name == name {
			sum = sum.plus(r.entries[i].Quantity())
		}
	}
	return sum
}

// Reaches says whether r has of each name in q at least so much, as Scalar counts.
func (r Resources) Reaches(q Quantities) bool {
	for i := range q.sums {
		if r.Scalar(q.sums[i].name) < q.sums[i].n {
			return false
		}
	}
	return true
}

// CPUs returns Scalar("cpus"), in cores.
func (r Resources) CPUs() Quantity { return r.Scalar("cpus") }

// GPUs returns Scalar("gpus").
func (r Resources) GPUs() Quantity { return r.Scalar("gpus") }

// Mem returns Scalar("mem"), in MB.
func (r Resources) Mem() Quantity { return r.Scalar("mem") }

// Disk returns Scalar("disk"), in MB.
func (r Resources) Disk() Quantity { return r.Scalar("disk") }

// PortRanges returns the union of all ranges of that name, coalesced. It must
// not be changed.
func (r Resources) PortRanges(name string) []Range {
	var all []Range
	several := false
	for i := range r.entries {
		e := &r.entries[i]
		switch {
		case e.kind.name != name || len(e.ranges) == 0:
		case all == nil:
			all = slices.Clip(e.ranges)
		default:
			all = append(all, e.ranges...)
			several = true
		}
	}
	if several {
		all = coalesce(all)
	}
	return all
}

// Quantities returns the sums of all scalars by name. Ranges and sets do not
// count; a shared volume counts once.
func (r Resources) Quantities() Quantities {
	names := 0
	last := ""
	for i := range r.entries {
		if k := r.entries[i].kind; k.typ == scalarType && k.name != last {
			last = k.name
			names++
		}
	}
	// Entries of one name are neighbours.
	sums := make([]quantity, 0, names)
	for i := range r.entries {
		e := &r.entries[i]
		switch n := len(sums); {
		case e.kind.typ != scalarType:
		case n > 0 && sums[n-1].name == e.kind.name:
			sums[n-1].n = sums[n-1].n.plus(e.Quantity())
		default:
			sums = append(sums, quantity{e.kind.name, e.Quantity()})
		}
	}
	return collectQuantities(sums)
}
