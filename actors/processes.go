package actors

import (
	"cmp"
	"slices"
)

// Queue is an actor with what waits for it.
type Queue struct {
	ID         string
	Messages   int
	Dispatches int // functions, and sessions that ended
}

// Queues are the live actors of the System, by id. Any goroutine may ask.
func (s *System) Queues() []Queue {
	s.mu.RLock()
	all := make([]Queue, 0, len(s.processes))
	for id, p := range s.processes {
		messages, dispatches := p.Waiting()
		all = append(all, Queue{id, messages, dispatches})
	}
	s.mu.RUnlock()
	slices.SortFunc(all, func(x, y Queue) int { return cmp.Compare(x.ID, y.ID) })
	return all
}
