package agent

import "mesos/actors"

// Pulse is what an agent says of itself to who asks whether it is alive.
type Pulse struct {
	ID         string // "" before the first registration
	Master     string // where it leads, host:port; "" while none is known
	Recovering bool   // what an earlier run left is being looked at
	Registered bool
	Executors  int
}

// Pulse returns when the actor has answered. It may be called from any goroutine;
// the error is actors.ErrStopped.
func (a *Agent) Pulse() (Pulse, error) {
	return actors.Call(a.p, func() Pulse {
		p := Pulse{ID: a.id, Recovering: a.recovering, Registered: a.registered}
		if a.masterKnown() {
			p.Master = a.conf.Master.Addr
		}
		for _, f := range a.frameworks {
			p.Executors += len(f.executors)
		}
		return p
	})
}
