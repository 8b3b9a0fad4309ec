package leader

import (
	"context"
	"sync"

	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// Election is the model of an election on one disk, for tests. Its methods may be
// called from any goroutine.
type Election struct {
	Disk *registry.Disk

	mu      sync.Mutex
	changed chan struct{} // closed with the next change
	holder  *term
	expired *term // is not told yet
}

// term is the time in which one master leads.
type term struct {
	*registry.Memory
	e    *Election
	info *v1.MasterInfo
	lost chan struct{}
}

// next is closed with the next change. To be called with the lock.
func (e *Election) next() chan struct{} {
	if e.changed == nil {
		e.changed = make(chan struct{})
	}
	return e.changed
}

func (e *Election) change(t *term) {
	e.holder = t
	close(e.next())
	e.changed = nil
}

// Contend waits until nobody leads. Who opens the disk deposes the one before.
func (e *Election) Contend(ctx context.Context, info *v1.MasterInfo) (registry.Store, error) {
	for {
		e.mu.Lock()
		if err := ctx.Err(); err != nil || e.holder == nil {
			defer e.mu.Unlock()
			if err != nil {
				return nil, err
			}
			t := &term{registry.OpenMemory(e.Disk), e, info, make(chan struct{})}
			if e.expired != nil {
				close(e.expired.lost)
				e.expired = nil
			}
			e.change(t)
			return t, nil
		}
		changed := e.next()
		e.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// Expire ends the term of who leads: its session is lost. It learns of it when the
// next one leads or, if it is blind, only from its next write.
func (e *Election) Expire(blind bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.holder == nil {
		return
	}
	if !blind {
		e.expired = e.holder
	}
	e.change(nil)
}

// Leader is who leads, nil if nobody does.
func (e *Election) Leader() *v1.MasterInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.holder == nil {
		return nil
	}
	return e.holder.info
}

// Lost is closed when another leads, unless the term ended blindly.
func (t *term) Lost() <-chan struct{} { return t.lost }

// Close resigns.
func (t *term) Close() error {
	t.e.mu.Lock()
	defer t.e.mu.Unlock()
	if t.e.holder == t {
		t.e.change(nil)
	}
	return t.Memory.Close()
}

// Watch tells who leads.
func (e *Election) Watch(ctx context.Context, told func(*v1.MasterInfo)) {
	for {
		e.mu.Lock()
		changed := e.next()
		var info *v1.MasterInfo
		if e.holder != nil {
			info = e.holder.info
		}
		e.mu.Unlock()
		told(info)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
