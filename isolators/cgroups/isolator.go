package cgroups

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// Isolator is all cgroups/... isolators that were asked for.
type Isolator struct {
	layout  *cgroup.Layout
	options Options
	names   []string       // subsystems, sorted
	roots   []root         // one for each hierarchy
	home    map[string]int // subsystem, or v1 controller, to the index of its root
	around  bool           // see NewAround

	mu     sync.Mutex
	groups map[string]*group
}

var _ isolators.Isolator = (*Isolator)(nil)

// New makes one. Names are those of Names. The error is a
// *isolators.UnknownError, a *isolators.MissingError for a controller that
// this machine has in neither version, or a *PerfEventError.
func New(layout *cgroup.Layout, o Options, names ...string) (*Isolator, error) {
	if o.Root == "" || path.Clean("/"+o.Root) != "/"+o.Root {
		return nil, fmt.Errorf("cgroups root %q: want a relative path, as in \"mesos\"", o.Root)
	}
	i := &Isolator{layout: layout, options: o, home: make(map[string]int), groups: make(map[string]*group)}
	for _, name := range names {
		short, ours := strings.CutPrefix(name, prefix)
		if _, known := subsystems[short]; !ours || !known && short != all {
			return nil, &isolators.UnknownError{Name: name, Good: Names()}
		}
		for one := range subsystems {
			if one != short && short != all || slices.Contains(i.names, one) {
				continue
			}
			err := i.place(one)
			var missing *isolators.MissingError
			if short == all && (errors.As(err, &missing) || errors.Is(err, errNoEvents)) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("isolator %s: %w", prefix+one, err)
			}
			i.names = append(i.names, one)
		}
	}
	slices.Sort(i.names)
	i.placeKiller()
	return i, nil
}

// Name implements isolators.Isolator. That of one that only holds processes is no name of --isolation.
func (i *Isolator) Name() string {
	if len(i.names) == 0 {
		return "cgroups"
	}
	return prefix + strings.Join(i.names, ","+prefix)
}

// Recover implements isolators.Isolator. A container that has no cgroup, as it
// was launched without this isolator, is not known afterwards; one that lacks
// some, as other subsystems were asked for then, does without those; one nested
// without its own is within its parent's.
func (i *Isolator) Recover(ctx context.Context, live []isolators.Live) error {
	if err := i.makeRoots(); err != nil {
		return err
	}
	// The outermost first, so that the nested find what they share.
	sorted := slices.SortedFunc(slices.Values(live), func(a, b isolators.Live) int { return strings.Compare(a.ID, b.ID) })
	for _, l := range sorted {
		if err := i.adopt(l); err != nil {
			return fmt.Errorf("recovery of container %s: %w", l.ID, err)
		}
	}
	for _, id := range i.found() {
		i.mu.Lock()
		known := i.groups[id] != nil
		i.mu.Unlock()
		if known {
			continue
		}
		if err := i.release(ctx, id); err != nil {
			return fmt.Errorf("removal of container %s of an earlier run: %w", id, err)
		}
	}
	return nil
}

// Prepare implements isolators.Isolator.
func (i *Isolator) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	g, err := i.add(c)
	if err != nil {
		return err
	}
	if !c.Session && !i.around {
		i.shut(l)
	}
	if err := i.makeDirs(c.ID, g.within != nil); err != nil || g.within != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range i.names {
		s, d := subsystems[name], i.dir(name, c.ID)
		if s.prepare != nil {
			if err := s.prepare(i.options, d, c); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
		if s.keep != nil {
			if err := s.keep(i.options, d, g); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
		if s.update != nil {
			if err := s.update(i.options, d, isolators.Demand{}, c.Demand); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
	}
	if given := DevicesOf(l.Given.Nodes); len(given) > 0 && !i.around {
		if err := i.setDevices(c.ID, nil, given); err != nil {
			return fmt.Errorf("%sdevices: %w", prefix, err)
		}
	}
	g.demand = c.Demand
	return i.watch(g)
}

// Isolate implements isolators.Isolator.
func (i *Isolator) Isolate(_ context.Context, id string, pid int) error {
	g, err := i.group(id)
	if err != nil || i.around {
		return err
	}
	for _, r := range i.roots {
		d := r.below(g.owner().id)
		if r.killer {
			d = r.below(id)
		}
		if r.Version == 2 {
			d = d.Below(leaf)
		}
		if err := d.Write("cgroup.procs", fmt.Sprint(pid)); err != nil {
			return fmt.Errorf("process %d: %w", pid, err)
		}
	}
	return nil
}

// Watch implements isolators.Isolator. When what is shared runs out, the
// container that has it is limited, not those nested in it.
func (i *Isolator) Watch(id string) <-chan isolators.Limitation {
	g, err := i.group(id)
	if err != nil {
		closed := make(chan isolators.Limitation)
		close(closed)
		return closed
	}
	return g.limited
}

// Limited implements isolators.Limiter.
func (i *Isolator) Limited(id string) (isolators.Limitation, bool) {
	g, err := i.group(id)
	if err != nil {
		return isolators.Limitation{}, false
	}
	return i.limitation(g.owner())
}

// limitation looks whether a container has gone beyond what it may.
func (i *Isolator) limitation(g *group) (isolators.Limitation, bool) {
	g.mu.Lock()
	demand := g.demand
	g.mu.Unlock()
	for _, name := range i.names {
		s, d := subsystems[name], i.dir(name, g.id)
		if s.limited == nil {
			continue
		}
		if l, is := s.limited(d, demand); is {
			return l, true
		}
	}
	return isolators.Limitation{}, false
}

// Update implements isolators.Isolator. The demand of what shares its parent's
// cgroups is in its parent's.
func (i *Isolator) Update(_ context.Context, id string, d isolators.Demand) error {
	g, err := i.group(id)
	if err != nil || g.within != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range i.names {
		s, at := subsystems[name], i.dir(name, id)
		if s.update != nil && at.Exists() {
			if err := s.update(i.options, at, g.demand, d); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
	}
	g.demand = d
	return nil
}

// Usage implements isolators.Isolator. What shares its parent's cgroups has no
// figures of its own.
func (i *Isolator) Usage(id string, to *v1.ResourceStatistics) error {
	g, err := i.group(id)
	if err != nil || g.within != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range i.names {
		s, d := subsystems[name], i.dir(name, id)
		if s.usage != nil && d.Exists() {
			if err := s.usage(i, g, d, to); err != nil {
				return fmt.Errorf("%s%s: %w", prefix, name, err)
			}
		}
	}
	return nil
}

// Cleanup implements isolators.Isolator. Containers nested in this one go along.
func (i *Isolator) Cleanup(ctx context.Context, id string) error {
	g, err := i.group(id)
	if err != nil {
		return nil // one that is not known is none
	}
	g.unwatch()
	if g.within == nil {
		// What the kernel has just killed may have ended the container before
		// its watch was told.
		if l, is := i.limitation(g); is {
			g.limit(l)
		}
	}
	if err := i.release(ctx, id); err != nil {
		return err
	}
	i.options.Handles.mark(g.class, false)
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.groups, id)
	g.end()
	return nil
}

// Close implements isolators.Isolator.
func (i *Isolator) Close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, g := range i.groups {
		g.unwatch()
		g.end()
	}
	clear(i.groups)
}
