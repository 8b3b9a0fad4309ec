package actors

import "sync/atomic"

// delayed is what an actor does later.
type delayed struct {
	process *Process
	f       func()
	timer   interface{ Stop() bool }
	over    atomic.Bool // it has run, or never will
}

// due has the actor do it now.
func (d *delayed) due() { d.process.mailbox.post(item{what: d}) }

func (d *delayed) run() {
	if !d.over.Swap(true) {
		d.f()
	}
}

func (d *delayed) cancel() {
	d.over.Store(true)
	d.timer.Stop()
}
