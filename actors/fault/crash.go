package fault

import (
	"fmt"
	"time"

	"mesos/actors"
)

// CrashHow is how a rule ends a program.
type CrashHow struct {
	Wipe    bool          // it loses its disk
	Restart time.Duration // until it is started again; 0: as the harness does
}

// How long a program lives on after a message when it crashes: in simtest long enough for what its actors do at once and
// too short for a write to disk, in a daemon about as long as that and the network take.
const (
	simulatedHandling = 100 * time.Microsecond
	realHandling      = 20 * time.Millisecond
)

// crash returns what is to be done with a message that ends a program. f.mu is held.
func (f *Faults) crash(a *active, e actors.Envelope, pass func(actors.Envelope)) (do func(), what string) {
	addr, how := a.rule.victim(e, f.arrives(&a.rule)), CrashHow{a.rule.Wipe, a.rule.Restart}
	handling := realHandling
	if f.o.Harness {
		handling = simulatedHandling
	}
	end := func() { f.o.Crash(addr, how) }
	switch {
	case !a.rule.After:
		return end, fmt.Sprintf("lost in the crash of %s by %d", addr, a.id)
	case addr == e.To.Addr || !e.Incoming:
		return func() { pass(e); f.o.After(handling, end) }, fmt.Sprintf("followed by the crash of %s by %d", addr, a.id)
	default: // the sender, who must not hear the answer
		return func() { end(); pass(e) }, fmt.Sprintf("followed by the crash of %s by %d", addr, a.id)
	}
}

// victim is the address of the program that a crash ends. arrived: e is seen only where it comes.
func (r *Rule) victim(e actors.Envelope, arrived bool) string {
	switch {
	case r.Of == Sender, r.Of == Here && (!e.Incoming || arrived):
		return e.From.Addr
	default:
		return e.To.Addr
	}
}
