package checks

import "time"

// Runtime is what a Runner lives on; an executor.Runtime is one. All functions
// run on one goroutine.
type Runtime interface {
	Delay(d time.Duration, f func()) (cancel func())
}

// Prober makes probes.
type Prober interface {
	// Probe starts a probe and does not wait. done is called once, later, on
	// the Runtime's goroutine, also after cancel, which ends the probe and
	// all that it started. It need not be called once the task has ended,
	// since that is no finding of a check.
	Probe(p Probe, done func(Result)) (cancel func())
}

// Runner is a Machine at work. Its methods are called on the Runtime's
// goroutine.
type Runner struct {
	rt     Runtime
	prober Prober
	now    func() time.Time
	tell   func(Effects)

	m     *Machine
	wake  func() // cancel of the next Tick
	abort func() // cancel of the probe that runs
}

// Run starts m: its task runs now. tell is called with Effects that have a
// Health or a Status; it may call Stop.
func Run(rt Runtime, prober Prober, now func() time.Time, m *Machine, tell func(Effects)) *Runner {
	r := &Runner{rt: rt, prober: prober, now: now, tell: tell, m: m}
	r.do(m.Start(now()))
	return r
}

// Stop ends the check; a probe that runs is aborted.
func (r *Runner) Stop() { r.do(r.m.Stop()) }

func (r *Runner) do(e Effects) {
	if e.Abort && r.abort != nil {
		r.abort()
	}
	if r.wake != nil {
		r.wake()
		r.wake = nil
	}
	if e.Probe {
		r.abort = r.prober.Probe(r.m.Probe(), func(res Result) {
			r.abort = nil
			r.do(r.m.Result(r.now(), res))
		})
	}
	if !e.Wake.IsZero() {
		r.wake = r.rt.Delay(max(e.Wake.Sub(r.now()), 0), func() {
			r.wake = nil
			r.do(r.m.Tick(r.now()))
		})
	}
	if e.Health != nil || e.Status != nil {
		r.tell(e)
	}
}
