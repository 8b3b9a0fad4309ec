package resources

import (
	"iter"
	"slices"
)

// Resources is an immutable list of entries, one per kind, in the order that the
// package comment gives. The zero value is empty. Copies share their entries.
type Resources struct {
	entries []Resource // sorted by kind; never changed once a Resources has them
}

// IsEmpty says whether there is no entry.
func (r Resources) IsEmpty() bool { return len(r.entries) == 0 }

// Len returns the number of entries.
func (r Resources) Len() int { return len(r.entries) }

// At returns the i-th entry.
func (r Resources) At(i int) Resource { return r.entries[i] }

// All goes through the entries in order.
func (r Resources) All() iter.Seq[Resource] { return slices.Values(r.entries) }

// same says whether both are one list, as copies are: then all that is said of the amounts is known without a look.
func same(a, b []Resource) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Equal says whether r and o hold the same amounts of the same kinds.
func (r Resources) Equal(o Resources) bool {
	if same(r.entries, o.entries) {
		return true
	}
	if len(r.entries) != len(o.entries) {
		return false
	}
	for i := range r.entries {
		if !r.entries[i].equal(&o.entries[i]) {
			return false
		}
	}
	return true
}

// Same says whether r can stand for o in every respect: they are equal, and so are the details of their disks that do not
// tell kinds apart, such as where a volume is seen. Details that came from two messages count as different.
func (r Resources) Same(o Resources) bool {
	if same(r.entries, o.entries) {
		return true
	}
	if !r.Equal(o) {
		return false
	}
	for i := range r.entries {
		if r.entries[i].details() != o.entries[i].details() {
			return false
		}
	}
	return true
}

// Contains says whether all of o is in r, so that r.Sub(o).Add(o) is r. It does
// not allocate.
func (r Resources) Contains(o Resources) bool {
	a := r.entries
	if same(a, o.entries) {
		return true
	}
	for i := range o.entries {
		e := &o.entries[i]
		// Both are sorted: e.kind cannot be before the last one found.
		for len(a) > 0 && a[0].kind != e.kind {
			a = a[1:]
		}
		if len(a) == 0 || !a[0].contains(e) {
			return false
		}
		a = a[1:]
	}
	return true
}

// Add returns all of r and o. It allocates the new list, and new ranges and sets
// where both sides have some.
func (r Resources) Add(o Resources) Resources {
	a, b := r.entries, o.entries
	if len(a) == 0 {
		return o
	}
	if len(b) == 0 {
		return r
	}
	out := make([]Resource, 0, len(a)+countMissing(a, b))
	for len(a) > 0 && len(b) > 0 {
		switch c := a[0].kind.compare(b[0].kind); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0].plus(b[0])), a[1:], b[1:]
		}
	}
	return Resources{append(append(out, a...), b...)}
}

// countMissing returns how many kinds of b are not in a.
func countMissing(a, b []Resource) int {
	missing := 0
	for i := range b {
		j := indexKind(a, b[i].kind)
		if j < 0 {
			missing++
			continue
		}
		a = a[j+1:]
	}
	return missing
}

// indexKind finds k. For the few entries of a usual list a look at each pointer
// is the fastest; the search by order is for hostile lists.
func indexKind(entries []Resource, k *kind) int {
	if len(entries) > 64 {
		i, found := slices.BinarySearchFunc(entries, k, func(e Resource, k *kind) int { return e.kind.compare(k) })
		if !found {
			return -1
		}
		return i
	}
	for i := range entries {
		if entries[i].kind == k {
			return i
		}
	}
	return -1
}

// Sub returns r without o. The caller makes sure that r contains o; what is not
// there to be taken away is ignored, so nothing becomes negative. It allocates
// the new list, and new ranges and sets where some remain.
func (r Resources) Sub(o Resources) Resources {
	if len(o.entries) == 0 || len(r.entries) == 0 {
		return r
	}
	if r.Equal(o) {
		return Resources{}
	}
	out := make([]Resource, 0, len(r.entries))
	a := r.entries
	for i := range o.entries {
		j := indexKind(a, o.entries[i].kind)
		if j < 0 {
			continue
		}
		out = append(out, a[:j]...)
		if left := a[j].minus(o.entries[i]); !left.isZero() {
			out = append(out, left)
		}
		a = a[j+1:]
	}
	return fromSorted(append(out, a...))
}

// fromSorted takes ownership of sorted entries.
func fromSorted(entries []Resource) Resources {
	if len(entries) == 0 {
		return Resources{}
	}
	return Resources{entries}
}

// collect sorts entries, merges those of the same kind, and takes ownership.
func collect(entries []Resource) Resources {
	slices.SortStableFunc(entries, func(a, b Resource) int { return a.kind.compare(b.kind) })
	return mergeNeighbours(entries)
}

// mergeNeighbours merges sorted entries of the same kind in place. Each group is
// merged in one go: a hostile list may have one port per entry.
func mergeNeighbours(entries []Resource) Resources {
	out := entries[:0]
	for len(entries) > 0 {
		n := 1
		for n < len(entries) && entries[n].kind == entries[0].kind {
			n++
		}
		out = append(out, mergeSame(entries[:n]))
		entries = entries[n:]
	}
	return fromSorted(out)
}

// mergeSame adds up entries of one kind.
func mergeSame(es []Resource) Resource {
	sum := es[0]
	if len(es) == 1 {
		return sum
	}
	var ranges []Range
	var items []string
	for i, e := range es {
		if i > 0 {
			sum.amount = sum.amount.plus(e.amount)
		}
		ranges = append(ranges, e.ranges...)
		items = append(items, e.items()...)
	}
	sum.ranges = coalesce(ranges)
	if len(items) > 0 {
		slices.Sort(items)
		sum.more = &more{items: slices.Compact(items)}
	}
	return sum
}
