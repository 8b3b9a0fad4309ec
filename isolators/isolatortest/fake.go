package isolatortest

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Fake is an Isolator in memory, for tests of those that use isolators. Its
// zero value is ready.
type Fake struct {
	// Fail, if set, is asked before each step ("prepare", "isolate", …) and
	// makes it fail.
	Fail func(step, id string) error

	mu         sync.Mutex
	containers map[string]*faked
}

type faked struct {
	demand  isolators.Demand
	pid     int
	limited chan isolators.Limitation
}

var _ isolators.Isolator = (*Fake)(nil)

// Name implements isolators.Isolator.
func (*Fake) Name() string { return "fake" }

func (f *Fake) fail(step, id string) error {
	if f.Fail == nil {
		return nil
	}
	return f.Fail(step, id)
}

func (f *Fake) add(id string, c *faked) {
	if f.containers == nil {
		f.containers = make(map[string]*faked)
	}
	c.limited = make(chan isolators.Limitation, 1)
	f.containers[id] = c
}

// find gives a container, with the lock held that done lets go.
func (f *Fake) find(step, id string) (c *faked, done func(), err error) {
	if err := f.fail(step, id); err != nil {
		return nil, nil, err
	}
	f.mu.Lock()
	if c = f.containers[id]; c == nil {
		f.mu.Unlock()
		return nil, nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	}
	return c, f.mu.Unlock, nil
}

// Recover implements isolators.Isolator.
func (f *Fake) Recover(_ context.Context, live []isolators.Live) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range live {
		if err := f.fail("recover", l.ID); err != nil {
			return err
		}
		f.add(l.ID, &faked{pid: l.PID})
	}
	return nil
}

// Prepare implements isolators.Isolator.
func (f *Fake) Prepare(_ context.Context, c isolators.Container, _ *boot.Launch) error {
	if err := f.fail("prepare", c.ID); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.containers[c.ID] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	f.add(c.ID, &faked{demand: c.Demand})
	return nil
}

// Isolate implements isolators.Isolator.
func (f *Fake) Isolate(_ context.Context, id string, pid int) error {
	c, done, err := f.find("isolate", id)
	if err != nil {
		return err
	}
	defer done()
	c.pid = pid
	return nil
}

// Watch implements isolators.Isolator.
func (f *Fake) Watch(id string) <-chan isolators.Limitation {
	c, done, err := f.find("watch", id)
	if err != nil {
		closed := make(chan isolators.Limitation)
		close(closed)
		return closed
	}
	defer done()
	return c.limited
}

// Limit is what Watch tells of a container, once.
func (f *Fake) Limit(id string, l isolators.Limitation) error {
	c, done, err := f.find("limit", id)
	if err != nil {
		return err
	}
	defer done()
	select {
	case c.limited <- l:
	default:
	}
	return nil
}

// Update implements isolators.Isolator.
func (f *Fake) Update(_ context.Context, id string, d isolators.Demand) error {
	c, done, err := f.find("update", id)
	if err != nil {
		return err
	}
	defer done()
	c.demand = d
	return nil
}

// Usage implements isolators.Isolator: it tells the demand as limits.
func (f *Fake) Usage(id string, to *v1.ResourceStatistics) error {
	c, done, err := f.find("usage", id)
	if err != nil {
		return err
	}
	defer done()
	to.CpusLimit, to.MemLimitBytes = proto.Float64(c.demand.CPUs), proto.Uint64(c.demand.Mem)
	return nil
}

// Cleanup implements isolators.Isolator.
func (f *Fake) Cleanup(_ context.Context, id string) error {
	if err := f.fail("cleanup", id); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.containers[id]; c != nil {
		close(c.limited)
		delete(f.containers, id)
	}
	return nil
}

// Close implements isolators.Isolator.
func (f *Fake) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.containers {
		close(c.limited)
	}
	clear(f.containers)
}

// Known says whether a container is between Prepare and Cleanup.
func (f *Fake) Known(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.containers[id] != nil
}
