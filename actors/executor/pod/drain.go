package pod

import (
	"time"

	"mesos/messages/draining"
	v1 "mesos/messages/mesos/v1"
)

// endSoftly is for a kill by the scheduler. A task that clients are sent to (label MESOS_DRAIN_PERIOD) gets its SIGTERM that time after
// TASK_KILLING is told: by then nobody sends it anyone. Nobody would learn of it from a framework that does not know
// TASK_KILLING, nor before TASK_RUNNING.
func (c *child) endSoftly(p *v1.KillPolicy) {
	grace := c.grace(p)
	quiet, rest, err := draining.Split(c.task.GetLabels(), p, grace)
	if err != nil { // the master refuses those
		c.d.Config().Log.Error("task is killed without draining", "task_id", c.id(), "error", err)
	}
	if !c.e.tellKilling || !c.running {
		quiet, rest = 0, grace
	}
	c.end(killed, quiet, rest)
}

// strikeAfter signals the container when quiet is over.
func (c *child) strikeAfter(quiet time.Duration) {
	switch {
	case quiet > 0:
		c.drain = c.e.Runtime.Delay(quiet, func() {
			c.drain = nil
			c.strike()
		})
	case c.launched:
		c.strike()
	}
}

// hurry ends the draining, if it is under way: somebody is in need of the end.
func (c *child) hurry() {
	if c.drain != nil {
		stop(&c.drain)
		c.since = c.e.Now()
		c.strike()
	}
}
