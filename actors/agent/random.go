package agent

import "time"

// What is random in an agent comes from its actor, so that a simulated one can be repeated.

func (a *Agent) newUUID() string { return a.p.UUID().String() }

func (a *Agent) newUUIDBytes() []byte {
	u := a.p.UUID()
	return u[:]
}

// jitter is a random part of d.
func (a *Agent) jitter(of time.Duration) time.Duration {
	return time.Duration(a.p.Rand().Int64N(int64(of) + 1))
}
