package resources

import "slices"

// Accumulator adds up many Resources without a new list for each. The zero value
// is empty. It belongs to one goroutine; the Resources it takes and gives stay
// immutable.
type Accumulator struct {
	entries []Resource // owned; otherwise as in Resources
}

// Add adds r.
func (a *Accumulator) Add(r Resources) {
	at := 0
	for _, e := range r.entries {
		i, found := a.find(at, e.kind)
		if found {
			a.entries[i] = a.entries[i].plus(e)
		} else {
			a.entries = slices.Insert(a.entries, i, e)
		}
		at = i + 1
	}
}

// Sub takes r away. What is not there is ignored, as in [Resources.Sub].
func (a *Accumulator) Sub(r Resources) {
	at := 0
	for _, e := range r.entries {
		i, found := a.find(at, e.kind)
		at = i
		if !found {
			continue
		}
		if left := a.entries[i].minus(e); left.isZero() {
			a.entries = slices.Delete(a.entries, i, i+1)
		} else {
			a.entries[i] = left
		}
	}
}

// find returns where k is or belongs, not before at.
func (a *Accumulator) find(at int, k *kind) (int, bool) {
	if i := indexKind(a.entries[at:], k); i >= 0 {
		return at + i, true
	}
	i, _ := slices.BinarySearchFunc(a.entries[at:], k, func(e Resource, k *kind) int { return e.kind.compare(k) })
	return at + i, false
}

// Resources returns the sum so far. Later calls of Add and Sub do not change it.
func (a *Accumulator) Resources() Resources { return fromSorted(slices.Clone(a.entries)) }
