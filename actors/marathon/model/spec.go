package model

import (
	"reflect"
	"time"
)

// Spec is an app or a pod: exactly one of both. It is never changed.
type Spec struct {
	App *App `json:"app,omitempty"`
	Pod *Pod `json:"pod,omitempty"`
}

// ID is the absolute id.
func (s *Spec) ID() string {
	if s.App != nil {
		return s.App.ID
	}
	return s.Pod.ID
}

// Version names this version of the definition.
func (s *Spec) Version() Timestamp {
	if s.App != nil {
		return s.App.Version
	}
	return s.Pod.Version
}

// VersionInfo says what of the version is new.
func (s *Spec) VersionInfo() VersionInfo {
	if s.App != nil {
		return s.App.VersionInfo
	}
	if s.Pod.VersionInfo == nil {
		return VersionInfo{s.Pod.Version, s.Pod.Version}
	}
	return *s.Pod.VersionInfo
}

// Config names the versions whose instances are alike: when something but their number changed.
func (s *Spec) Config() Timestamp { return s.VersionInfo().LastConfigChangeAt }

// Instances is how many are wanted; of a service for each agent it has no meaning.
func (s *Spec) Instances() int {
	if s.App != nil {
		return s.App.Instances
	}
	return s.Pod.Scaling.Instances
}

// PerAgent says that there is one instance on each agent.
func (s *Spec) PerAgent() bool { return s.App != nil && s.App.PerAgent }

// Upgrade is the upgrade strategy.
func (s *Spec) Upgrade() Upgrade {
	if s.App != nil {
		return *s.App.UpgradeStrategy
	}
	return *s.Pod.Scheduling.Upgrade
}

// Constraints are those of placement.
func (s *Spec) Constraints() []Constraint {
	if s.App != nil {
		return s.App.Constraints
	}
	return s.Pod.constraints()
}

// Unreachable is the unreachable strategy.
func (s *Spec) Unreachable() Unreachable {
	if s.App != nil {
		return *s.App.UnreachableStrategy
	}
	return *s.Pod.Scheduling.UnreachableStrategy
}

// KillSelection is which instances are killed first.
func (s *Spec) KillSelection() string {
	if s.App != nil {
		return s.App.KillSelection
	}
	return s.Pod.Scheduling.KillSelection
}

// Backoff is the first delay after a failure, its growth, and its most.
func (s *Spec) Backoff() (first time.Duration, factor float64, most time.Duration) {
	if s.App != nil {
		return time.Duration(s.App.BackoffSeconds) * time.Second, s.App.BackoffFactor, time.Duration(s.App.MaxLaunchDelaySeconds) * time.Second
	}
	b := s.Pod.Scheduling.Backoff
	return seconds(b.Backoff), b.BackoffFactor, seconds(b.MaxLaunchDelay)
}

func seconds(f float64) time.Duration { return time.Duration(f * float64(time.Second)) }

// AcceptedRoles are the roles of resources that may be used, none for all.
func (s *Spec) AcceptedRoles() []string {
	if s.App != nil {
		return s.App.AcceptedResourceRoles
	}
	return s.Pod.Scheduling.Placement.AcceptedResourceRoles
}

// Dependencies are apps, pods and groups that must be there first.
func (s *Spec) Dependencies() []string {
	if s.App != nil {
		return s.App.Dependencies
	}
	return nil
}

// Role is the role that the instances' resources are allocated to, "" for that of marathon.
func (s *Spec) Role() string {
	if s.App != nil {
		return s.App.Role
	}
	return s.Pod.Role
}

// Labels are those of the definition.
func (s *Spec) Labels() map[string]string {
	if s.App != nil {
		return s.App.Labels
	}
	return s.Pod.Labels
}

// Checked says that instances are well only when a health check said so.
func (s *Spec) Checked() bool {
	if s.App != nil {
		return len(s.App.HealthChecks) > 0
	}
	for i := range s.Pod.Containers {
		if !s.Pod.Containers[i].HealthCheck.Empty() {
			return true
		}
	}
	return false
}

// HasReadiness says that new instances are asked whether they are ready.
func (s *Spec) HasReadiness() bool { return s.App != nil && len(s.App.ReadinessChecks) > 0 }

// Resident says that instances have volumes that outlive them.
func (s *Spec) Resident() bool { return s.App != nil && s.App.Container.HasPersistent() }

// Tasks is how many tasks an instance has.
func (s *Spec) Tasks() int {
	if s.App != nil {
		return 1
	}
	return len(s.Pod.Containers)
}

// WithVersion is a copy that is version v, and was scaled or changed as info says.
func (s *Spec) WithVersion(v Timestamp, info VersionInfo) *Spec {
	if s.App != nil {
		a := *s.App
		a.Version, a.VersionInfo = v, info
		return &Spec{App: &a}
	}
	d := *s.Pod
	d.Version, d.VersionInfo = v, &info
	return &Spec{Pod: &d}
}

// WithInstances is a copy with another number of instances.
func (s *Spec) WithInstances(n int) *Spec {
	if s.App != nil {
		a := *s.App
		a.Instances = n
		return &Spec{App: &a}
	}
	d := *s.Pod
	d.Scaling.Instances = n
	return &Spec{Pod: &d}
}

// Same says that both differ in nothing but their versions; alike, that they
// differ in the number of instances at most.
func (s *Spec) Same(o *Spec) (same, alike bool) {
	if (s.App == nil) != (o.App == nil) {
		return false, false
	}
	x, y := s.WithVersion(Timestamp{}, VersionInfo{}), o.WithVersion(Timestamp{}, VersionInfo{})
	if equal(x, y) {
		return true, true
	}
	return false, equal(x.WithInstances(0), y.WithInstances(0))
}

// equal compares as a client would: by JSON.
func equal(x, y *Spec) bool {
	return reflect.DeepEqual(x, y) || equalJSON(x, y)
}

// Next is the version of s that follows old, which may be nil, at now: unchanged
// if there is no difference.
func (s *Spec) Next(old *Spec, now Timestamp) *Spec {
	if old == nil {
		return s.WithVersion(now, VersionInfo{now, now})
	}
	switch same, alike := s.Same(old); {
	case same:
		return old
	case alike:
		return s.WithVersion(now, VersionInfo{now, old.Config()})
	}
	return s.WithVersion(now, VersionInfo{now, now})
}

// Restarted is a version at now whose instances are alike with none before.
func (s *Spec) Restarted(now Timestamp) *Spec {
	return s.WithVersion(now, VersionInfo{s.VersionInfo().LastScalingAt, now})
}
