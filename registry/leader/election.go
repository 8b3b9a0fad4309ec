package leader

import (
	"context"
	"slices"
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
	expired *term        // is not told yet
	waiting []*contender // who came first leads next
}

// contender is a master that waits to lead.
type contender struct {
	info  *v1.MasterInfo
	turns chan *term // holds one
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

// Contend waits until nobody leads. Who opens the disk deposes the one before. Of several that wait the first to come
// leads, so that runs of a simulation are alike.
func (e *Election) Contend(ctx context.Context, info *v1.MasterInfo) (registry.Store, error) {
	c := &contender{info, make(chan *term, 1)}
	e.mu.Lock()
	e.waiting = append(e.waiting, c)
	e.elect()
	e.mu.Unlock()
	select {
	case t := <-c.turns:
		return t, nil
	case <-ctx.Done():
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting = slices.DeleteFunc(e.waiting, func(x *contender) bool { return x == c })
	select {
	case t := <-c.turns: // at the same moment: it resigns
		e.resign(t)
	default:
	}
	return nil, ctx.Err()
}

// elect lets the first that waits lead, if nobody does. To be called with the lock.
func (e *Election) elect() {
	if e.holder != nil || len(e.waiting) == 0 {
		return
	}
	c := e.waiting[0]
	e.waiting = e.waiting[1:]
	t := &term{registry.OpenMemory(e.Disk), e, c.info, make(chan struct{})}
	if e.expired != nil {
		close(e.expired.lost)
		e.expired = nil
	}
	e.change(t)
	c.turns <- t
}

// resign ends a term. To be called with the lock.
func (e *Election) resign(t *term) {
	if e.holder == t {
		e.change(nil)
		e.elect()
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
	e.elect()
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
	t.e.resign(t)
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
		if ctx.Err() != nil {
			return // also if the leader changed at the same time
		}
		told(info)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
