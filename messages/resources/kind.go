package resources

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	v1 "mesos/messages/mesos/v1"
)

// kind is what tells entries apart: everything but the amount. Kinds are
// interned: two kinds are the same exactly if their pointers are.
type kind struct {
	facts
	alloc  string               // AllocationInfo.role; "" = not allocated
	root   *kind                // the same kind without allocation; itself if it has none
	recent atomic.Pointer[kind] // of a root: the allocated form last asked for
}

// facts are the parts of a kind that its allocation does not change.
type facts struct {
	key  string // canonical form of all the others; orders kinds
	name string
	typ  v1.Value_Type

	reservations []*v1.Resource_ReservationInfo
	role         string // of the last reservation; "*" = unreserved
	dynamic      bool   // the last reservation is DYNAMIC

	disk      *v1.Resource_DiskInfo // without what does not tell kinds apart
	provider  *v1.ResourceProviderID
	revocable bool
	shared    bool

	// atomic kinds are indivisible: size is the amount of one copy, and entries
	// count copies.
	atomic bool
	size   Quantity
}

// compare orders kinds: by name as the package comment says, then by key, then
// by allocation, so that kinds of one root are neighbours.
func (k *kind) compare(o *kind) int {
	if k == o {
		return 0
	}
	if c := strings.Compare(k.key, o.key); c != 0 {
		return c
	}
	return strings.Compare(k.alloc, o.alloc)
}

// allocated returns the kind allocated to role; "" takes the allocation away.
func (k *kind) allocated(role string) *kind {
	root := k.root
	switch {
	case k.alloc == role:
		return k
	case role == "":
		return root
	}
	if a := root.recent.Load(); a != nil && a.alloc == role {
		return a
	}
	a := interned.find(kindID{root.key, role})
	if a == nil {
		a = interned.add(&kind{facts: root.facts, alloc: role, root: root})
	}
	root.recent.Store(a)
	return a
}

// internFacts returns the unallocated kind of f, which must not change after.
func internFacts(f facts) *kind {
	k := &kind{facts: f}
	k.root = k
	return interned.add(k)
}

// interned holds every kind in use, weakly: names, roles, labels and volume ids
// come from outside, and a master runs for years.
var interned = kindTable{kinds: map[kindID]weak.Pointer[kind]{}}

type kindID struct{ key, alloc string }

type kindTable struct {
	mu    sync.RWMutex
	kinds map[kindID]weak.Pointer[kind]
}

func (t *kindTable) find(id kindID) *kind {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.kinds[id].Value()
}

// findKey is find for an unallocated kind. It does not allocate.
func (t *kindTable) findKey(key []byte) *kind {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.kinds[kindID{key: string(key)}].Value()
}

// add returns the kind that stands for k from now on: k or the one that was there.
func (t *kindTable) add(k *kind) *kind {
	id := kindID{k.key, k.alloc}
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.kinds[id].Value(); old != nil {
		return old
	}
	w := weak.Make(k)
	t.kinds[id] = w
	runtime.AddCleanup(k, func(id kindID) { t.forget(id, w) }, id)
	return k
}

// forget drops a collected kind unless another took its place meanwhile.
func (t *kindTable) forget(id kindID, w weak.Pointer[kind]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kinds[id] == w {
		delete(t.kinds, id)
	}
}
