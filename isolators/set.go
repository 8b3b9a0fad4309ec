package isolators

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Set is several isolators that act as one: in their order on the way up, in
// the opposite order on the way down. It is an Isolator itself.
type Set struct {
	parts []Isolator
}

var _ Isolator = (*Set)(nil)

// NewSet composes isolators.
func NewSet(parts ...Isolator) *Set { return &Set{slices.Clone(parts)} }

// Name joins the names of the parts as --isolation does.
func (s *Set) Name() string {
	names := make([]string, len(s.parts))
	for i, p := range s.parts {
		names[i] = p.Name()
	}
	return strings.Join(names, ",")
}

// each calls f on the parts until the first error, which it names.
func (s *Set) each(step string, f func(Isolator) error) error {
	for _, p := range s.parts {
		if err := f(p); err != nil {
			return fmt.Errorf("isolator %s, %s: %w", p.Name(), step, err)
		}
	}
	return nil
}

// Recover implements Isolator.
func (s *Set) Recover(ctx context.Context, live []Live) error {
	return s.each("recover", func(p Isolator) error { return p.Recover(ctx, live) })
}

// Prepare implements Isolator.
func (s *Set) Prepare(ctx context.Context, c Container, l *boot.Launch) error {
	return s.each("prepare", func(p Isolator) error { return p.Prepare(ctx, c, l) })
}

// Isolate implements Isolator.
func (s *Set) Isolate(ctx context.Context, id string, pid int) error {
	return s.each("isolate", func(p Isolator) error { return p.Isolate(ctx, id, pid) })
}

// Update implements Isolator. The parts before the one that refuses keep what
// they were told.
func (s *Set) Update(ctx context.Context, id string, d Demand) error {
	return s.each("update", func(p Isolator) error { return p.Update(ctx, id, d) })
}

// Usage implements Isolator: one part that cannot tell does not hide what the
// others know.
func (s *Set) Usage(id string, to *v1.ResourceStatistics) error {
	var errs []error
	for _, p := range s.parts {
		if err := p.Usage(id, to); err != nil {
			errs = append(errs, fmt.Errorf("isolator %s, usage: %w", p.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// Limited implements Limiter: what the first part knows that has something to tell.
func (s *Set) Limited(id string) (Limitation, bool) {
	for _, p := range s.parts {
		if m, can := p.(Limiter); can {
			if l, is := m.Limited(id); is {
				return l, true
			}
		}
	}
	return Limitation{}, false
}

// Cleanup implements Isolator: every part is cleaned up, whatever the others say.
func (s *Set) Cleanup(ctx context.Context, id string) error {
	var errs []error
	for _, p := range slices.Backward(s.parts) {
		if err := p.Cleanup(ctx, id); err != nil {
			errs = append(errs, fmt.Errorf("isolator %s, cleanup: %w", p.Name(), err))
		}
	}
	return errors.Join(errs...)
}

// Close implements Isolator.
func (s *Set) Close() {
	for _, p := range slices.Backward(s.parts) {
		p.Close()
	}
}

// Watch implements Isolator: the first Limitation of any part. The goroutines
// that wait for the parts end with Cleanup.
func (s *Set) Watch(id string) <-chan Limitation {
	var some []<-chan Limitation
	for _, p := range s.parts {
		if c := p.Watch(id); c != nil {
			some = append(some, c)
		}
	}
	switch len(some) {
	case 0:
		return nil
	case 1:
		return some[0]
	}
	out := make(chan Limitation, 1)
	var waits sync.WaitGroup
	for _, c := range some {
		waits.Go(func() {
			for l := range c {
				select {
				case out <- l:
				default: // another was first
				}
			}
		})
	}
	go func() {
		waits.Wait()
		close(out)
	}()
	return out
}
