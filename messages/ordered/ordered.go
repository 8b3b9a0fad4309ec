// Package ordered ranges over maps in the order of their keys: for loops whose order comes to light in messages, so that
// the same inputs have the same outcome. Every package calls it; it holds nothing.
package ordered

import (
	"cmp"
	"iter"
	"slices"
)

// All ranges over m by rising key. The loop may delete from m, and what it deletes it does not meet any more; what it
// adds it does not meet.
func All[M ~map[K]V, K cmp.Ordered, V any](m M) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if len(m) < 2 { // as most are
			for k, v := range m {
				yield(k, v)
				return
			}
			return
		}
		keys := make([]K, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if v, there := m[k]; there && !yield(k, v) {
				return
			}
		}
	}
}
