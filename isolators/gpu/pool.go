package gpu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Pool is the GPUs of a machine that containers may have, and who has them. The
// Isolators of several containerizers share one. Its methods may be called from
// any goroutine.
type Pool struct {
	root    string // where /proc, /dev, /etc and /var of the GPUs are
	all     []GPU
	offered []int // indices

	patience time.Duration

	mu    sync.Mutex
	has   map[string][]int // indices, by container
	freed chan struct{}    // closed when a container gives some back
}

// patience is how long a container waits for GPUs that another has: its task may have
// ended, so that they are offered again, a moment before all that it has begun is dead.
const patience = time.Minute

// fewError is that others have what a container is to have.
type fewError struct{ want, free int }

func (e *fewError) Error() string {
	return fmt.Sprintf("resources, gpus: want %d, and only %d are free", e.want, e.free)
}

// NewPool makes one of the GPUs that Find finds, of which containers may have those
// with the indices that Offer gives.
func NewPool(root string, offered []int) (*Pool, error) {
	all, err := Find(root)
	if err != nil {
		return nil, err
	}
	p := &Pool{root: root, all: all, offered: offered, patience: patience, has: map[string][]int{}, freed: make(chan struct{})}
	if err := p.check(offered); err != nil {
		return nil, err
	}
	return p, nil
}

// check says which indices there are none of.
func (p *Pool) check(some []int) error {
	for _, n := range some {
		if n < 0 || n >= len(p.all) {
			return fmt.Errorf("GPU %d: this machine has %d", n, len(p.all))
		}
	}
	return nil
}

// await is take for a container that begins, which waits for those that are about to
// end. It gives up when ctx ends.
func (p *Pool) await(ctx context.Context, id string, want int, keep func(now []int) error) error {
	late := time.NewTimer(p.patience)
	defer late.Stop()
	for {
		p.mu.Lock()
		freed := p.freed
		p.mu.Unlock()
		err := p.take(id, want, keep)
		var few *fewError
		if !errors.As(err, &few) || want > len(p.offered) {
			return err
		}
		select {
		case <-freed:
		case <-late.C:
			return err
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}

// take gives a container as many as it is to have: those that it has, or the first of
// them, and others that are free. keep is told before anybody else can know.
func (p *Pool) take(id string, want int, keep func(now []int) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	had := p.has[id]
	now := slices.Clone(had[:min(len(had), want)])
	for _, n := range p.offered {
		if len(now) < want && p.free(n) {
			now = append(now, n)
		}
	}
	if len(now) < want {
		return &fewError{want, len(now)}
	}
	if slices.Equal(now, had) {
		return nil
	}
	if err := keep(now); err != nil {
		return fmt.Errorf("GPUs of container %s: %w", id, err)
	}
	p.put(id, now)
	return nil
}

// put notes what a container has, and wakes who waits for what it has no more; p.mu is held.
func (p *Pool) put(id string, now []int) {
	fewer := slices.ContainsFunc(p.has[id], func(n int) bool { return !slices.Contains(now, n) })
	if p.has[id] = now; len(now) == 0 {
		delete(p.has, id)
	}
	if fewer {
		close(p.freed)
		p.freed = make(chan struct{})
	}
}

// free says that nobody has one; p.mu is held.
func (p *Pool) free(n int) bool {
	for _, some := range p.has {
		if slices.Contains(some, n) {
			return false
		}
	}
	return true
}

// set notes what a container has; nothing, if it is over.
func (p *Pool) set(id string, gpus []int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(id, gpus)
}

// of are those that a container has.
func (p *Pool) of(id string) (some []GPU) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, n := range p.has[id] {
		some = append(some, p.all[n])
	}
	return some
}
