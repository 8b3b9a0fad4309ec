package agent

import "slices"

// maxEndedSessions bounds the sessions that have ended and that nobody removed: people leave them behind, each with its
// exit, for as long as the task runs that they looked into.
const maxEndedSessions = 100

// innerOver lets go of what an ended container holds, all of which can be asked for as long as nobody removes it: of a
// session the exit, as soon as many have ended; of others the sandbox, when its time is over.
func (a *Agent) innerOver(c *inner) {
	switch {
	case a.inner[c.key] != c: // forgotten, with what it was nested in
	case c.session:
		a.endedSessions = append(a.endedSessions, c)
		if n := len(a.endedSessions) - maxEndedSessions; n > 0 {
			for _, old := range a.endedSessions[:n] {
				a.forgetInner(old)
			}
			a.endedSessions = slices.Delete(a.endedSessions, 0, n)
		}
	case a.conf.CollectInner:
		a.sandboxOver(c.sandbox)
	}
}

// innerAt is the nested or standalone container whose own sandbox a path is, nil if it is none's. It takes time in
// proportion to the containers, and is for sandboxes that are due.
func (a *Agent) innerAt(path string) *inner {
	for _, c := range a.inner {
		if c.sandbox == path && !c.session {
			return c
		}
	}
	return nil
}
