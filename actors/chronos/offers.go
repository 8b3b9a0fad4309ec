package chronos

import (
	"time"

	"mesos/actors/chronos/plan"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// refuse is how long, in seconds, an offer is not wanted again: while runs wait, and otherwise until they are revived.
const refuse, refuseIdle = 5, 3600

// offers launches what is due on what is offered. Each try is written before its task is launched.
func (s *Scheduler) offers(d *scheduler.Driver, offers []*v1.Offer) {
	now := time.Now()
	waiting := s.state.Ready(now)
	for _, o := range offers {
		var tasks []*v1.TaskInfo
		tasks, waiting = s.fill(o, waiting, now)
		if len(tasks) == 0 {
			s.decline(d, o, len(waiting) > 0)
			continue
		}
		s.then(func() { d.Launch(o.GetId(), tasks, scheduler.RefuseFor(0)) })
	}
	s.commit()
	s.appetite()
}

func (s *Scheduler) decline(d *scheduler.Driver, o *v1.Offer, more bool) {
	seconds := refuseIdle
	if more {
		seconds = refuse
	}
	d.Decline(scheduler.RefuseFor(float64(seconds)), o.GetId())
}

// fill puts runs onto an offer, and returns those that still wait.
func (s *Scheduler) fill(o *v1.Offer, waiting []*plan.Run, now time.Time) (tasks []*v1.TaskInfo, rest []*plan.Run) {
	left, err := resources.FromProto(o.GetResources())
	if err != nil {
		s.log.Error("an offer has bad resources", "offer_id", o.GetId().GetValue(), "agent_id", o.GetAgentId().GetValue(), "error", err)
		return nil, waiting
	}
	left = left.Unallocate()
	for _, r := range waiting {
		j := &s.state.Job(r.Job).Job
		taken, ok := take(j, left)
		if !ok || !allowed(j, o) {
			rest = append(rest, r)
			continue
		}
		left = left.Sub(taken)
		try := s.state.Launch(r, o.GetAgentId().GetValue(), o.GetHostname(), now)
		t := taskInfo(j, r, try)
		t.Resources = taken.Proto()
		s.log.Info("run launched", "task_id", try.TaskID, "agent_id", try.AgentID, "offer_id", o.GetId().GetValue(), "job", r.Job, "due", r.Due)
		tasks = append(tasks, t)
	}
	return tasks, rest
}
