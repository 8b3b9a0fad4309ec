package containerizer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"mesos/actors/containerizer/proctree"
	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Limits are what a task is stopped at, by the name of the resource; +Inf is
// no limit.
type Limits = map[string]*v1.Value_Scalar

// clean removes what isolators have of a container, with the processes in it if
// they hold those.
func (p *Posix) clean(id string) error {
	timeout := p.isolation.Timeout
	if timeout == 0 {
		timeout = time.Minute
	}
	ctx, end := context.WithTimeout(context.Background(), timeout)
	defer end()
	if err := p.isolation.Set.Cleanup(ctx, id); err != nil {
		return fmt.Errorf("removal of container %s: %w", id, err)
	}
	return nil
}

// cleanUp is clean for a container that was started.
func (p *Posix) cleanUp(c *container) {
	c.cleaning.Lock()
	defer c.cleaning.Unlock()
	if err := p.clean(c.id); err != nil {
		p.log.Error("something of a container is left", "container_id", c.id, "error", err)
		if p.failed != nil {
			p.failed()
		}
	}
}

// killHeld ends a container whose processes the isolators hold. Its shim, which is
// none of them, ends by itself.
func (p *Posix) killHeld(c *container) {
	p.cleanUp(c)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-c.over:
	case <-p.closing:
	case <-late.C:
		p.mu.Lock()
		p.seek(c)
		p.mu.Unlock()
	}
}

// lookOut begins to wait for a container to go beyond its limits, which ends it.
// p.mu is held.
func (p *Posix) lookOut(c *container) {
	if p.isolation == nil {
		return
	}
	limited := p.isolation.Set.Watch(c.id)
	if limited == nil {
		return
	}
	c.watched = make(chan struct{})
	p.busy.Go(func() {
		defer close(c.watched)
		for {
			select {
			case l, more := <-limited:
				if !more {
					return
				}
				p.log.Info("container goes beyond its limits", "container_id", c.id, "reason", l.Reason.String())
				p.mu.Lock()
				c.limitation = &l
				p.mu.Unlock()
				p.Destroy(c.id)
			case <-p.closing:
				return
			}
		}
	})
}

// limited completes how a container ended, when it is cleaned up.
func (p *Posix) limited(c *container, e Exit) Exit {
	if c.watched != nil {
		<-c.watched // what was limited last is told before the end
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := c.limitation; l != nil {
		e.HasReason, e.Reason, e.Message, e.Limitation = true, l.Reason, l.Message, l.Resources
	}
	return e
}

// Limited implements Containerizer.
func (p *Posix) Limited(id string) (Exit, bool) {
	p.mu.Lock()
	var known *isolators.Limitation
	if c := p.containers[id]; c != nil {
		known = c.limitation
	}
	p.mu.Unlock()
	if known == nil && p.isolation != nil {
		if m, can := p.isolation.Set.(isolators.Limiter); can {
			if l, is := m.Limited(id); is {
				known = &l
			}
		}
	}
	if known == nil {
		return Exit{}, false
	}
	return Exit{HasReason: true, Reason: known.Reason, Message: known.Message, Limitation: known.Resources}, true
}

// Update implements Containerizer.
func (p *Posix) Update(ctx context.Context, id string, r resources.Resources, limits Limits) error {
	if p.isolation == nil {
		return nil
	}
	err := p.isolation.Set.Update(ctx, id, DemandOf(r, limits))
	if errors.Is(err, isolators.ErrUnknownContainer) {
		return nil // it runs without isolation, or has ended
	}
	return err
}

// Usage implements Containerizer.
func (p *Posix) Usage(id string) (*v1.ResourceStatistics, error) {
	to := &v1.ResourceStatistics{}
	if p.isolation == nil {
		return to, nil
	}
	err := p.isolation.Set.Usage(id, to)
	return to, err
}

// Figures are what isolators count of a container that has no field in its usage; none where nothing counts.
func (p *Posix) Figures(id string) ([]isolators.Figure, error) {
	if p.isolation == nil {
		return nil, nil
	}
	counts, can := p.isolation.Set.(isolators.Figurer)
	if !can {
		return nil, nil
	}
	return counts.Figures(id)
}

// firstOf is the container's own first process: of one with a shim, the shim's
// first child.
func firstOf(m Process, shim bool) int {
	if !shim {
		return m.PID
	}
	return proctree.Oldest(slices.DeleteFunc(proctree.Descendants(m.PID), func(pid int) bool { return proctree.Parent(pid) != m.PID }))
}

// recoverIsolated has the isolators take up what lives, and remove the rest.
func (p *Posix) recoverIsolated(known []Known, alive map[string]Process) error {
	if p.isolation == nil {
		return nil
	}
	var live []isolators.Live
	for _, k := range known {
		if m, ok := alive[k.ContainerID]; ok {
			live = append(live, isolators.Live{ID: k.ContainerID, PID: p.firstInside(k.ContainerID, firstOf(m, k.Runtime != "")), Info: k.Info, Demand: DemandOf(k.Resources, k.Limits), Shared: shares(k.ContainerID, k.Info) || k.Session, Sandbox: k.Sandbox, Volumes: volumesOf(k.Persistent)})
		}
	}
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	if err := p.isolation.Set.Recover(ctx, live); err != nil {
		return fmt.Errorf("recovery of isolation: %w", err)
	}
	return nil
}

// isHeld says that the isolators hold an adopted container: it was not launched
// before they were asked for.
func (p *Posix) isHeld(id string) bool {
	return p.isolation != nil && p.isolation.Holds && !errors.Is(p.isolation.Set.Usage(id, &v1.ResourceStatistics{}), isolators.ErrUnknownContainer)
}
