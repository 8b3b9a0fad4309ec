package gpu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// Options of an Isolator.
type Options struct {
	Pool *Pool
	Dir  string // what containers have is kept here; nobody else's
}

// Devices lets containers that run open device nodes; *cgroups.Isolator is one. What
// they may open at first, they are told by the Given of their Launch.
type Devices interface {
	// SetDevices replaces the nodes that a container may open beside the usual ones.
	// One that shares the cgroups of another is left as that is.
	SetDevices(id string, was, now []cgroups.Device) error
}

// Isolator is the isolator gpu/nvidia. It acts before those that make cgroups and
// containers, so that on the way down nothing runs any more when others get the GPUs.
type Isolator struct {
	isolators.Unlimiting
	o       Options
	devices Devices

	mu         sync.Mutex
	containers map[string]*container
}

var _ isolators.Isolator = (*Isolator)(nil)

// container is one that is known.
type container struct {
	nodes   []cgroups.Device // that it may open
	session bool             // it is in another's cgroups
}

// New makes one.
func New(o Options, d Devices) *Isolator {
	return &Isolator{o: o, devices: d, containers: map[string]*container{}}
}

// Name implements isolators.Isolator.
func (*Isolator) Name() string { return "gpu/nvidia" }

// outermost is the container that has the GPUs of all nested in it.
func outermost(id string) string {
	id, _, _ = strings.Cut(id, ".")
	return id
}

// Recover implements isolators.Isolator.
func (i *Isolator) Recover(_ context.Context, live []isolators.Live) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, l := range live {
		i.containers[l.ID] = &container{}
	}
	if err := i.unbundleLeft(); err != nil {
		return err
	}
	left, err := os.ReadDir(i.o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range left {
		id := f.Name()
		if id == bundles {
			continue
		}
		if i.containers[id] == nil {
			if err := os.Remove(i.file(id)); err != nil {
				return err
			}
			continue
		}
		gpus, err := i.load(id)
		if err != nil {
			return fmt.Errorf("GPUs of container %s: %w", id, err)
		}
		i.o.Pool.set(id, gpus)
	}
	for id, c := range i.containers {
		g, err := i.grant(id)
		if err != nil {
			return fmt.Errorf("GPUs of container %s: %w", id, err)
		}
		c.nodes = g.devices()
	}
	return nil
}

func (i *Isolator) file(id string) string { return filepath.Join(i.o.Dir, id) }

func (i *Isolator) load(id string) (gpus []int, err error) {
	text, err := os.ReadFile(i.file(id))
	if err == nil {
		err = json.Unmarshal(text, &gpus)
	}
	if err == nil {
		err = i.o.Pool.check(gpus)
	}
	return gpus, err
}

// keep writes down what a container has, before it has it.
func (i *Isolator) keep(id string, gpus []int) error {
	text, err := json.Marshal(gpus)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(i.o.Dir, 0o700); err != nil {
		return err
	}
	next := i.file(id) + ".next" // which no live container is called
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, i.file(id))
}

// grant is what a container gets for the GPUs of the outermost one.
func (i *Isolator) grant(id string) (grant, error) {
	return granted(i.o.Pool.root, i.o.Pool.of(outermost(id)))
}

// Prepare implements isolators.Isolator.
func (i *Isolator) Prepare(ctx context.Context, c isolators.Container, l *boot.Launch) error {
	known := &container{session: c.Session}
	if err := i.begin(c.ID, known); err != nil {
		return err
	}
	if outermost(c.ID) == c.ID {
		want, err := whole(c.GPUs)
		if err == nil {
			err = i.o.Pool.await(ctx, c.ID, want, i.keeper(c.ID))
		}
		if err != nil {
			return err
		}
	}
	g, err := i.grant(c.ID)
	if err != nil || c.Session {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	known.nodes = g.devices()
	if err := g.into(l); err != nil {
		return err
	}
	return i.bundle(c.ID, l)
}

func (i *Isolator) begin(id string, c *container) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.containers[id] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, id)
	}
	i.containers[id] = c
	return nil
}

func whole(gpus float64) (int, error) {
	if gpus != math.Trunc(gpus) || gpus < 0 {
		return 0, fmt.Errorf("resources, gpus: want a whole number, got %v", gpus)
	}
	return int(gpus), nil
}

func (i *Isolator) keeper(id string) func([]int) error {
	return func(now []int) error { return i.keep(id, now) }
}

// allow lets a container that runs open what comes with its GPUs; i.mu is held.
func (i *Isolator) allow(id string) error {
	g, err := i.grant(id)
	if err != nil {
		return err
	}
	c, now := i.containers[id], g.devices()
	if c.session || slices.Equal(c.nodes, now) {
		return nil
	}
	if err := i.devices.SetDevices(id, c.nodes, now); err != nil {
		return fmt.Errorf("device nodes of container %s: %w", id, err)
	}
	c.nodes = now
	return nil
}

func (i *Isolator) known(id string) (*container, error) {
	if c := i.containers[id]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
}

// Isolate implements isolators.Isolator.
func (i *Isolator) Isolate(_ context.Context, id string, _ int) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err := i.known(id)
	return err
}

// Update implements isolators.Isolator: a container keeps those that it has, or the
// first of them.
func (i *Isolator) Update(_ context.Context, id string, d isolators.Demand) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if _, err := i.known(id); err != nil || outermost(id) != id {
		return err
	}
	want, err := whole(d.GPUs)
	if err == nil {
		err = i.o.Pool.take(id, want, i.keeper(id))
	}
	if err != nil {
		return err
	}
	var within []string
	for other := range i.containers {
		if outermost(other) == id {
			within = append(within, other)
		}
	}
	slices.Sort(within) // the outer before what is in it
	for _, one := range within {
		if err := i.allow(one); err != nil {
			return err
		}
	}
	return nil
}

// Usage implements isolators.Isolator. It knows of nothing that is used.
func (i *Isolator) Usage(id string, _ *v1.ResourceStatistics) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err := i.known(id)
	return err
}

// Cleanup implements isolators.Isolator.
func (i *Isolator) Cleanup(_ context.Context, id string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.containers[id] == nil {
		return nil
	}
	if err := os.Remove(i.file(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := i.unbundle(id); err != nil {
		return err
	}
	delete(i.containers, id)
	i.o.Pool.set(id, nil)
	return nil
}

// Close implements isolators.Isolator. Containers keep what they have; the next run
// takes it up.
func (i *Isolator) Close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for id := range i.containers {
		i.o.Pool.set(id, nil)
	}
	clear(i.containers)
}
