package isolators

import "context"

// Houser is an isolator that gives sandboxes a place of their own.
type Houser interface {
	// House is called before Prepare, when the sandbox of a container is there and
	// empty, and before anything is written to it. Cleanup follows in any case,
	// also after an error or when Prepare is never called.
	House(ctx context.Context, c Container) error
}

// House implements Houser: every part that can does.
func (s *Set) House(ctx context.Context, c Container) error {
	return s.each("house", func(p Isolator) error {
		if h, can := p.(Houser); can {
			return h.House(ctx, c)
		}
		return nil
	})
}
