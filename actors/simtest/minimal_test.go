package simtest

import (
	"slices"
	"testing"
)

// minimal leaves out of all as much as it can while what is left still fails, by delta debugging: first large parts, then
// smaller ones. fails is asked at most so many times.
func minimal(all []int, fails func(kept []int) bool, tries int) []int {
	kept := slices.Clone(all)
	for parts := 2; len(kept) > 0 && parts <= 2*len(kept); {
		size := max(1, len(kept)/parts)
		smaller := false
		// From the end: what came after the failure goes first.
		for to := len(kept); to > 0 && tries > 0; to -= size {
			from := max(0, to-size)
			rest := slices.Concat(kept[:from], kept[to:])
			tries--
			if fails(rest) {
				kept, smaller = rest, true
			}
		}
		switch {
		case tries == 0 || size == 1 && !smaller:
			return kept
		case !smaller:
			parts *= 2
		}
	}
	return kept
}

func TestMinimal(t *testing.T) {
	upTo := func(n int) (all []int) {
		for i := range n {
			all = append(all, i)
		}
		return all
	}
	has := func(kept []int, wanted ...int) bool {
		for _, w := range wanted {
			if !slices.Contains(kept, w) {
				return false
			}
		}
		return true
	}
	for _, tt := range []struct {
		name  string
		n     int
		fails func([]int) bool
		tries int
		want  []int
	}{
		{"one culprit", 100, func(k []int) bool { return has(k, 37) }, 1000, []int{37}},
		{"two far apart", 160, func(k []int) bool { return has(k, 3, 150) }, 1000, []int{3, 150}},
		{"either of two", 10, func(k []int) bool { return has(k, 2) || has(k, 7) }, 1000, []int{2}},
		{"three", 64, func(k []int) bool { return has(k, 0, 31, 63) }, 1000, []int{0, 31, 63}},
		{"nothing is needed", 8, func([]int) bool { return true }, 1000, nil},
		{"all are needed", 5, func(k []int) bool { return len(k) == 5 }, 1000, []int{0, 1, 2, 3, 4}},
		{"only one", 1, func(k []int) bool { return len(k) == 1 }, 1000, []int{0}},
		{"no events", 0, func([]int) bool { return true }, 1000, nil},
		{"no more tries", 8, func(k []int) bool { return has(k, 1) }, 1, []int{0, 1, 2, 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := minimal(upTo(tt.n), tt.fails, tt.tries); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
