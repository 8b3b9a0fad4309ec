package resources

import (
	"slices"
	"strings"
)

// SummaryField is one field of the object by which /state and other unversioned
// endpoints show resources. Value is a float64 or a string.
type SummaryField struct {
	Key   string
	Value any
}

// Summary returns r by name over all roles: cpus, gpus, mem and disk always, then
// the other names alphabetically. Scalars are numbers, ranges text such as
// "[31000-32000]", sets text such as "{a, b}". Revocable entries are apart, under
// the name with "_revocable" added. A shared volume counts once. If one name has
// several types, which only a client's messages can say, the first one shows.
func (r Resources) Summary() []SummaryField {
	out := []SummaryField{{"cpus", 0.0}, {"gpus", 0.0}, {"mem", 0.0}, {"disk", 0.0}}
	always := len(out)
	for rest := r.entries; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].kind.name == rest[0].kind.name {
			n++
		}
		sameName := Resources{rest[:n]}
		out = summarize(out, rest[0].kind.name, sameName.NonRevocable())
		out = summarize(out, rest[0].kind.name+"_revocable", sameName.Revocable())
		rest = rest[n:]
	}
	slices.SortStableFunc(out[always:], func(a, b SummaryField) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(out, func(a, b SummaryField) bool { return a.Key == b.Key })
}

// summarize adds the sum of r, whose entries have one name, under key.
func summarize(out []SummaryField, key string, r Resources) []SummaryField {
	if r.IsEmpty() {
		return out
	}
	first := r.entries[0].kind
	var v any
	switch first.typ {
	case scalarType:
		v = r.Scalar(first.name).Float()
	case rangesType:
		v = string(appendRanges(nil, r.PortRanges(first.name)))
	default:
		v = string(appendItems(nil, r.itemsOf()))
	}
	for i := range out[:4] {
		if out[i].Key == key {
			out[i].Value = v
			return out
		}
	}
	return append(out, SummaryField{key, v})
}

// itemsOf returns the union of all sets in r.
func (r Resources) itemsOf() []string {
	var all []string
	for i := range r.entries {
		all = append(all, r.entries[i].items()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
