package marathon

import (
	"encoding/json"
	"fmt"
	"strings"

	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/actors/marathon/store"
	"mesos/registry"
)

func specKey(id string, v model.Timestamp) string { return id + " " + v.String() }

// save adds a row to the next write; nil deletes it.
func (s *Service) save(table, key string, value any) {
	row := registry.Row{Table: table, Key: key}
	if value != nil {
		b, err := json.Marshal(value)
		if err != nil {
			s.onFailed(fmt.Errorf("row %s of %s: %w", key, table, err)) // our own types have a JSON form
			return
		}
		row.Value = b
	}
	s.batch = append(s.batch, row)
}

func (s *Service) saveInstance(i *model.Instance) { s.save(store.Instances, i.ID, i) }

func (s *Service) forget(table, key string) { s.save(table, key, nil) }

// The keys of the table framework.
const (
	idKey       = "id"
	statefulKey = "stateful" // persistent volumes were made once
	formerKey   = "former "  // followed by an id that the framework had
)

// wanted is the row of a current version.
type wanted struct {
	Version model.Timestamp `json:"version"`
}

// loadRow takes one row of an earlier run.
func (s *Service) loadRow(r registry.Row) error {
	switch r.Table {
	case store.Specs:
		return read(r, func(v *model.Spec) error {
			if v.App == nil && v.Pod == nil {
				return fmt.Errorf("row %q of specs is neither app nor pod", r.Key)
			}
			s.addVersion(v)
			return nil
		})
	case store.Current:
		return read(r, func(v *wanted) error {
			s.current[r.Key] = &model.Spec{App: &model.App{ID: r.Key, Version: v.Version}} // found in recover
			return nil
		})
	case store.Groups:
		return read(r, func(v *model.Group) error { s.groups[v.ID] = v; return nil })
	case store.Deployments:
		return read(r, func(v *plan.Deployment) error { s.deployments[v.ID] = v; return nil })
	case store.Instances:
		return read(r, func(v *model.Instance) error { s.addInstance(v); return nil })
	case store.Framework:
		switch former, was := strings.CutPrefix(r.Key, formerKey); {
		case was:
			s.former[former] = true
		case r.Key == statefulKey:
			s.stateful = true
		case r.Key == idKey:
			s.framework = string(r.Value)
		}
	}
	return nil
}

func read[T any](r registry.Row, take func(*T) error) error {
	var v T
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return fmt.Errorf("row %q of %s: %w", r.Key, r.Table, err)
	}
	return take(&v)
}

// recover makes of the rows what they stand for. A deployment goes before what is
// current: the write of both may have been cut apart.
func (s *Service) recover() error {
	for id, at := range s.current {
		v := s.specs[id][at.Version()]
		if v == nil {
			return fmt.Errorf("version %s of %s is missing", at.Version(), id)
		}
		s.current[id] = v
	}
	for _, d := range s.deployments {
		for id, v := range d.After {
			s.locked[id] = d
			if v.IsZero() {
				delete(s.current, id)
			} else if spec := s.specs[id][v]; spec != nil {
				s.current[id] = spec
			}
		}
	}
	if s.groups[model.Root] == nil {
		s.groups[model.Root] = &model.Group{ID: model.Root, Dependencies: []string{}}
	}
	return nil
}

func (s *Service) addVersion(v *model.Spec) {
	id := v.ID()
	if s.specs[id] == nil {
		s.specs[id] = map[model.Timestamp]*model.Spec{}
	}
	s.specs[id][v.Version()] = v
	if v.Version().After(s.last) {
		s.last = v.Version()
	}
}

func (s *Service) addInstance(i *model.Instance) {
	s.instances[i.ID] = i
	if s.bySpec[i.Spec] == nil {
		s.bySpec[i.Spec] = map[string]*model.Instance{}
	}
	s.bySpec[i.Spec][i.ID] = i
	for _, t := range i.Tasks {
		if !t.Over {
			s.byTask[t.ID] = i
		}
	}
}

// removeInstance forgets an instance that is over or given up.
func (s *Service) removeInstance(i *model.Instance) {
	s.unwatch(i.ID)
	delete(s.instances, i.ID)
	delete(s.bySpec[i.Spec], i.ID)
	if len(s.bySpec[i.Spec]) == 0 {
		delete(s.bySpec, i.Spec)
	}
	for _, t := range i.Tasks {
		delete(s.byTask, t.ID)
	}
	delete(s.fits, i.ID)
	if i.Resident {
		s.leave(i)
	}
	s.forget(store.Instances, i.ID)
	s.touch(i.Spec)
}

// specOf is the version of the spec that an instance runs, nil if it is not kept any more.
func (s *Service) specOf(i *model.Instance) *model.Spec { return s.specs[i.Spec][i.Version] }
