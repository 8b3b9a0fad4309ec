package resources

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// Range is a range of whole numbers, both ends included, Begin ≤ End.
type Range struct{ Begin, End uint64 }

// coalesce sorts rs in place and joins what overlaps or touches.
func coalesce(rs []Range) []Range {
	slices.SortFunc(rs, compareRanges)
	out := rs[:0]
	for _, r := range rs {
		out = appendRange(out, r)
	}
	return out
}

func compareRanges(a, b Range) int { return cmp.Compare(a.Begin, b.Begin) }

// appendRange adds r to a coalesced list in which no range begins after r does.
func appendRange(rs []Range, r Range) []Range {
	if n := len(rs); n > 0 && touches(rs[n-1], r) {
		rs[n-1].End = max(rs[n-1].End, r.End)
		return rs
	}
	return append(rs, r)
}

// touches says whether b, which begins no earlier than a, overlaps or directly follows it.
func touches(a, b Range) bool { return a.End == math.MaxUint64 || b.Begin <= a.End+1 }

// unionRanges returns a ∪ b. All lists here are coalesced; results may share a or b.
func unionRanges(a, b []Range) []Range {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]Range, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Begin <= b[0].Begin {
			out, a = appendRange(out, a[0]), a[1:]
		} else {
			out, b = appendRange(out, b[0]), b[1:]
		}
	}
	for _, r := range a {
		out = appendRange(out, r)
	}
	for _, r := range b {
		out = appendRange(out, r)
	}
	return out
}

// subtractRanges returns a \ b.
func subtractRanges(a, b []Range) []Range {
	if len(a) == 0 || len(b) == 0 {
		return a
	}
	if slices.Equal(a, b) {
		return nil
	}
	out := make([]Range, 0, len(a)+len(b))
	for _, r := range a {
		for len(b) > 0 && b[0].End < r.Begin {
			b = b[1:]
		}
		out, b = cut(out, r, b)
	}
	return out
}

// cut appends what b leaves of r, and returns the rest of b, which may reach beyond r.
func cut(out []Range, r Range, b []Range) ([]Range, []Range) {
	for len(b) > 0 && b[0].Begin <= r.End {
		if b[0].Begin > r.Begin {
			out = append(out, Range{r.Begin, b[0].Begin - 1})
		}
		if b[0].End >= r.End {
			return out, b
		}
		r.Begin = b[0].End + 1
		b = b[1:]
	}
	return append(out, r), b
}

// containsRanges says whether b ⊆ a.
func containsRanges(a, b []Range) bool {
	for _, r := range b {
		for len(a) > 0 && a[0].End < r.Begin {
			a = a[1:]
		}
		if len(a) == 0 || r.Begin < a[0].Begin || r.End > a[0].End {
			return false
		}
	}
	return true
}

// appendRanges prints rs as "[1-2, 5-9]".
func appendRanges(b []byte, rs []Range) []byte {
	b = append(b, '[')
	for i, r := range rs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendUint(b, r.Begin, 10)
		b = append(b, '-')
		b = strconv.AppendUint(b, r.End, 10)
	}
	return append(b, ']')
}
