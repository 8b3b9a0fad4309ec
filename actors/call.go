package actors

import "fmt"

// Call runs f on the actor and returns its result: the way for goroutines outside, like HTTP handlers, to read or
// change an actor's state. It returns ErrStopped, and f does not run afterwards, if the actor is gone or stops before f
// ran. It must not be called from an actor, which would wait for itself or for another actor.
func Call[T any](p *Process, f func() T) (T, error) {
	result := make(chan T, 1)
	p.Dispatch(func() { result <- f() })
	select {
	case r := <-result:
		return r, nil
	case <-p.done:
	}
	select { // it may have run just before the actor stopped
	case r := <-result:
		return r, nil
	default:
		var zero T
		return zero, fmt.Errorf("call actor %q: %w", p.self.ID, ErrStopped)
	}
}
