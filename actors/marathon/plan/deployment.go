package plan

import (
	"maps"
	"slices"

	"mesos/actors/marathon/model"
	"mesos/messages/ordered"
)

// The kinds of actions, as Marathon's clients know them.
const (
	Start   = "Start"
	Stop    = "Stop"
	Scale   = "Scale"
	Restart = "Restart"
)

// Action is what happens to one spec.
type Action struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Pod  bool   `json:"pod,omitempty"`
}

// Name is the action as clients know it: StartApplication, ScalePod.
func (a Action) Name() string {
	if a.Pod {
		return a.Kind + "Pod"
	}
	return a.Kind + "Application"
}

// Step is a list of actions that go on at the same time.
type Step struct {
	Actions []Action `json:"actions"`
}

// Deployment is a change of specs on its way. It is kept until it is over.
type Deployment struct {
	ID      string                     `json:"id"`
	Version model.Timestamp            `json:"version"`
	Steps   []Step                     `json:"steps"`
	Step    int                        `json:"step"`   // the index of the one that goes on
	Before  map[string]model.Timestamp `json:"before"` // versions of specs, zero: it was not there
	After   map[string]model.Timestamp `json:"after"`  // zero: it is removed
	Groups  map[string]*model.Group    `json:"groups"` // those that it changed, as they were; nil: it was not there

	Promoted bool            `json:"promoted,omitempty"` // its canaries may be followed by all others
	ReadyAt  model.Timestamp `json:"-"`                  // since when its canaries wait to be promoted
}

// Affects are the ids of its specs, sorted.
func (d *Deployment) Affects() []string { return slices.Sorted(maps.Keys(d.After)) }

// Action is what the step that goes on does to a spec, and whether the deployment
// has come to it: before that the spec stays as it was.
func (d *Deployment) Action(id string) (kind string, reached bool) {
	for n, s := range d.Steps {
		for _, a := range s.Actions {
			if a.ID != id {
				continue
			}
			if n <= d.Step {
				kind, reached = a.Kind, true
			}
		}
	}
	return kind, reached
}

// Steps are the steps from one set of specs to another: what is to go ends first,
// then what is new begins with no instances, then all that changes does so in the order of
// dependencies. groups are those of after. Of mixed ones instances of several versions
// may be there, since a deployment of them was stopped: whatever is not of the
// version of after is replaced. The error is a *[model.Invalid] about a cycle.
func Steps(before, after map[string]*model.Spec, groups map[string]*model.Group, mixed map[string]bool) ([]Step, error) {
	level, err := levels(after, groups)
	if err != nil {
		return nil, err
	}
	var stops, starts []Action
	changes := map[int][]Action{}
	for id, s := range ordered.All(before) {
		if after[id] == nil {
			stops = append(stops, Action{Stop, id, s.Pod != nil})
		}
	}
	for id, s := range ordered.All(after) {
		was := before[id]
		switch {
		case mixed[id]:
			changes[level[id]] = append(changes[level[id]], Action{Restart, id, s.Pod != nil})
		case was == nil:
			starts = append(starts, Action{Start, id, s.Pod != nil})
			changes[level[id]] = append(changes[level[id]], Action{Scale, id, s.Pod != nil})
		case was.Version() == s.Version():
		case was.Config() != s.Config():
			changes[level[id]] = append(changes[level[id]], Action{Restart, id, s.Pod != nil})
		default:
			changes[level[id]] = append(changes[level[id]], Action{Scale, id, s.Pod != nil})
		}
	}
	var out []Step
	for _, actions := range [][]Action{stops, starts} {
		if len(actions) > 0 {
			out = append(out, Step{actions})
		}
	}
	for _, actions := range ordered.All(changes) {
		out = append(out, Step{actions})
	}
	return out, nil
}

// levels are how many others a spec waits for, one after the other.
func levels(specs map[string]*model.Spec, groups map[string]*model.Group) (map[string]int, error) {
	w := walk{specs: specs, groups: groups, level: map[string]int{}, open: map[string]bool{}}
	for id := range ordered.All(specs) {
		if err := w.visit(id); err != nil {
			return nil, err
		}
	}
	return w.level, nil
}

type walk struct {
	specs  map[string]*model.Spec
	groups map[string]*model.Group
	level  map[string]int
	open   map[string]bool
}

func (w *walk) visit(id string) error {
	if _, done := w.level[id]; done {
		return nil
	}
	if w.open[id] {
		return &model.Invalid{Problems: []model.Problem{{Path: "/dependencies", Errors: []string{"there is a cycle through " + id}}}}
	}
	w.open[id] = true
	deepest := 0
	for _, d := range w.needs(id) {
		if err := w.visit(d); err != nil {
			return err
		}
		deepest = max(deepest, w.level[d]+1)
	}
	w.level[id] = deepest
	return nil
}

// needs are the specs that must be there before one: what it depends on, and what
// the groups around it do.
func (w *walk) needs(id string) []string {
	names := slices.Clone(w.specs[id].Dependencies())
	for g := model.Parent(id); ; g = model.Parent(g) {
		if in := w.groups[g]; in != nil {
			names = append(names, in.Dependencies...)
		}
		if g == model.Root {
			break
		}
	}
	if len(names) == 0 {
		return nil
	}
	var out []string
	for other := range ordered.All(w.specs) {
		for _, n := range names {
			if other != id && model.Within(other, n) && n != model.Root {
				out = append(out, other)
				break
			}
		}
	}
	return out
}
