package isolators

// Classifier is an isolator that gives the packets of containers a class.
type Classifier interface {
	// NetClass is that of a container: a handle of traffic control, its primary part
	// in the upper 16 bits. 0 for one without, or that is not known. A nested one that
	// shares the limits of its parent has its parent's.
	NetClass(id string) uint32
}

// NetClass implements Classifier: what the first part knows that knows any.
func (s *Set) NetClass(id string) uint32 {
	for _, p := range s.parts {
		if c, can := p.(Classifier); can {
			if class := c.NetClass(id); class != 0 {
				return class
			}
		}
	}
	return 0
}
