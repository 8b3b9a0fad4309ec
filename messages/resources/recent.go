package resources

// Recent is what was worked out of the last few lists that it was asked about: what is free of agents that are alike comes
// again and again, and there are few kinds of it. The zero value knows nothing but of the empty list, which the zero T is.
type Recent[T any] struct {
	known [4]struct {
		of Resources
		is T
	}
	oldest int
}

// Find returns the place of what is known of r. If nothing is, known is false, and the caller fills the place; it is that
// of the list that was new longest ago, and still has what was known of that.
func (m *Recent[T]) Find(r Resources) (is *T, known bool) {
	for i := range m.known {
		if k := &m.known[i]; k.of.Same(r) {
			return &k.is, true
		}
	}
	k := &m.known[m.oldest]
	m.oldest = (m.oldest + 1) % len(m.known)
	k.of = r
	return &k.is, false
}
