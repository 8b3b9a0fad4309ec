package allocator

import (
	"errors"

	"mesos/actors"
)

// Pulse returns when the actor has answered, behind a pass that is under way. It
// may be called from any goroutine; the error is that the actor has not started or
// has stopped.
func (a *Actor) Pulse() error {
	a.mu.Lock()
	p := a.p
	a.mu.Unlock()
	if p == nil {
		return errors.New("the allocator has not started")
	}
	_, err := actors.Call(p, func() struct{} { return struct{}{} })
	return err
}
