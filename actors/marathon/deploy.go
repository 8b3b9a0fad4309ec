package marathon

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/actors/marathon/store"
	"mesos/messages/ordered"
)

// Locked is a change that other deployments are in the way of: 409 to a client.
type Locked struct{ Deployments []string }

func (e *Locked) Error() string {
	return "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/" + strings.Join(e.Deployments, ", ") + "'."
}

// Missing is something that there is not: 404 to a client.
type Missing struct{ What string }

func (e *Missing) Error() string { return e.What + " does not exist" }

// edit is a change of what is wanted.
type edit struct {
	specs  map[string]*model.Spec  // nil: removed
	groups map[string]*model.Group // nil: removed
	force  bool
	exact  bool // the specs are versions that there are already
	back   bool // it takes a deployment back: without canaries
}

// apply makes a deployment of an edit. Nothing is changed if it returns an error.
func (s *Service) apply(e edit) (*plan.Deployment, error) {
	now := s.version()
	after, changed := s.edited(e, now)
	groups := s.editedGroups(e, after, now)
	stopped, err := s.conflicts(changed, e.force)
	if err != nil {
		return nil, err
	}
	d := &plan.Deployment{
		ID: s.d.Process().UUID().String(), Version: now, Promoted: e.back,
		Before: map[string]model.Timestamp{}, After: map[string]model.Timestamp{}, Groups: map[string]*model.Group{},
	}
	before, mixed := s.before(d, changed, stopped)
	for id := range changed {
		d.After[id] = model.Timestamp{}
		if v := after[id]; v != nil {
			d.After[id] = v.Version()
		}
	}
	if d.Steps, err = plan.Steps(before, after, groups, mixed); err != nil {
		return nil, err
	}
	for id := range merged(s.groups, groups) {
		if s.groups[id] == nil || groups[id] == nil || s.groups[id] != groups[id] {
			d.Groups[id] = s.groups[id]
		}
	}
	s.begin(d, after, groups, stopped)
	return d, nil
}

func merged(x, y map[string]*model.Group) map[string]bool {
	all := map[string]bool{}
	for id := range x {
		all[id] = true
	}
	for id := range y {
		all[id] = true
	}
	return all
}

// edited is what is wanted after an edit, and the ids that it changes.
func (s *Service) edited(e edit, now model.Timestamp) (after map[string]*model.Spec, changed map[string]bool) {
	after, changed = maps.Clone(s.current), map[string]bool{}
	for id, v := range e.specs {
		old := s.current[id]
		switch {
		case v == nil && old == nil:
		case v == nil:
			delete(after, id)
			changed[id] = true
		default:
			if !e.exact {
				v = v.Next(old, now)
			}
			if v != old || s.locked[id] != nil {
				changed[id] = true
			}
			after[id] = v
		}
	}
	return after, changed
}

// editedGroups are the groups after an edit: those around specs are made, and root is always there.
func (s *Service) editedGroups(e edit, after map[string]*model.Spec, now model.Timestamp) map[string]*model.Group {
	groups := maps.Clone(s.groups)
	for id, g := range e.groups {
		switch {
		case g == nil && id != model.Root:
			delete(groups, id)
		case g != nil:
			copied := *g
			copied.Version = now
			groups[id] = &copied
		}
	}
	need := func(id string) {
		for g := model.Parent(id); groups[g] == nil; g = model.Parent(g) {
			groups[g] = &model.Group{ID: g, Dependencies: []string{}, Version: now}
		}
	}
	for id := range after {
		need(id)
	}
	for id := range maps.Clone(groups) {
		need(id)
	}
	return groups
}

// conflicts are the deployments that an edit stops; without force they stop it.
func (s *Service) conflicts(changed map[string]bool, force bool) (map[string]*plan.Deployment, error) {
	stopped := map[string]*plan.Deployment{}
	for id := range changed {
		if d := s.locked[id]; d != nil {
			stopped[d.ID] = d
		}
	}
	if len(stopped) > 0 && !force {
		return nil, &Locked{slices.Sorted(maps.Keys(stopped))}
	}
	// What a stopped deployment was about must not stay half done.
	for _, d := range stopped {
		for id := range d.After {
			changed[id] = true
		}
	}
	return stopped, nil
}

// before is where a deployment starts from: what is wanted now. Of what a stopped
// deployment was changing instances of several versions may be there, or ones that are not wanted any more.
func (s *Service) before(d *plan.Deployment, changed map[string]bool, stopped map[string]*plan.Deployment) (before map[string]*model.Spec, mixed map[string]bool) {
	before, mixed = maps.Clone(s.current), map[string]bool{}
	for id := range changed {
		d.Before[id] = model.Timestamp{}
		if v := before[id]; v != nil {
			d.Before[id] = v.Version()
		}
	}
	for _, old := range stopped {
		for id, v := range old.Before {
			mixed[id] = true
			if spec := s.specs[id][v]; before[id] == nil && spec != nil {
				before[id] = spec // its instances are still to be ended
			}
		}
	}
	return before, mixed
}

// begin makes a deployment the truth.
func (s *Service) begin(d *plan.Deployment, after map[string]*model.Spec, groups map[string]*model.Group, stopped map[string]*plan.Deployment) {
	for _, old := range ordered.All(stopped) {
		s.end(old, "deployment_failed")
	}
	for _, id := range d.Affects() {
		if v := after[id]; v != nil && s.specs[id][v.Version()] == nil {
			s.addVersion(v)
			s.save(store.Specs, specKey(id, v.Version()), v)
		}
	}
	s.deployments[d.ID] = d
	s.save(store.Deployments, d.ID, d)
	for _, id := range d.Affects() {
		s.locked[id] = d
		if v := after[id]; v != nil {
			s.save(store.Current, id, wanted{v.Version()})
		} else {
			s.forget(store.Current, id)
		}
		delete(s.backoff, id)
		delete(s.queue, id)
		s.touch(id)
	}
	for id := range ordered.All(merged(s.groups, groups)) {
		switch {
		case groups[id] == nil:
			s.forget(store.Groups, id)
		case groups[id] != s.groups[id]:
			s.save(store.Groups, id, groups[id])
		}
	}
	s.current, s.groups = after, groups
	for _, id := range d.Affects() {
		s.prune(id)
	}
	s.log.Info("deployment begins", "deployment", d.ID, "affects", strings.Join(d.Affects(), " "), "steps", len(d.Steps))
	s.events.send("group_change_success", map[string]any{"groupId": model.Root, "version": d.Version})
	s.tellDeployment("deployment_info", d)
	if len(d.Steps) == 0 {
		s.finish(d)
	}
}

// prune forgets the oldest versions of a spec, but for those that are needed.
func (s *Service) prune(id string) {
	versions := s.specs[id]
	if len(versions) <= s.conf.Versions {
		return
	}
	needed := map[model.Timestamp]bool{}
	if c := s.current[id]; c != nil {
		needed[c.Version()] = true
	}
	if d := s.locked[id]; d != nil {
		needed[d.Before[id]], needed[d.After[id]] = true, true
	}
	for _, i := range s.bySpec[id] {
		needed[i.Version] = true
	}
	sorted := slices.SortedFunc(maps.Keys(versions), func(x, y model.Timestamp) int { return x.Compare(y.Time) })
	for _, v := range sorted[:len(sorted)-s.conf.Versions] {
		if !needed[v] {
			delete(versions, v)
			s.forget(store.Specs, specKey(id, v))
		}
	}
}

// progress takes deployments to their next steps.
func (s *Service) progress() {
	for _, d := range ordered.All(s.deployments) {
		for s.stepDone(d) {
			s.tellStep("deployment_step_success", d)
			d.Step++
			if d.Step >= len(d.Steps) {
				s.finish(d)
				break
			}
			s.save(store.Deployments, d.ID, d)
			for _, a := range d.Steps[d.Step].Actions {
				delete(s.results, a.ID)
				s.touch(a.ID)
			}
		}
	}
}

// stepDone says that all actions of the step that goes on are done.
func (s *Service) stepDone(d *plan.Deployment) bool {
	if s.deployments[d.ID] != d || d.Step >= len(d.Steps) {
		return false
	}
	for _, a := range d.Steps[d.Step].Actions {
		if a.Kind != plan.Start && (s.dirty[a.ID] || !s.results[a.ID].Done) {
			return false
		}
	}
	return true
}

// finish is the end of a deployment that came to its end.
func (s *Service) finish(d *plan.Deployment) {
	s.log.Info("deployment is done", "deployment", d.ID)
	s.end(d, "deployment_success")
	for id, v := range d.After {
		if v.IsZero() && s.current[id] == nil {
			s.forgetSpec(id)
		}
	}
}

// forgetSpec forgets all of an app or pod that was removed.
func (s *Service) forgetSpec(id string) {
	for v := range s.specs[id] {
		s.forget(store.Specs, specKey(id, v))
	}
	delete(s.specs, id)
	delete(s.backoff, id)
	delete(s.failures, id)
	delete(s.results, id)
	s.events.send("app_terminated_event", map[string]any{"appId": id})
}

// end takes a deployment off the books.
func (s *Service) end(d *plan.Deployment, event string) {
	delete(s.deployments, d.ID)
	for id, by := range s.locked {
		if by == d {
			delete(s.locked, id)
			s.touch(id)
		}
	}
	s.forget(store.Deployments, d.ID)
	s.tellDeployment(event, d)
}

// rollback makes a deployment that leads back to where d began.
func (s *Service) rollback(d *plan.Deployment) (*plan.Deployment, error) {
	e := edit{specs: map[string]*model.Spec{}, groups: map[string]*model.Group{}, force: true, exact: true, back: true}
	for id, v := range d.Before {
		if e.specs[id] = s.specs[id][v]; e.specs[id] == nil && !v.IsZero() {
			return nil, fmt.Errorf("version %s of %s is not kept any more", v, id)
		}
	}
	for id, g := range d.Groups {
		e.groups[id] = g
	}
	return s.apply(e)
}
