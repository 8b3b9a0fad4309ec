package fault

import (
	"time"

	"mesos/actors"
)

// route is the way from one program to another, whose messages keep their order.
type route struct {
	from, to string
	incoming bool
}

func routeOf(e actors.Envelope) route { return route{e.From.Addr, e.To.Addr, e.Incoming} }

// behind says that e comes after a message that the rule delays in order.
func (a *active) behind(e actors.Envelope, everyEnd bool) bool {
	if everyEnd && e.Incoming && a.rule.Direction == Both {
		return false
	}
	_, waits := a.late[routeOf(e)]
	return waits
}

// delayRoute returns what delays a message with all that follows on its route. f.mu is held.
func (f *Faults) delayRoute(a *active, e actors.Envelope, pass func(actors.Envelope), d time.Duration) (do func()) {
	if a.late == nil {
		a.late = map[route][]held{}
	}
	r := routeOf(e)
	a.late[r] = []held{{e, pass}}
	return func() {
		f.o.After(d, func() {
			for {
				f.mu.Lock()
				waits := a.late[r]
				if len(waits) == 0 {
					delete(a.late, r)
					f.mu.Unlock()
					return
				}
				a.late[r] = nil // what comes while these go on waits behind them
				f.mu.Unlock()
				for _, h := range waits {
					h.pass(h.e)
				}
			}
		})
	}
}
