package master

import "mesos/actors"

// Pulse is what a master says of itself to who asks whether it is alive.
type Pulse struct {
	Recovered  bool // the registry is read: calls are served
	Agents     int  // registered
	Frameworks int  // with those that are not connected
}

// Pulse returns when the actor has answered. It may be called from any goroutine;
// the error is actors.ErrStopped.
func (m *Master) Pulse() (Pulse, error) {
	return actors.Call(m.p, func() Pulse {
		return Pulse{Recovered: m.recovered, Agents: len(m.agents), Frameworks: len(m.frameworks)}
	})
}
