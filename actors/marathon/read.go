package marathon

import (
	"context"
	"maps"
	"slices"
	"time"

	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	"mesos/actors/marathon/plan"
	"mesos/messages/ordered"
)

// Instance is an instance as it was at one moment, with its spec, which may be nil.
type Instance struct {
	*model.Instance
	Def *model.Spec
}

// App is an app or pod as it was at one moment.
type App struct {
	Spec        *model.Spec
	Staged      int
	Running     int
	Healthy     int
	Unhealthy   int
	Deployments []string
	Failure     *Failure
	Readiness   []*ReadinessResult
	Instances   []*Instance // only if they were asked for
}

func (s *Service) view(i *model.Instance) *Instance { return &Instance{i.Clone(), s.specOf(i)} }

// Apps are the apps and pods that choose takes, by their ids. choose runs on the actor.
func (s *Service) Apps(ctx context.Context, instances bool, choose func(*model.Spec) bool) ([]*App, error) {
	return look(ctx, s, func() (out []*App) {
		for _, v := range ordered.All(s.current) {
			if choose(v) {
				out = append(out, s.app(v, instances))
			}
		}
		return out
	})
}

func (s *Service) app(v *model.Spec, instances bool) *App {
	a := &App{Spec: v, Failure: s.failures[v.ID()]}
	if d := s.locked[v.ID()]; d != nil {
		a.Deployments = []string{d.ID}
	}
	for id, i := range ordered.All(s.bySpec[v.ID()]) {
		switch i.Condition() {
		case model.Running:
			a.Running++
		case model.Provisioned, model.Staging, model.Starting:
			a.Staged++
		}
		if h := i.Healthy(); h != nil && i.Condition() == model.Running {
			if *h {
				a.Healthy++
			} else {
				a.Unhealthy++
			}
		}
		if w := s.watched[id]; w != nil && w.result != nil {
			r := *w.result
			a.Readiness = append(a.Readiness, &r)
		}
		if instances {
			a.Instances = append(a.Instances, s.view(i))
		}
	}
	return a
}

// App is one app or pod. The error is *[Missing] if there is none.
func (s *Service) App(ctx context.Context, id string) (*App, error) {
	list, err := s.Apps(ctx, true, func(v *model.Spec) bool { return v.ID() == id })
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &Missing{"App '" + id + "'"}
	}
	return list[0], nil
}

// Instances are those that choose takes, by their ids.
func (s *Service) Instances(ctx context.Context, choose func(*model.Instance) bool) ([]*Instance, error) {
	return look(ctx, s, func() (out []*Instance) {
		for _, i := range ordered.All(s.instances) {
			if choose(i) {
				out = append(out, s.view(i))
			}
		}
		return out
	})
}

// Versions are those of an app or pod that are kept, newest first.
func (s *Service) Versions(ctx context.Context, id string) ([]*model.Spec, error) {
	return look(ctx, s, func() []*model.Spec {
		return slices.SortedFunc(maps.Values(s.specs[id]), func(x, y *model.Spec) int { return y.Version().Compare(x.Version().Time) })
	})
}

// Groups are all groups, by their ids.
func (s *Service) Groups(ctx context.Context) (map[string]*model.Group, error) {
	return look(ctx, s, func() map[string]*model.Group { return maps.Clone(s.groups) })
}

// DeploymentInfo is a deployment as clients read it.
type DeploymentInfo struct {
	ID             string          `json:"id"`
	Version        model.Timestamp `json:"version"`
	AffectedApps   []string        `json:"affectedApps"`
	AffectedPods   []string        `json:"affectedPods"`
	Steps          []StepJSON      `json:"steps"`
	CurrentActions []ActionJSON    `json:"currentActions"`
	CurrentStep    int             `json:"currentStep"`
	TotalSteps     int             `json:"totalSteps"`
	AwaitsPromote  bool            `json:"awaitsPromotion,omitempty"`
}

// Deployments are those on their way, oldest first.
func (s *Service) Deployments(ctx context.Context) ([]*DeploymentInfo, error) {
	return look(ctx, s, func() []*DeploymentInfo {
		out := []*DeploymentInfo{}
		for _, d := range slices.SortedFunc(maps.Values(s.deployments), func(x, y *plan.Deployment) int { return x.Version.Compare(y.Version.Time) }) {
			out = append(out, s.deploymentInfo(d))
		}
		return out
	})
}

func (s *Service) deploymentInfo(d *plan.Deployment) *DeploymentInfo {
	x := &DeploymentInfo{ID: d.ID, Version: d.Version, AffectedApps: []string{}, AffectedPods: []string{}, Steps: stepsJSON(d),
		CurrentActions: []ActionJSON{}, CurrentStep: d.Step + 1, TotalSteps: len(d.Steps)}
	pods := map[string]bool{}
	for _, step := range d.Steps {
		for _, a := range step.Actions {
			pods[a.ID] = a.Pod
		}
	}
	for _, id := range d.Affects() {
		if pods[id] {
			x.AffectedPods = append(x.AffectedPods, id)
		} else {
			x.AffectedApps = append(x.AffectedApps, id)
		}
	}
	if d.Step < len(d.Steps) {
		x.CurrentActions = actionsJSON(d.Steps[d.Step].Actions)
		for k := range x.CurrentActions {
			for id := range ordered.All(s.bySpec[x.CurrentActions[k].App]) {
				if w := s.watched[id]; w != nil && w.result != nil {
					r := *w.result
					x.CurrentActions[k].Readiness = append(x.CurrentActions[k].Readiness, &r)
				}
			}
		}
	}
	_, x.AwaitsPromote = s.canaries(d)
	return x
}

// Waiting is a spec of which instances wait to be launched.
type Waiting struct {
	Spec      *model.Spec
	Count     int
	Since     time.Time
	Delay     time.Duration // that is left
	Processed int
	Unused    int
	LastUsed  time.Time
	LastNot   time.Time
	Attempt   map[string]int // unused offers by their first reason
	Agents    map[string]int // of the newest offer of each agent
	Offers    []Unused
}

// Queue is what waits to be launched, longest first.
func (s *Service) Queue(ctx context.Context) ([]*Waiting, error) {
	return look(ctx, s, func() (out []*Waiting) {
		now := time.Now()
		for _, w := range s.order() {
			x := &Waiting{
				Spec: w.spec, Count: w.count, Since: w.since, Delay: s.backoff[w.spec.ID()].Left(now), Processed: w.processed, Unused: w.unused,
				LastUsed: w.lastUsed, LastNot: w.lastNot, Attempt: maps.Clone(w.reasons), Agents: map[string]int{}, Offers: slices.Clone(w.offers),
			}
			for _, reasons := range w.agents {
				x.Agents[reasons[0]]++
			}
			out = append(out, x)
		}
		return out
	})
}

// Info is what marathon says of itself.
type Info struct {
	Framework  string
	Subscribed bool
	Config     Config
	Counts     Counts
}

// Counts are for /metrics.
type Counts struct {
	Apps, Pods, Groups, Deployments, Queue, Instances, Running, Staged, Unreachable, Agents int
}

// Info is what marathon says of itself.
func (s *Service) Info(ctx context.Context) (*Info, error) {
	return look(ctx, s, func() *Info {
		x := &Info{Framework: s.framework, Subscribed: s.subscribed, Config: s.conf}
		c := &x.Counts
		for _, v := range s.current {
			if v.App != nil {
				c.Apps++
			} else {
				c.Pods++
			}
		}
		c.Groups, c.Deployments, c.Instances, c.Agents = len(s.groups), len(s.deployments), len(s.instances), len(s.agents)
		for _, w := range s.queue {
			c.Queue += w.count
		}
		for _, i := range s.instances {
			switch i.Condition() {
			case model.Running:
				c.Running++
			case model.Unreached:
				c.Unreachable++
			case model.Provisioned, model.Staging, model.Starting:
				c.Staged++
			}
		}
		return x
	})
}

// Reasons are the words for why an offer is not used, in order.
var Reasons = match.Reasons
