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
	Root    string // where /proc, /dev, /etc and /var of the GPUs are; "" is "/"
	Dir     string // what containers have is kept here; nobody else's
	Offered []int  // indices of the GPUs that containers may have, as Offer gives them
}

// Devices lets containers open device nodes; *cgroups.Isolator is one.
type Devices interface {
	// SetDevices replaces the nodes that a container may open beside the usual ones.
	SetDevices(id string, was, now []cgroups.Device) error
}

// Isolator is the isolator gpu/nvidia.
type Isolator struct {
	isolators.Unlimiting
	o       Options
	devices Devices
	all     []GPU

	mu         sync.Mutex
	containers map[string]*container
}

var _ isolators.Isolator = (*Isolator)(nil)

// container is one that is known.
type container struct {
	gpus   []int            // indices; of a nested one none
	nodes  []cgroups.Device // that it may open
	shared bool             // its cgroups are another's
}

// New makes one. Without GPUs it gives none.
func New(o Options, d Devices) (*Isolator, error) {
	if o.Root == "" {
		o.Root = "/"
	}
	all, err := Find(o.Root)
	if err != nil {
		return nil, err
	}
	for _, n := range o.Offered {
		if n < 0 || n >= len(all) {
			return nil, fmt.Errorf("GPU %d: this machine has %d", n, len(all))
		}
	}
	return &Isolator{o: o, devices: d, all: all, containers: map[string]*container{}}, nil
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
		i.containers[l.ID] = &container{shared: l.Shared}
	}
	left, err := os.ReadDir(i.o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, f := range left {
		c := i.containers[f.Name()]
		if c == nil {
			if err := os.Remove(i.file(f.Name())); err != nil {
				return err
			}
			continue
		}
		if c.gpus, err = i.load(f.Name()); err != nil {
			return err
		}
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
	if err == nil && slices.ContainsFunc(gpus, func(n int) bool { return n < 0 || n >= len(i.all) }) {
		err = fmt.Errorf("%v: this machine has %d", gpus, len(i.all))
	}
	if err != nil {
		return nil, fmt.Errorf("GPUs of container %s: %w", id, err)
	}
	return gpus, nil
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

// grant is what a container gets for the GPUs of the outermost one; i.mu is held.
func (i *Isolator) grant(id string) (grant, error) {
	var some []GPU
	if c := i.containers[outermost(id)]; c != nil {
		for _, n := range c.gpus {
			some = append(some, i.all[n])
		}
	}
	return granted(i.o.Root, some)
}

// Prepare implements isolators.Isolator.
func (i *Isolator) Prepare(_ context.Context, c isolators.Container, l *boot.Launch) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.containers[c.ID] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	i.containers[c.ID] = &container{shared: c.Shared}
	if outermost(c.ID) == c.ID {
		if err := i.take(c.ID, c.GPUs); err != nil {
			return err
		}
	}
	g, err := i.allow(c.ID)
	if err != nil || c.Session {
		return err
	}
	return g.into(l)
}

// take gives a container as many GPUs as it is to have; i.mu is held.
func (i *Isolator) take(id string, gpus float64) error {
	if gpus != math.Trunc(gpus) || gpus < 0 {
		return fmt.Errorf("resources, gpus: want a whole number, got %v", gpus)
	}
	c, want := i.containers[id], int(gpus)
	now := slices.Clone(c.gpus[:min(len(c.gpus), want)])
	for _, n := range i.o.Offered {
		if len(now) < want && i.free(n) {
			now = append(now, n)
		}
	}
	if len(now) < want {
		return fmt.Errorf("resources, gpus: want %d, and only %d are free", want, len(now))
	}
	if slices.Equal(now, c.gpus) {
		return nil
	}
	if err := i.keep(id, now); err != nil {
		return fmt.Errorf("GPUs of container %s: %w", id, err)
	}
	c.gpus = now
	return nil
}

func (i *Isolator) free(n int) bool {
	for _, c := range i.containers {
		if slices.Contains(c.gpus, n) {
			return false
		}
	}
	return true
}

// allow lets a container open what comes with its GPUs; i.mu is held.
func (i *Isolator) allow(id string) (grant, error) {
	g, err := i.grant(id)
	if err != nil {
		return g, err
	}
	c, now := i.containers[id], g.devices()
	if c.shared || slices.Equal(c.nodes, now) {
		return g, nil
	}
	if err := i.devices.SetDevices(id, c.nodes, now); err != nil {
		return g, fmt.Errorf("device nodes of container %s: %w", id, err)
	}
	c.nodes = now
	return g, nil
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
	if err := i.take(id, d.GPUs); err != nil {
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
		if _, err := i.allow(one); err != nil {
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
	delete(i.containers, id)
	return nil
}
