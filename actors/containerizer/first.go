package containerizer

import (
	"context"
	"errors"

	"mesos/isolators"
)

// Firster is a Runtime whose program begins a container with a process of its own,
// in namespaces that those of the program are not.
type Firster interface {
	// First is the container's own first process, 0 if there is none (yet).
	First(id string) int
}

// firstInside is the first process of a container in its own namespaces: that of a
// Firster, or the one that was started.
func (p *Posix) firstInside(id string, started int) int {
	if f, is := p.isolation.Runtime.(Firster); is {
		if pid := f.First(id); pid != 0 {
			return pid
		}
	}
	return started
}

// introduce tells the isolators, before something is nested in a container, which is
// its first process: when it was isolated that was not made yet.
func (p *Posix) introduce(ctx context.Context, cfg Config) error {
	f, is := p.isolation.Runtime.(Firster)
	up, nested := parent(cfg.ContainerID)
	if !is || !nested || cfg.Session {
		return nil
	}
	pid := f.First(up)
	if pid == 0 {
		return nil // it has just ended, which the launch will find out
	}
	if err := p.isolation.Set.Isolate(ctx, up, pid); err != nil && !errors.Is(err, isolators.ErrUnknownContainer) {
		return err
	}
	return nil
}
