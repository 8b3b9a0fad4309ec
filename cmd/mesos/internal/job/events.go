package job

import (
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Refusals in seconds: an offer that is too small now may be worth another look soon; one that is not needed is not.
const (
	tooSmallFor  = 5
	notNeededFor = 3600
)

// callbacks are what the job hears of. All run on the driver's actor.
func (r *runner) callbacks() scheduler.Callbacks {
	return scheduler.Callbacks{
		Subscribed: r.onSubscribed, Disconnected: r.onDisconnected, Offers: r.onOffers, Update: r.onUpdate,
		Error: func(_ *scheduler.Driver, err error) { r.fail(err) },
	}
}

// onSubscribed goes on after a master was lost. The driver asks what became of the tasks.
func (r *runner) onSubscribed(d *scheduler.Driver, _ *schedulerv1.Event_Subscribed) {
	again := r.lost
	r.subscribed, r.lost = true, false
	if !again {
		return
	}
	r.screen.say("the master is back")
	r.settleOffers(d)
	if r.p.stopping {
		r.kill(d) // the first kill may be lost
	}
}

func (r *runner) onDisconnected(*scheduler.Driver) {
	r.subscribed, r.lost = false, true
	r.screen.say("the connection to the master is lost: trying again")
}

func (r *runner) onOffers(d *scheduler.Driver, offers []*v1.Offer) {
	for _, o := range offers {
		l, err := r.p.takeOffer(o)
		if err != nil {
			r.fail(err)
			return
		}
		filters := scheduler.RefuseFor(notNeededFor)
		if r.p.count(waiting) > 0 {
			filters = scheduler.RefuseFor(tooSmallFor)
		}
		if len(l.tasks) == 0 {
			d.Decline(filters, o.Id)
			continue
		}
		if l.executor != nil {
			d.LaunchGroup(o.Id, l.executor, l.tasks, filters)
		} else {
			d.Launch(o.Id, l.tasks, filters)
		}
		for _, t := range l.tasks {
			r.screen.say(t.GetTaskId().GetValue() + " staging on " + o.GetHostname())
		}
	}
	r.settleOffers(d)
}

// settleOffers asks for no more offers once all instances are launched.
func (r *runner) settleOffers(d *scheduler.Driver) {
	if r.p.count(waiting) == 0 {
		d.Suppress()
	}
}

func (r *runner) onUpdate(d *scheduler.Driver, s *v1.TaskStatus) {
	c := r.p.update(s)
	switch {
	case c.instance == nil:
		return
	case c.again:
		r.screen.say(s.GetTaskId().GetValue() + " was not launched, as its offer was gone: waiting for another")
		d.Revive()
	case c.ended:
		ran := s.GetSource() == v1.TaskStatus_SOURCE_EXECUTOR && s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED
		r.openStreams(d, c.instance, ran).end()
	case c.running:
		r.openStreams(d, c.instance, true)
		if c.news && s.GetState() != v1.TaskState_TASK_STARTING { // that would only be one more line
			r.screen.say(c.instance.taskID + " " + describe(s))
		}
	}
}

// over is called when an instance has ended and all it wrote is copied.
func (r *runner) over(i *instance) {
	r.screen.say(i.taskID + " " + describe(i.last))
	i.phase = over
	r.checkDone()
}

func (r *runner) checkDone() {
	if r.p.done() && !isClosed(r.done) {
		close(r.done)
	}
}

func (r *runner) fail(err error) {
	select {
	case r.failed <- err:
	default: // the first one counts
	}
}

// stop kills what was launched and launches nothing more. It may be called anywhere.
func (r *runner) stop(why string) {
	r.d.Dispatch(func() {
		if r.p.done() {
			return
		}
		r.screen.say(why)
		r.kill(r.d)
		r.settleOffers(r.d)
		r.checkDone()
	})
}

func (r *runner) kill(d *scheduler.Driver) {
	for _, i := range r.p.stop() {
		d.Kill(i.taskID, nil)
	}
}
