package allocator

import (
	"iter"
	"math/bits"
)

// Set is a set of client numbers.
type Set struct {
	words []uint64
}

// Has says whether id is in the set.
func (s *Set) Has(id ClientID) bool {
	w := int(id >> 6)
	return w < len(s.words) && s.words[w]&(1<<(uint(id)&63)) != 0
}

// Len is the number of members.
func (s *Set) Len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// All goes through the members in order. The set must not change meanwhile.
func (s *Set) All() iter.Seq[ClientID] {
	return func(yield func(ClientID) bool) {
		for i, w := range s.words {
			for ; w != 0; w &= w - 1 {
				if !yield(ClientID(i*64 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

func (s *Set) add(id ClientID) {
	w := int(id >> 6)
	for w >= len(s.words) {
		s.words = append(s.words, 0)
	}
	s.words[w] |= 1 << (uint(id) & 63)
}

func (s *Set) remove(id ClientID) {
	if w := int(id >> 6); w < len(s.words) {
		s.words[w] &^= 1 << (uint(id) & 63)
	}
}

// set makes s the same as o.
func (s *Set) set(o *Set) {
	s.words = append(s.words[:0], o.words...)
}

func (s *Set) isEmpty() bool {
	for _, w := range s.words {
		if w != 0 {
			return false
		}
	}
	return true
}

// meets says whether s and o have a member in common.
func (s *Set) meets(o *Set) bool {
	for i := range min(len(s.words), len(o.words)) {
		if s.words[i]&o.words[i] != 0 {
			return true
		}
	}
	return false
}

// addCommon adds what a and b have in common, and says whether that is anything.
func (s *Set) addCommon(a, b *Set) bool {
	n := min(len(a.words), len(b.words))
	for len(s.words) < n {
		s.words = append(s.words, 0)
	}
	var any uint64
	for i := range n {
		w := a.words[i] & b.words[i]
		s.words[i] |= w
		any |= w
	}
	return any != 0
}

func (s *Set) addAll(o *Set) { s.addCommon(o, o) }

func (s *Set) clear() {
	clear(s.words)
}

// subtract takes the members of o out of s.
func (s *Set) subtract(o *Set) {
	for i := range min(len(s.words), len(o.words)) {
		s.words[i] &^= o.words[i]
	}
}

// setMinus makes s the members of a that are not in b, and says whether there
// are any.
func (s *Set) setMinus(a, b *Set) bool {
	if cap(s.words) < len(a.words) {
		s.words = make([]uint64, len(a.words))
	}
	s.words = s.words[:len(a.words)]
	n := min(len(a.words), len(b.words))
	var any uint64
	for i := range n {
		w := a.words[i] &^ b.words[i]
		s.words[i] = w
		any |= w
	}
	for i := n; i < len(a.words); i++ {
		s.words[i] = a.words[i]
		any |= a.words[i]
	}
	return any != 0
}
