package marathon

import (
	"context"
	"errors"
	"fmt"
	"math"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/messages/ordered"
)

// Result names a deployment that was begun.
type Result struct {
	Version    model.Timestamp `json:"version"`
	Deployment string          `json:"deploymentId"`
}

func resultOf(d *plan.Deployment, err error) (Result, error) {
	if err != nil {
		return Result{}, err
	}
	return Result{d.Version, d.ID}, nil
}

// ErrExists is answered where something is to be made that there is already.
var ErrExists = errors.New("it exists already")

// EditSpecs changes apps and pods: f is given what is wanted now and returns what
// changes of it, nil for what is removed. It must not change what it is given.
// Errors: those of f, *[Locked], *[model.Invalid], or of ctx; nothing is changed then.
func (s *Service) EditSpecs(ctx context.Context, force bool, f func(now map[string]*model.Spec) (map[string]*model.Spec, error)) (Result, error) {
	return change(ctx, s, func() (Result, error) {
		specs, err := f(s.current)
		if err != nil {
			return Result{}, err
		}
		s.assignPorts(specs)
		if err := s.check(specs); err != nil {
			return Result{}, err
		}
		return resultOf(s.apply(edit{specs: specs, force: force}))
	})
}

// check finds what is wrong with specs where marathon runs.
func (s *Service) check(specs map[string]*model.Spec) error {
	for id, v := range specs {
		if v == nil {
			continue
		}
		if r := v.Role(); r != "" && r != s.conf.Role {
			return invalid("/role", fmt.Sprintf("must be %s, the role of this marathon, or left out; got %s", s.conf.Role, r))
		}
		if v.Resident() && s.conf.Role == "*" {
			return invalid("/container/volumes", "persistent volumes need a marathon with a role of its own (--mesos_role): what is nobody's cannot be reserved")
		}
		if old := s.current[id]; old != nil {
			if err := v.CheckUpdate(old); err != nil {
				return err
			}
		}
		if s.groups[id] != nil {
			return invalid("/id", "there is a group of the same name: "+id)
		}
		if o := s.current[id]; o != nil && (o.App == nil) != (v.App == nil) {
			return invalid("/id", "there is an app or pod of the same name: "+id)
		}
		for g := model.Parent(id); g != model.Root; g = model.Parent(g) {
			if s.current[g] != nil {
				return invalid("/id", "there is an app or pod of the name of its group: "+g)
			}
		}
	}
	return nil
}

func invalid(path, text string) error {
	return &model.Invalid{Problems: []model.Problem{{Path: path, Errors: []string{text}}}}
}

// assignPorts gives service ports that may be any to apps: those that the app has
// already, or ones that no other has.
func (s *Service) assignPorts(specs map[string]*model.Spec) {
	used := map[int]bool{}
	for _, c := range s.current {
		if c.App != nil {
			for _, p := range c.App.ServicePorts() {
				used[p] = true
			}
		}
	}
	next := s.conf.PortMin
	for id, v := range ordered.All(specs) {
		if v == nil || v.App == nil {
			continue
		}
		var had []int
		if old := s.current[id]; old != nil && old.App != nil {
			had = old.App.ServicePorts()
		}
		at := 0
		assign := func() int {
			k := at
			at++
			if k < len(had) && had[k] >= s.conf.PortMin && had[k] < s.conf.PortMax {
				return had[k]
			}
			for next < s.conf.PortMax && used[next] {
				next++
			}
			if next >= s.conf.PortMax {
				return 0
			}
			used[next] = true
			return next
		}
		v.App.AssignServicePorts(assign)
	}
}

// Restart replaces all instances of an app or pod.
func (s *Service) Restart(ctx context.Context, id string, force bool) (Result, error) {
	return change(ctx, s, func() (Result, error) {
		old := s.current[id]
		if old == nil {
			return Result{}, &Missing{"App '" + id + "'"}
		}
		return resultOf(s.apply(edit{specs: map[string]*model.Spec{id: old.Restarted(s.version())}, force: force, exact: true}))
	})
}

// Cancel stops a deployment. With force what it was changing stays as it is;
// otherwise another deployment takes it back.
func (s *Service) Cancel(ctx context.Context, id string, force bool) (Result, error) {
	return change(ctx, s, func() (Result, error) {
		d := s.deployments[id]
		if d == nil {
			return Result{}, &Missing{"DeploymentPlan '" + id + "'"}
		}
		if force {
			s.end(d, "deployment_failed")
			return Result{d.Version, d.ID}, nil
		}
		return resultOf(s.rollback(d))
	})
}

// Promote lets all instances follow the canaries of a deployment.
func (s *Service) Promote(ctx context.Context, id string) (Result, error) {
	return change(ctx, s, func() (Result, error) {
		d := s.deployments[id]
		if d == nil {
			return Result{}, &Missing{"DeploymentPlan '" + id + "'"}
		}
		s.promote(d)
		return Result{d.Version, d.ID}, nil
	})
}

// EditGroup makes a group and all that is in it what c says; of groups within it
// that c does not name nothing stays. dryRun only tells the steps.
func (s *Service) EditGroup(ctx context.Context, c *model.GroupChange, create, force, dryRun bool) (Result, []StepJSON, error) {
	type outcome struct {
		Result
		steps []StepJSON
	}
	o, err := change(ctx, s, func() (outcome, error) {
		if create && s.groups[c.ID] != nil && c.ID != model.Root {
			return outcome{}, fmt.Errorf("group %s: %w", c.ID, ErrExists)
		}
		e, err := s.groupEdit(c)
		if err != nil {
			return outcome{}, err
		}
		e.force = force
		if dryRun {
			steps, err := s.stepsOf(e)
			return outcome{steps: steps}, err
		}
		r, err := resultOf(s.apply(e))
		return outcome{Result: r}, err
	})
	return o.Result, o.steps, err
}

// groupEdit is what a change of a group changes.
func (s *Service) groupEdit(c *model.GroupChange) (edit, error) {
	if c.ScaleBy > 0 {
		return s.scaleGroup(c)
	}
	e := edit{specs: map[string]*model.Spec{}, groups: map[string]*model.Group{}}
	for id := range s.current {
		if inGroup(id, c.ID) {
			e.specs[id] = nil
		}
	}
	for id := range s.groups {
		if model.Within(id, c.ID) {
			e.groups[id] = nil
		}
	}
	for _, v := range c.Specs {
		e.specs[v.ID()] = v
	}
	for k := range c.Groups {
		e.groups[c.Groups[k].ID] = &c.Groups[k]
	}
	for id, g := range e.groups {
		old := s.groups[id]
		if g != nil && old != nil && fmt.Sprint(g.Dependencies) == fmt.Sprint(old.Dependencies) {
			delete(e.groups, id) // it stays as it is
		}
	}
	s.assignPorts(e.specs)
	return e, s.check(e.specs)
}

func inGroup(id, group string) bool { return id != group && model.Within(id, group) }

func (s *Service) scaleGroup(c *model.GroupChange) (edit, error) {
	e := edit{specs: map[string]*model.Spec{}}
	if s.groups[c.ID] == nil {
		return e, &Missing{"Group '" + c.ID + "'"}
	}
	for id, v := range s.current {
		if inGroup(id, c.ID) {
			e.specs[id] = v.WithInstances(int(math.Ceil(float64(v.Instances()) * c.ScaleBy)))
		}
	}
	return e, nil
}

// stepsOf are the steps that an edit would have.
func (s *Service) stepsOf(e edit) ([]StepJSON, error) {
	after, _ := s.edited(e, s.version())
	steps, err := plan.Steps(s.current, after, s.editedGroups(e, after, s.version()), nil)
	if err != nil {
		return nil, err
	}
	return stepsJSON(&plan.Deployment{Steps: steps}), nil
}

// DeleteGroup removes a group with all that is in it.
func (s *Service) DeleteGroup(ctx context.Context, id string, force bool) (Result, error) {
	return change(ctx, s, func() (Result, error) {
		if s.groups[id] == nil {
			return Result{}, &Missing{"Group '" + id + "'"}
		}
		e := edit{specs: map[string]*model.Spec{}, groups: map[string]*model.Group{}, force: force}
		for spec := range s.current {
			if inGroup(spec, id) {
				e.specs[spec] = nil
			}
		}
		for g := range s.groups {
			if model.Within(g, id) {
				e.groups[g] = nil
			}
		}
		return resultOf(s.apply(e))
	})
}

// KillTasks ends instances: those that choose takes. They are replaced, unless scale
// is set: then the apps get as many instances fewer, by a deployment. wipe also
// gives up volumes. It returns the instances as they were.
func (s *Service) KillTasks(ctx context.Context, scale, wipe, force bool, choose func(*model.Instance) bool) ([]*Instance, Result, error) {
	type outcome struct {
		Result
		list []*Instance
	}
	o, err := change(ctx, s, func() (out outcome, err error) {
		fewer := map[string]int{}
		var chosen []*model.Instance
		for _, i := range ordered.All(s.instances) {
			if !i.Doomed && choose(i) {
				chosen = append(chosen, i)
				if i.Condition() != model.Suspended {
					fewer[i.Spec]++
				}
				out.list = append(out.list, s.view(i))
			}
		}
		if scale && len(fewer) > 0 {
			e := edit{specs: map[string]*model.Spec{}, force: force}
			for id, n := range fewer {
				if v := s.current[id]; v != nil {
					e.specs[id] = v.WithInstances(max(0, v.Instances()-n))
				}
			}
			if out.Result, err = resultOf(s.apply(e)); err != nil {
				return out, err
			}
		}
		for _, i := range chosen {
			i.Wipe = i.Wipe || wipe
			s.doom(i, "a user asked for it")
			s.touch(i.Spec)
		}
		return out, nil
	})
	return o.list, o.Result, err
}

// ResetDelay lets an app be launched that waits because it failed.
func (s *Service) ResetDelay(ctx context.Context, id string) error {
	_, err := change(ctx, s, func() (bool, error) {
		if s.queue[id] == nil {
			return false, &Missing{"Application " + id + " in tasks queue"}
		}
		delete(s.backoff, id)
		s.hungry.grown()
		s.touch(id)
		return true, nil
	})
	return err
}
