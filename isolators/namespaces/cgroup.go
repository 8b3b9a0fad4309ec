package namespaces

import (
	"context"

	"mesos/isolators"
	"mesos/isolators/boot"
)

// Cgroup is the isolator namespaces/cgroup (a name of our own): a container sees
// its own cgroups as the topmost, not where they are on the machine.
type Cgroup struct{ isolators.Launching }

var _ isolators.Isolator = (*Cgroup)(nil)

// Name implements isolators.Isolator.
func (*Cgroup) Name() string { return "namespaces/cgroup" }

// Prepare implements isolators.Isolator.
func (g *Cgroup) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	if err := g.Begin(c.ID); err != nil || c.Session {
		return err
	}
	l.OwnCgroups = true
	return nil
}
