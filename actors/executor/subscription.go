package executor

import (
	"time"

	executorv1 "mesos/messages/mesos/v1/executor"
)

// firstPause is how long after a broken link the first new attempt is made.
const firstPause = 50 * time.Millisecond

// subscribe links to the agent and tells it all that it has not acknowledged.
// If no answer comes on a link that holds, it is said again, early enough for
// an agent that waits SubscriptionBackoffMax.
func (d *Driver) subscribe() {
	stop(&d.retry)
	d.phase = subscribing
	d.rt.Link(d.c.Agent)
	c := d.call(executorv1.Call_SUBSCRIBE)
	c.Subscribe = d.pending.everything()
	d.send(c)
	d.retry = d.rt.Delay(d.c.SubscriptionBackoffMax/2, d.subscribe)
}

func (d *Driver) accepted(s *executorv1.Event_Subscribed) {
	if d.phase != subscribing {
		return
	}
	d.phase = subscribed
	d.attempts = 0
	d.sayBack()
	// The link made with the SUBSCRIBE may have been used up by an attempt that
	// failed before the one that got through.
	d.rt.Link(d.c.Agent)
	stop(&d.retry)
	stop(&d.recovery)
	d.h.Subscribed(d, s)
	if d.phase == subscribed { // the handler may have stopped us
		d.flush()
	}
}

// Exited takes the news that the link to a program broke or could not be made.
func (d *Driver) Exited(addr string) {
	if addr != d.c.Agent.Addr || d.phase == stopped || d.phase == idle {
		return
	}
	was := d.phase
	d.phase = disconnected
	stop(&d.resend)
	d.sayAway()
	if !d.c.Checkpoint {
		d.giveUp()
		return
	}
	if was == subscribed {
		d.h.Disconnected(d)
		if d.phase == stopped {
			return
		}
	}
	if d.recovery == nil {
		d.recovery = d.rt.Delay(d.c.RecoveryTimeout, d.giveUp)
	}
	stop(&d.retry)
	d.retry = d.rt.Delay(d.pause(), d.subscribe)
}

// giveUp ends the wait for the agent.
func (d *Driver) giveUp() {
	d.c.Log.Warn("the agent is gone: this executor ends", "agent", d.c.Agent.String(), "executor_id", d.c.ExecutorID)
	stop(&d.retry)
	stop(&d.recovery)
	d.shutDown()
	d.Stop()
	if d.c.Stopped != nil {
		d.c.Stopped()
	}
}

// pause grows with each attempt up to three quarters of the longest: an agent
// that waits that long for its executors hears from each at least once.
func (d *Driver) pause() time.Duration {
	p := d.c.SubscriptionBackoffMax
	if d.attempts < 16 {
		p = min(p, firstPause<<d.attempts)
	}
	d.attempts++
	return time.Duration(float64(p) * (0.25 + 0.5*d.c.Jitter()))
}
