package marathon

import (
	"time"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/actors/marathon/store"
	"mesos/messages/ordered"
)

// canaries are the specs of a deployment whose upgrade waits to be promoted, and
// whether all of their canaries are well.
func (s *Service) canaries(d *plan.Deployment) (waits, well bool) {
	if d.Promoted || d.Step >= len(d.Steps) {
		return false, false
	}
	well = true
	for _, a := range d.Steps[d.Step].Actions {
		if a.Kind != plan.Restart || s.current[a.ID] == nil || s.current[a.ID].Upgrade().CanaryInstances == 0 {
			continue
		}
		waits = true
		well = well && s.results[a.ID].Canary
	}
	return waits, waits && well
}

// promote lets all instances follow the canaries.
func (s *Service) promote(d *plan.Deployment) {
	d.Promoted = true
	s.save(store.Deployments, d.ID, d)
	for _, id := range d.Affects() {
		s.touch(id)
	}
}

// promoteDue promotes what was well for long enough.
func (s *Service) promoteDue(now time.Time) {
	for _, d := range ordered.All(s.deployments) {
		_, well := s.canaries(d)
		if !well {
			d.ReadyAt = model.Timestamp{}
			continue
		}
		if d.ReadyAt.IsZero() {
			d.ReadyAt = model.At(now)
		}
		if after := s.patience(d); after > 0 && now.Sub(d.ReadyAt.Time) >= after {
			s.log.Info("canaries are promoted: they were well for long enough", "deployment", d.ID, "after", after)
			s.promote(d)
		}
	}
}

// patience is the longest time that a spec of a deployment asks for, 0: until it is promoted.
func (s *Service) patience(d *plan.Deployment) (most time.Duration) {
	for _, a := range d.Steps[d.Step].Actions {
		spec := s.current[a.ID]
		if a.Kind != plan.Restart || spec == nil || spec.Upgrade().CanaryInstances == 0 {
			continue
		}
		seconds := spec.Upgrade().CanaryPromoteSeconds
		if seconds == 0 {
			return 0
		}
		most = max(most, time.Duration(seconds)*time.Second)
	}
	return most
}

// revertFor takes back the deployment that brought a failed instance, if its spec asks for it.
func (s *Service) revertFor(i *model.Instance, why string) {
	d, spec := s.locked[i.Spec], s.current[i.Spec]
	if d == nil || spec == nil || !spec.Upgrade().AutoRevert || i.Config != spec.Config() {
		return
	}
	if kind, _ := d.Action(i.Spec); kind != plan.Restart {
		return
	}
	s.log.Warn("a new instance failed; its deployment is taken back", "deployment", d.ID, "app", i.Spec, "instance", i.ID, "reason", why)
	if _, err := s.rollback(d); err != nil {
		s.log.Error("the deployment cannot be taken back", "deployment", d.ID, "error", err)
	}
}
