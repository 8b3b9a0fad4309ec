package marathon

import (
	"time"

	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/marathon/store"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
	"mesos/registry"
)

// A resident instance, one with persistent volumes, begins with its claim: its row is durable, then its resources are
// reserved and its volumes are made, both under its id. It is launched when they are there, and its task may end and be
// launched again as often as need be. An instance that is given up is forgotten first; what is offered under the id of
// no instance is destroyed and given back.

// claim begins a resident instance on an offer.
func (s *Service) claim(spec *model.Spec, o *held, fit *match.Fit, now time.Time) *model.Instance {
	if !s.stateful {
		s.stateful = true
		s.batch = append(s.batch, registry.Row{Table: store.Framework, Key: statefulKey, Value: []byte("true")})
	}
	i := s.newInstance(spec, o, fit, now)
	i.Resident = true
	i.Claim = &model.Claim{Footprint: spec.Footprint(), Volumes: match.Volumes(spec, func() string { return s.d.Process().UUID().String() })}
	i.Attempt = 0
	s.prepare(i, spec, now)
	for k := range i.Tasks {
		i.Tasks[k].Over = true // there is none yet
	}
	s.put(i, o, fit)
	return i
}

// claimOperations reserve what an instance claims and make its volumes.
func (s *Service) claimOperations(i *model.Instance, fit *match.Fit) []*v1.Offer_Operation {
	s.log.Info("claiming volumes", "app", i.Spec, "instance", i.ID, "agent_id", i.AgentID)
	reserved, volumes := match.Claim(i, fit, s.framework, i.Role)
	return claimOps(i.ID, reserved, volumes)
}

// sleepers are the instances of a spec that have their volumes and no task, those that slept longest first.
func (s *Service) sleepers(spec *model.Spec) (out []*model.Instance) {
	for _, i := range ordered.All(s.bySpec[spec.ID()]) {
		if i.Sleeps() && !i.Wipe {
			out = append(out, i)
		}
	}
	return out
}

// resume launches what sleeps on its volumes, where they are offered, and says how many instances of w have none: what
// sleeps is waited for.
func (s *Service) resume(w *waiting, offers []*held, now time.Time) (without int) {
	without = w.count
	for _, i := range s.sleepers(w.spec) {
		if without == 0 {
			break
		}
		without--
		for _, o := range offers {
			claimed, ok := o.claims[i.ID]
			if !ok {
				continue
			}
			fit, whole := match.Whole(claimed, w.spec, i)
			if !whole {
				continue
			}
			w.processed++
			w.count--
			w.lastUsed = now
			delete(o.claims, i.ID)
			s.wake(i, w.spec, o, fit, now)
			break
		}
	}
	if w.count > 0 && without == 0 {
		for _, o := range offers {
			w.processed++
			w.refuse(o.Offer, []string{match.NoReservation}, now)
		}
	}
	return without
}

// wake gives an instance that sleeps another task, which is launched when that is durable.
func (s *Service) wake(i *model.Instance, spec *model.Spec, o *held, fit *match.Fit, now time.Time) {
	i.Version, i.Config = spec.Version(), spec.Config()
	i.Attempt++
	o.Place(i, spec.Constraints())
	s.prepare(i, spec, now)
	s.put(i, o, fit)
}

// suspend is the end of an instance's task: its volumes wait for the next one.
func (s *Service) suspend(i *model.Instance) {
	s.unwatch(i.ID)
	i.Doomed, i.Why, i.WasReady = false, "", false
	i.Health, i.Readied, i.Killed = nil, false, model.Timestamp{}
	for k := range i.Tasks {
		i.Tasks[k].Over = true
		delete(s.byTask, i.Tasks[k].ID)
	}
	delete(s.fits, i.ID)
	s.saveInstance(i)
	s.tellInstance(i, string(model.Suspended))
	s.touch(i.Spec)
}

// keeps says that an instance outlives the end of its task.
func (s *Service) keeps(i *model.Instance, state v1.TaskState) bool {
	return i.Resident && !i.Wipe && state != v1.TaskState_TASK_GONE_BY_OPERATOR && s.goal(i.Spec).Spec != nil
}

// labelled takes what is reserved for instances off an offer: for those that there are, it may be used for them alone;
// what is left over of others is cleaned up.
func (s *Service) labelled(o *held) {
	o.claims = match.Claims(o.Offer, s.ours)
	for id, claimed := range ordered.All(o.claims) {
		o.Left = o.Left.Sub(claimed)
		i := s.instances[id]
		switch spec := s.spec(i); {
		case i == nil:
			o.clean = append(o.clean, leftover{id, claimed})
		case i.Resident && i.Claims() && spec != nil:
			if _, whole := match.Whole(claimed, spec, i); whole {
				s.hold(i)
			}
		}
	}
}

// leftover is what was reserved for an instance that there is no more.
type leftover struct {
	instance string
	claimed  resources.Resources
}

func (s *Service) spec(i *model.Instance) *model.Spec {
	if i == nil {
		return nil
	}
	return s.specOf(i)
}

// ours says that a framework id is, or was, that of this marathon.
func (s *Service) ours(id string) bool { return id == s.framework || s.former[id] }

// hold notes that an instance has its volumes.
func (s *Service) hold(i *model.Instance) {
	i.Claim.Held = true
	s.saveInstance(i)
	s.hungry.grown()
	s.touch(i.Spec)
}
