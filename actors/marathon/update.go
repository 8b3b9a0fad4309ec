package marathon

import (
	"time"

	"mesos/actors/marathon/model"
	"mesos/actors/scheduler"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// Failure is the newest end of an instance that nobody asked for.
type Failure struct {
	Task      string
	State     string
	Message   string
	Host      string
	Agent     string
	Version   model.Timestamp
	Timestamp model.Timestamp
}

// over says that a task in this state is not there any more, as far as anybody knows.
func over(s v1.TaskState) bool {
	return states.Terminal(s) || s == v1.TaskState_TASK_UNKNOWN
}

// onUpdate notes what is told of a task.
func (s *Service) onUpdate(d *scheduler.Driver, u *v1.TaskStatus) {
	id := u.GetTaskId().GetValue()
	i := s.byTask[id]
	if i == nil {
		s.strange(id, u)
		d.Acknowledge(u)
		return
	}
	if s.pending[i.ID] {
		return // it is not launched yet: this is not about it
	}
	now := time.Now()
	before := i.Condition()
	ended := s.note(i, id, u, now)
	s.tellStatus(i, u)
	if i.Condition() != before && !i.Over() {
		s.tellInstance(i, string(i.Condition()))
	}
	s.watchInstance(i)
	s.settleReady(i)
	if ended && i.Over() {
		s.ended(i, u, now)
	} else {
		s.saveInstance(i)
	}
	s.touch(i.Spec)
	s.commit(func() { d.Acknowledge(u) })
}

// strange is a task that marathon has given up, or never had.
func (s *Service) strange(id string, u *v1.TaskStatus) {
	if over(u.GetState()) || u.GetState() == v1.TaskState_TASK_UNREACHABLE {
		return
	}
	s.log.Warn("killing a task that is not known", "task_id", id, "agent_id", u.GetAgentId().GetValue(), "state", u.GetState().String())
	s.d.Kill(id, nil)
}

// note writes down an update in its task, and says whether the task ended by it.
func (s *Service) note(i *model.Instance, id string, u *v1.TaskStatus, now time.Time) bool {
	for k := range i.Tasks {
		t := &i.Tasks[k]
		if t.ID != id || t.Over {
			continue
		}
		state := u.GetState().String()
		if t.State != state {
			t.State, t.Since = state, model.At(now)
		}
		t.Message = u.GetMessage()
		if u.GetState() == v1.TaskState_TASK_RUNNING && t.Started.IsZero() {
			t.Started = model.At(now)
		}
		if u.Healthy != nil {
			well := u.GetHealthy()
			t.Healthy = &well
		}
		if a := addresses(u); len(a) > 0 {
			t.IPs = a
		}
		if over(u.GetState()) {
			t.Over = true
			delete(s.byTask, id)
			return true
		}
	}
	return false
}

// addresses are those of a task's container.
func addresses(u *v1.TaskStatus) (out []string) {
	for _, n := range u.GetContainerStatus().GetNetworkInfos() {
		for _, a := range n.GetIpAddresses() {
			if ip := a.GetIpAddress(); ip != "" {
				out = append(out, ip)
			}
		}
	}
	return out
}

// settleReady keeps that an instance was well, which another run of marathon is to know.
func (s *Service) settleReady(i *model.Instance) {
	spec := s.specOf(i)
	if spec == nil || i.WasReady || !i.Ready(spec.Checked(), spec.HasReadiness()) {
		return
	}
	i.WasReady = true
	s.saveInstance(i)
}

// ended is for an instance whose last task is over.
func (s *Service) ended(i *model.Instance, u *v1.TaskStatus, now time.Time) {
	s.log.Info("instance ended", "app", i.Spec, "instance", i.ID, "agent_id", i.AgentID, "state", u.GetState().String(), "reason", u.GetMessage())
	s.tellInstance(i, u.GetState().String())
	if !i.Doomed {
		s.failures[i.Spec] = &Failure{
			Task: u.GetTaskId().GetValue(), State: u.GetState().String(), Message: u.GetMessage(), Host: i.Host, Agent: i.AgentID,
			Version: i.Version, Timestamp: model.At(now),
		}
		s.failed(i, u.GetState().String()+": "+u.GetMessage(), now)
	}
	if s.keeps(i, u.GetState()) {
		s.suspend(i)
		return
	}
	s.removeInstance(i)
}

// failed delays the next launch, and may take back a deployment.
func (s *Service) failed(i *model.Instance, why string, now time.Time) {
	spec := s.specOf(i)
	if spec == nil {
		return
	}
	ran := time.Duration(0)
	if at := i.Started(); !at.IsZero() {
		ran = now.Sub(at.Time)
	}
	s.backoff[i.Spec] = s.backoff[i.Spec].Failed(spec, ran, now)
	s.wakeAt(i.Spec, s.backoff[i.Spec].Until)
	s.revertFor(i, why)
}
