package services

import (
	"maps"
	"sync"

	"mesos/actors/discovery"
	"mesos/registry/catalog"
)

// Wanted is what is to stand in the catalog. It is a discovery.Book, and safe for concurrent use.
type Wanted struct {
	mu      sync.Mutex
	told    bool // something is known: before that nothing is to be removed
	owners  map[string][]catalog.Key
	entries map[catalog.Key]catalog.Entry
	awaited map[string]bool // nodes, by awaited owner: what stands there stays
	dirty   map[catalog.Key]bool
	all     bool // everything may have changed
	changed chan struct{}
}

var _ discovery.Book = (*Wanted)(nil)

// NewWanted makes one that knows nothing yet.
func NewWanted() *Wanted {
	w := &Wanted{changed: make(chan struct{}, 1)}
	w.clear()
	return w
}

func (w *Wanted) clear() {
	w.owners, w.entries = map[string][]catalog.Key{}, map[catalog.Key]catalog.Entry{}
	w.awaited, w.dirty, w.all = map[string]bool{}, map[catalog.Key]bool{}, true
}

// Reset implements discovery.Book.
func (w *Wanted) Reset(facts map[string]discovery.Fact) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clear()
	w.told = true
	for owner, f := range facts {
		w.set(owner, f)
	}
	w.signal()
}

// Set implements discovery.Book.
func (w *Wanted) Set(owner string, f discovery.Fact) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.set(owner, f)
	w.signal()
}

func (w *Wanted) set(owner string, f discovery.Fact) {
	if f.Awaited != "" {
		w.awaited[Node(f.Awaited)] = true
		w.owners[owner] = []catalog.Key{{Node: Node(f.Awaited)}}
		return
	}
	for _, k := range w.owners[owner] {
		if k.ID == "" { // the agent is back, and all that runs there is known
			delete(w.awaited, k.Node)
			w.all = true
			continue
		}
		delete(w.entries, k)
		w.dirty[k] = true
	}
	delete(w.owners, owner)
	if f.Task == nil {
		return
	}
	for _, e := range Entries(f.Task) {
		w.owners[owner] = append(w.owners[owner], e.Key())
		w.entries[e.Key()] = e
		w.dirty[e.Key()] = true
	}
}

// maxDirty bounds what is noted while another registrar writes.
const maxDirty = 100_000

func (w *Wanted) signal() {
	if len(w.dirty) > maxDirty {
		w.dirty, w.all = map[catalog.Key]bool{}, true
	}
	select {
	case w.changed <- struct{}{}:
	default: // it is told already
	}
}

// work is what to look at.
type work struct {
	keys    map[catalog.Key]bool
	want    map[catalog.Key]catalog.Entry // of keys, those that are to be there
	awaited map[string]bool
	full    bool // keys are all that are wanted or held
}

// take gives what has changed since the last time, of or all that is wanted or held. It is not ok
// before anything is known.
func (w *Wanted) take(all bool, held map[catalog.Key]catalog.Entry) (work, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.told {
		return work{}, false
	}
	out := work{keys: w.dirty, want: map[catalog.Key]catalog.Entry{}, awaited: maps.Clone(w.awaited)}
	if out.full = all || w.all; out.full {
		for k := range w.entries {
			out.keys[k] = true
		}
		for k := range held {
			out.keys[k] = true
		}
	}
	w.dirty, w.all = map[catalog.Key]bool{}, false
	for k := range out.keys {
		if e, ok := w.entries[k]; ok {
			out.want[k] = e
		}
	}
	return out, true
}
