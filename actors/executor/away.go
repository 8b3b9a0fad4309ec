package executor

import (
	"errors"
	"io"
	"time"
)

// What is said of why an agent cannot be reached where the Runtime does not tell, or tells it for programs only.
var (
	errNotKnown = errors.New("the connection ended")
	errClosed   = errors.New("the agent closed the connection")
)

// whyEnder is a Runtime that knows why a link broke.
type whyEnder interface {
	WhyEnded(addr string) error
}

// sayAway tells, once until the agent is back, that it cannot be reached: who looks into the sandbox sees why nothing
// happens.
func (d *Driver) sayAway() {
	if !d.away.IsZero() {
		return
	}
	d.away = d.c.Now()
	tries := time.Duration(0) // the framework does not checkpoint
	if d.c.Checkpoint {
		tries = d.c.RecoveryTimeout
	}
	d.c.Log.Warn("the agent cannot be reached", "agent", d.c.Agent.Addr, "error", d.whyAway(), "tries_for", tries, "executor_id", d.c.ExecutorID)
}

func (d *Driver) whyAway() error {
	if rt, knows := d.rt.(whyEnder); knows {
		switch why := rt.WhyEnded(d.c.Agent.Addr); {
		case errors.Is(why, io.EOF):
			return errClosed
		case why != nil:
			return why
		}
	}
	return errNotKnown
}

// sayBack tells that the agent is there again.
func (d *Driver) sayBack() {
	if d.away.IsZero() {
		return
	}
	d.c.Log.Warn("the agent is back", "agent", d.c.Agent.Addr, "after", d.c.Now().Sub(d.away), "executor_id", d.c.ExecutorID)
	d.away = time.Time{}
}
