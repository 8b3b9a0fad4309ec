package ebpf

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Options are the agent's flags for this package.
type Options struct {
	FS  string // where the bpffs is, or is mounted: "/sys/fs/bpf"
	Dir string // of our pins in it: "mesos"

	// Bytes per second that each container may send and receive; 0 for any.
	Egress, Ingress uint64
	// Policed are the ports that Ports looks at; none: all.
	Policed []resources.Range
	// Apart says that containers have kernels of their own, by which packets do not pass this one's
	// sockets unless the network is the machine's, too.
	Apart bool

	calls bool // see place; for tests
}

// Places tells where containers have their cgroups; *cgroups.Isolator does.
type Places interface {
	Place(id string) cgroups.Place
	Mounts() cgroups.Place
}

// Isolator is all isolators of this package that were asked for.
type Isolator struct {
	isolators.Unlimiting
	options Options
	places  Places
	names   []string
	dir     string // of all pins

	mu    sync.Mutex
	parts []part // none before Recover
	known map[string]*container
}

// container is what is known of one.
type container struct {
	id     uint64 // of its cgroup
	memory uint64 // of that of its memory; 0 if it has none of its own
	nested bool
	free   bool // not in the machine's network: its ports take nobody's away
}

// part is one kind of figure or rule.
type part interface {
	name() string
	open(dir string, at place, o Options) error
	// begin makes what the part has of a container, unless it is there.
	begin(c *container) error
	// end removes it.
	end(c *container) error
	// keep removes what is of no container.
	keep(known []*container) error
	close()
}

// demander is a part that wants to know what a container may have.
type demander interface {
	demand(c *container, d isolators.Demand) error
}

// counter is a part with figures.
type counter interface {
	usage(c *container, to *v1.ResourceStatistics) error
	figures(c *container) ([]isolators.Figure, error)
}

var _ interface {
	isolators.Isolator
	isolators.Figurer
} = (*Isolator)(nil)

// New makes one. Errors are *isolators.UnknownError for a name that is none, and *isolators.MissingError where the
// containers of places have no cgroup of version 2, or one whose depth cannot be known. What else is
// missing is told by Recover, which has the kernel take the programs.
func New(places Places, o Options, names ...string) (*Isolator, error) {
	i := &Isolator{options: o, places: places, dir: filepath.Join(o.FS, o.Dir), known: make(map[string]*container)}
	for _, n := range names {
		if !slices.Contains(Names(), n) {
			return nil, &isolators.UnknownError{Name: n, Good: Names()}
		}
		if n == All {
			i.names = append(i.names, Network, IO, Process)
		} else {
			i.names = append(i.names, n)
		}
	}
	slices.Sort(i.names)
	i.names = slices.Compact(i.names)
	if places.Mounts().V2 == "" {
		return nil, &isolators.MissingError{Feature: "cgroup v2 for " + strings.Join(names, ","), Needs: "cgroup2 mounted below --cgroups_hierarchy, beside v1 or alone"}
	}
	if _, err := depth(places.Mounts().V2, places.Place("").V2); err != nil {
		return nil, err
	}
	return i, nil
}

// Name implements isolators.Isolator.
func (i *Isolator) Name() string { return strings.Join(i.names, ",") }

// Recover implements isolators.Isolator.
func (i *Isolator) Recover(_ context.Context, live []isolators.Live) error {
	at, err := i.place()
	if err != nil {
		return err
	}
	if err := ready(i.options.FS, i.dir); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, name := range i.names {
		p := makers[name]()
		i.parts = append(i.parts, p)
		if err := p.open(filepath.Join(i.dir, p.name()), at, i.options); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for name, make := range makers { // what was asked for in an earlier run
		if !slices.Contains(i.names, name) {
			if err := unpin(filepath.Join(i.dir, make().name())); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	outermost := slices.SortedFunc(slices.Values(live), func(a, b isolators.Live) int { return strings.Compare(a.ID, b.ID) })
	for _, l := range outermost { // first
		c, err := i.find(l.ID)
		if errors.Is(err, unix.ENOENT) {
			continue // launched without cgroups
		}
		if err == nil {
			c.free = i.ownNetwork(l.ID, l.Info)
			err = i.begin(c)
		}
		if err != nil {
			return fmt.Errorf("recovery of container %s: %w", l.ID, err)
		}
		i.known[l.ID] = c
	}
	var known []*container
	for _, c := range i.known {
		known = append(known, c)
	}
	for _, p := range i.parts {
		if err := p.keep(known); err != nil {
			return fmt.Errorf("what an earlier run left in %s: %w", p.name(), err)
		}
	}
	return nil
}

var makers = map[string]func() part{
	Network: func() part { return &network{} },
	IO:      func() part { return &disks{} },
	Process: func() part { return &processes{} },
	Ports:   func() part { return &ports{} },
}

func (i *Isolator) begin(c *container) error {
	for _, p := range i.parts {
		if err := p.begin(c); err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
	}
	return nil
}

// Prepare implements isolators.Isolator. The container's cgroups must be there.
func (i *Isolator) Prepare(_ context.Context, c isolators.Container, _ *boot.Launch) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known[c.ID] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	made, err := i.find(c.ID)
	if err != nil {
		return err
	}
	made.free = i.ownNetwork(c.ID, c.Info)
	i.known[c.ID] = made
	if err := i.begin(made); err != nil {
		return err
	}
	return i.demand(made, c.Demand)
}

func (i *Isolator) demand(c *container, d isolators.Demand) error {
	for _, p := range i.parts {
		if r, wants := p.(demander); wants {
			if err := r.demand(c, d); err != nil {
				return fmt.Errorf("%s: %w", p.name(), err)
			}
		}
	}
	return nil
}

// of is a container that is known. i.mu is held.
func (i *Isolator) of(id string) (*container, error) {
	if c := i.known[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
}

// Isolate implements isolators.Isolator: who enters the cgroup is counted.
func (i *Isolator) Isolate(_ context.Context, id string, _ int) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err := i.of(id)
	return err
}

// Update implements isolators.Isolator.
func (i *Isolator) Update(_ context.Context, id string, d isolators.Demand) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	c, err := i.of(id)
	if err != nil {
		return err
	}
	return i.demand(c, d)
}

// Usage implements isolators.Isolator.
func (i *Isolator) Usage(id string, to *v1.ResourceStatistics) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	c, err := i.of(id)
	if err != nil {
		return err
	}
	for _, p := range i.parts {
		if n, counts := p.(counter); counts && !i.blind(p, c) {
			if err := n.usage(c, to); err != nil {
				return fmt.Errorf("%s: %w", p.name(), err)
			}
		}
	}
	return nil
}

// Figures implements isolators.Figurer.
func (i *Isolator) Figures(id string) (all []isolators.Figure, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	c, err := i.of(id)
	if err != nil {
		return nil, err
	}
	for _, p := range i.parts {
		n, counts := p.(counter)
		if !counts || i.blind(p, c) {
			continue
		}
		some, err := n.figures(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name(), err)
		}
		all = append(all, some...)
	}
	return all, nil
}

// Cleanup implements isolators.Isolator.
func (i *Isolator) Cleanup(_ context.Context, id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	c := i.known[id]
	if c == nil {
		return nil
	}
	for _, p := range i.parts {
		if err := p.end(c); err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
	}
	delete(i.known, id)
	return nil
}

// Close implements isolators.Isolator. The kernel counts on if a container is left, else nothing of ours stays there.
func (i *Isolator) Close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, p := range i.parts {
		if len(i.known) == 0 {
			_ = unpin(filepath.Join(i.dir, p.name())) // what stays is found by the next run
		}
		p.close()
	}
	if len(i.known) == 0 && i.parts != nil {
		_ = unix.Rmdir(i.dir)
	}
	i.parts = nil
	clear(i.known)
}

// unlessThere is the error of an update that is to leave alone what is there.
func unlessThere(err error) error {
	if errors.Is(err, ebpf.ErrKeyExist) {
		return nil
	}
	return err
}

// unlessGone is the error of a removal.
func unlessGone(err error) error {
	if errors.Is(err, ebpf.ErrKeyNotExist) {
		return nil
	}
	return err
}
