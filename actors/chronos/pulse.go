package chronos

import "mesos/actors/chronos/plan"

// Pulse is what a scheduler says of itself.
type Pulse struct {
	Framework  string // its id, "" before the first subscription
	Jobs, Runs int
}

// Pulse asks the actor. It is not for actors.
func (s *Scheduler) Pulse() (p Pulse, err error) {
	err = s.look(func(st *plan.State) { p = Pulse{st.FrameworkID(), len(st.Names()), len(st.All())} })
	return p, err
}
