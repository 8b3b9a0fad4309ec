package marathon

import (
	"time"

	"mesos/actors/marathon/model"
	"mesos/messages/ids"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
)

// killAgain is how long marathon waits for the end of a task before it asks again.
const killAgain = 10 * time.Second

// doom decides that an instance ends. Its tasks are killed when that is durable.
func (s *Service) doom(i *model.Instance, why string) {
	if i == nil || i.Doomed {
		return
	}
	if i.Condition() == model.Suspended {
		if i.Wipe || i.Claims() {
			s.expunge(i)
		}
		return // there is no task to end
	}
	i.Doomed, i.Why = true, why
	s.log.Info("ending an instance", "app", i.Spec, "instance", i.ID, "agent_id", i.AgentID, "reason", why)
	s.saveInstance(i)
	s.tellInstance(i, string(i.Condition()))
	s.commit(func() {
		if s.instances[i.ID] == i && !s.pending[i.ID] {
			s.kill(i)
		}
	})
}

// kill asks for the end of the tasks that live.
func (s *Service) kill(i *model.Instance) {
	i.Killed = model.At(time.Now())
	for _, t := range i.Tasks {
		if !t.Over {
			s.d.Kill(t.ID, nil)
		}
	}
}

// tick does what is due by time alone.
func (s *Service) tick() {
	now := time.Now()
	for _, i := range ordered.All(s.instances) {
		switch {
		case s.pending[i.ID]:
		case i.Doomed && now.Sub(i.Killed.Time) >= killAgain:
			s.kill(i)
			s.askFor(i)
		case !i.Doomed && s.late(i, now):
			s.failed(i, "it did not run "+s.conf.LaunchTimeout.String()+" after it was launched", now)
			s.doom(i, "it did not run in time")
			s.touch(i.Spec)
		}
	}
	s.promoteDue(now)
	s.askForClaims(false)
	s.d.Delay(tickEvery, s.tick)
}

const tickEvery = 5 * time.Second

// late says that an instance should run by now.
func (s *Service) late(i *model.Instance, now time.Time) bool {
	switch i.Condition() {
	case model.Provisioned, model.Staging, model.Starting:
		return now.Sub(i.Since().Time) > s.conf.LaunchTimeout
	}
	return false
}

// askFor asks what became of an instance's tasks.
func (s *Service) askFor(i *model.Instance) {
	var list []*schedulerv1.Call_Reconcile_Task
	for _, t := range i.Tasks {
		if !t.Over {
			list = append(list, &schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(t.ID), AgentId: ids.Agent(i.AgentID)})
		}
	}
	if len(list) > 0 {
		s.d.Reconcile(list...)
	}
}

// reconcileEvery is the time between two questions for the state of all tasks.
const reconcileEvery = 10 * time.Minute

// reconcileAll asks for all tasks, those that marathon knows by name.
func (s *Service) reconcileAll() {
	if s.subscribed {
		var list []*schedulerv1.Call_Reconcile_Task
		for id, i := range ordered.All(s.byTask) {
			if !s.pending[i.ID] {
				list = append(list, &schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(id), AgentId: ids.Agent(i.AgentID)})
			}
		}
		if len(list) > 0 {
			s.d.Reconcile(list...)
		}
		s.d.Reconcile()
		s.askForClaims(true)
		s.sweep()
	}
	s.d.Delay(reconcileEvery, s.reconcileAll)
}
