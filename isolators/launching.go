package isolators

import (
	"context"
	"fmt"
	"strings"
	"sync"

	v1 "mesos/messages/mesos/v1"
)

// Launching is for embedding in isolators that do all that they do in Prepare,
// which must call Begin. It knows which containers there are.
type Launching struct {
	Unlimiting

	mu    sync.Mutex
	first map[string]int // container to its first process; 0 before Isolate
}

// Begin remembers a container; the error wraps ErrExists.
func (k *Launching) Begin(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, twice := k.first[id]; twice {
		return fmt.Errorf("%w: %q", ErrExists, id)
	}
	k.set(id, 0)
	return nil
}

func (k *Launching) set(id string, pid int) {
	if k.first == nil {
		k.first = make(map[string]int)
	}
	k.first[id] = pid
}

// PID is the first process of a container, 0 if it is not known.
func (k *Launching) PID(id string) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.first[id]
}

func (k *Launching) known(id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, known := k.first[id]; !known {
		return fmt.Errorf("%w: %q", ErrUnknownContainer, id)
	}
	return nil
}

// Recover implements Isolator.
func (k *Launching) Recover(_ context.Context, live []Live) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, l := range live {
		k.set(l.ID, l.PID)
	}
	return nil
}

// Isolate implements Isolator.
func (k *Launching) Isolate(_ context.Context, id string, pid int) error {
	if err := k.known(id); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.set(id, pid)
	return nil
}

// Update implements Isolator.
func (k *Launching) Update(_ context.Context, id string, _ Demand) error { return k.known(id) }

// Usage implements Isolator.
func (k *Launching) Usage(id string, _ *v1.ResourceStatistics) error { return k.known(id) }

// Cleanup implements Isolator.
func (k *Launching) Cleanup(_ context.Context, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.first, id)
	return nil
}

// Parent is the id of the container that one is nested in.
func Parent(id string) (up string, nested bool) {
	if dot := strings.LastIndexByte(id, '.'); dot >= 0 {
		return id[:dot], true
	}
	return "", false
}
