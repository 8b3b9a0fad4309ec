package simtest

import (
	"sync"

	"mesos/actors/containerizer"
)

// exits are ends of containers of which somebody is still to hear: of each in a turn of its own, in the order in which
// they came. So nobody else does anything while who waited for one tells his actor of it.
type exits struct {
	mu      sync.Mutex
	untold  []func()
	telling bool
}

// tell has who waits on w hear of an exit.
func (e *exits) tell(s *Containers, w chan<- containerizer.Exit, x containerizer.Exit) {
	f := func() {
		w <- x
		close(w)
	}
	if s.c.stage == nil {
		f()
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.untold = append(e.untold, f)
	if !e.telling {
		e.telling = true
		go e.run(s.c.stage, "exits on "+s.agent.addr)
	}
}

func (e *exits) run(s *stage, key string) {
	for f := e.next(); f != nil; f = e.next() {
		s.do(key, f)
	}
}

func (e *exits) next() (f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.telling = len(e.untold) > 0; e.telling {
		f, e.untold = e.untold[0], e.untold[1:]
	}
	return f
}
