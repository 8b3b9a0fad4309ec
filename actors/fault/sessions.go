package fault

import (
	"slices"
	"time"

	"mesos/actors"
)

// HangupTime is how long a partition lasts until the sessions across it end: as long as a link needs to find its peer
// mute.
const HangupTime = 5 * time.Second

// Sessions are a program's, as far as rules end them. *link.Transport and *libprocess.Network have these methods.
type Sessions interface {
	// Hangup ends the session with the program at addr, if there is one, as a reset connection does.
	Hangup(addr string)
	// Addr is the program's own address.
	Addr() string
	// Peers are the programs with which there are sessions.
	Peers() []string
}

// SetSessions gives the network on which rules end sessions; until then they lose messages only.
func (f *Faults) SetSessions(s Sessions) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions = s
}

// hangup ends the session over which e goes.
func (f *Faults) hangup(e actors.Envelope) {
	if f.o.Hangup != nil {
		f.o.Hangup(e.From.Addr, e.To.Addr)
		return
	}
	peer := e.To.Addr
	if e.Incoming {
		peer = e.From.Addr
	}
	if s := f.network(); s != nil {
		s.Hangup(peer)
	}
}

func (f *Faults) network() Sessions {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sessions
}

// part begins a partition that ends sessions.
func (f *Faults) part(a *active) {
	crosses := func(from, to string) bool {
		return from != to && (a.rule.crosses(from, to) || !a.rule.OneWay && a.rule.crosses(to, from))
	}
	if f.o.Part != nil {
		a.heal = f.o.Part(crosses)
		return
	}
	f.o.After(HangupTime, func() { f.hangupAcross(a) })
}

// hangupAcross ends all sessions across a partition, and so again while it is in force: over a cut cable none comes up
// that lasts longer.
func (f *Faults) hangupAcross(a *active) {
	f.mu.Lock()
	s, inForce := f.sessions, slices.Contains(f.rules, a)
	f.mu.Unlock()
	if !inForce {
		return
	}
	if s != nil {
		for _, peer := range s.Peers() {
			if a.rule.crosses(s.Addr(), peer) || a.rule.crosses(peer, s.Addr()) {
				s.Hangup(peer)
			}
		}
	}
	f.o.After(HangupTime, func() { f.hangupAcross(a) })
}
