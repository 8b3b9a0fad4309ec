package containerizer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"syscall"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// ErrNotAccepted is wrapped when no containerizer takes a container.
var ErrNotAccepted = errors.New("no containerizer of this agent takes the container")

// Part is one of several containerizers.
type Part struct {
	Name  string // as --containerizers has it
	Posix *Posix
	// Accepts says why a container is not one for this part; nil: it is.
	Accepts func(*v1.ContainerInfo) error
	// Had says that a container of an earlier run was this part's; nil: it was, if
	// it was no other's.
	Had func(Known) bool
}

// Composing is several containerizers that act as one: the first that accepts a
// container launches it, and what is nested in it.
type Composing struct{ parts []Part }

var _ Containerizer = (*Composing)(nil)

// NewComposing composes containerizers, of which there must be one at least.
func NewComposing(parts ...Part) *Composing { return &Composing{parts} }

// Close closes them all.
func (m *Composing) Close() error {
	var errs []error
	for _, p := range m.parts {
		errs = append(errs, p.Posix.Close())
	}
	return errors.Join(errs...)
}

// of is the part that has a container; the first, which knows none of that id
// either, if none has.
func (m *Composing) of(id string) *Posix {
	for _, p := range m.parts {
		if p.Posix.Has(id) {
			return p.Posix
		}
	}
	return m.parts[0].Posix
}

// Has says that a container is there, or its Exit.
func (p *Posix) Has(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.containers[id] != nil
}

// Launch implements Containerizer.
func (m *Composing) Launch(ctx context.Context, c Config) (Process, error) {
	if up, nested := parent(c.ContainerID); nested {
		return m.of(up).Launch(ctx, c)
	}
	var errs []error
	for _, p := range m.parts {
		err := p.Accepts(c.Info)
		if err == nil {
			return p.Posix.Launch(ctx, c)
		}
		errs = append(errs, fmt.Errorf("%s: %w", p.Name, err))
	}
	return Process{}, &LaunchError{c.ContainerID, StepAccept, fmt.Errorf("%w: %w", ErrNotAccepted, errors.Join(errs...))}
}

// Recover implements Containerizer.
func (m *Composing) Recover(workDir string, known []Known) (map[string]Process, error) {
	roots := map[string]int{}
	for _, k := range known {
		if _, nested := parent(k.ContainerID); nested {
			continue
		}
		roots[k.ContainerID] = m.whose(k)
	}
	alive := map[string]Process{}
	for i, p := range m.parts {
		var mine, others []Known
		for _, k := range known {
			root, _, _ := strings.Cut(k.ContainerID, ".")
			if roots[root] == i {
				mine = append(mine, k)
			} else {
				others = append(others, k)
			}
		}
		live, err := p.Posix.RecoverBeside(workDir, mine, others)
		if err != nil {
			return nil, fmt.Errorf("containerizer %s: %w", p.Name, err)
		}
		maps.Copy(alive, live)
	}
	return alive, nil
}

// whose is the part that had a container; the first, if none says so.
func (m *Composing) whose(k Known) int {
	any := 0
	for i, p := range m.parts {
		switch {
		case p.Had == nil:
			any = i
		case p.Had(k):
			return i
		}
	}
	return any
}

// Wait implements Containerizer.
func (m *Composing) Wait(id string) <-chan Exit { return m.of(id).Wait(id) }

// Destroy implements Containerizer.
func (m *Composing) Destroy(id string) { m.of(id).Destroy(id) }

// Limited implements Containerizer.
func (m *Composing) Limited(id string) (Exit, bool) { return m.of(id).Limited(id) }

// Update implements Containerizer.
func (m *Composing) Update(ctx context.Context, id string, r resources.Resources, limits Limits) error {
	return m.of(id).Update(ctx, id, r, limits)
}

// Usage implements Containerizer.
func (m *Composing) Usage(id string) (*v1.ResourceStatistics, error) { return m.of(id).Usage(id) }

// Figures are those of the part that has the container.
func (m *Composing) Figures(id string) ([]isolators.Figure, error) { return m.of(id).Figures(id) }

// Signal implements Containerizer.
func (m *Composing) Signal(id string, s syscall.Signal) error { return m.of(id).Signal(id, s) }

// AttachOutput implements Containerizer.
func (m *Composing) AttachOutput(id string) (Output, error) { return m.of(id).AttachOutput(id) }

// AttachInput implements Containerizer.
func (m *Composing) AttachInput(id string) (Input, error) { return m.of(id).AttachInput(id) }
