package resources

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Quantities are amounts of scalars by name, without roles or any other part of
// a kind: what fairness, quota and minimums are counted in. They are immutable;
// the zero value is empty; a name that is not there has amount 0.
type Quantities struct {
	sums []quantity // sorted by name, no zeros
}

type quantity struct {
	name string
	n    Quantity
}

// QuantitiesFrom adds up seq. Amounts must not be negative.
func QuantitiesFrom(seq iter.Seq2[string, Quantity]) Quantities {
	var sums []quantity
	for name, n := range seq {
		sums = append(sums, quantity{name, n})
	}
	return collectQuantities(sums)
}

// collectQuantities sorts sums, adds up equal names, drops zeros, and takes ownership.
func collectQuantities(sums []quantity) Quantities {
	slices.SortFunc(sums, func(a, b quantity) int { return strings.Compare(a.name, b.name) })
	out := sums[:0]
	for _, s := range sums {
		switch last := len(out) - 1; {
		case s.n == 0:
		case last >= 0 && out[last].name == s.name:
			out[last].n = out[last].n.plus(s.n)
		default:
			out = append(out, s)
		}
	}
	return Quantities{out}
}

// Get returns the amount of name.
func (q Quantities) Get(name string) Quantity {
	for i := range q.sums {
		if q.sums[i].name == name {
			return q.sums[i].n
		}
	}
	return 0
}

// IsEmpty says whether all amounts are 0.
func (q Quantities) IsEmpty() bool { return len(q.sums) == 0 }

// Len returns the number of names.
func (q Quantities) Len() int { return len(q.sums) }

// All goes through the names in alphabetical order.
func (q Quantities) All() iter.Seq2[string, Quantity] {
	return func(yield func(string, Quantity) bool) {
		for _, s := range q.sums {
			if !yield(s.name, s.n) {
				return
			}
		}
	}
}

// Equal says whether all amounts are the same.
func (q Quantities) Equal(o Quantities) bool { return slices.Equal(q.sums, o.sums) }

// Contains says whether no amount of o is more than that of q.
func (q Quantities) Contains(o Quantities) bool {
	a := q.sums
	for _, s := range o.sums {
		for len(a) > 0 && a[0].name < s.name {
			a = a[1:]
		}
		if len(a) == 0 || a[0].name != s.name || a[0].n < s.n {
			return false
		}
	}
	return true
}

// Add returns the sums of both sides.
func (q Quantities) Add(o Quantities) Quantities {
	a, b := q.sums, o.sums
	if len(a) == 0 {
		return o
	}
	if len(b) == 0 {
		return q
	}
	out := make([]quantity, 0, max(len(a), len(b)))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].name < b[0].name:
			out, a = append(out, a[0]), a[1:]
		case a[0].name > b[0].name:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, quantity{a[0].name, a[0].n.plus(b[0].n)})
			a, b = a[1:], b[1:]
		}
	}
	return Quantities{append(append(out, a...), b...)}
}

// Sub returns q less o, each amount down to 0.
func (q Quantities) Sub(o Quantities) Quantities {
	if len(q.sums) == 0 || len(o.sums) == 0 {
		return q
	}
	out := make([]quantity, 0, len(q.sums))
	b := o.sums
	for _, s := range q.sums {
		for len(b) > 0 && b[0].name < s.name {
			b = b[1:]
		}
		if len(b) > 0 && b[0].name == s.name {
			s.n = s.n.minus(b[0].n)
		}
		if s.n > 0 {
			out = append(out, s)
		}
	}
	return Quantities{out}
}

// String prints q as ParseQuantities reads it: "cpus:0.5; mem:32". Empty is "{}".
func (q Quantities) String() string {
	if q.IsEmpty() {
		return nothing
	}
	var b []byte
	for i, s := range q.sums {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = append(append(b, s.name...), ':')
		b = s.n.append(b)
	}
	return string(b)
}

// ParseQuantities reads "cpus:0.01;mem:32". A name that occurs twice is added up.
func ParseQuantities(text string) (Quantities, error) {
	var sums []quantity
	if strings.TrimSpace(text) == nothing {
		return Quantities{}, nil
	}
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, amount, found := strings.Cut(part, ":")
		name = strings.TrimSpace(name)
		if !found || name == "" {
			return Quantities{}, fmt.Errorf("quantity %.60q must be name:number", part)
		}
		v, err := parseValue(amount)
		if err == nil && v.typ != scalarType {
			err = fmt.Errorf("%.60q must be a number", strings.TrimSpace(amount))
		}
		if err == nil {
			err = checkScalar(v.scalar)
		}
		if err != nil {
			return Quantities{}, fmt.Errorf("quantity %q: %w", name, err)
		}
		sums = append(sums, quantity{name, FromFloat(v.scalar)})
	}
	return collectQuantities(sums), nil
}
