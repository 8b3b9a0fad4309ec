package catalog

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"mesos/registry"
)

// Memory is the model of a catalog, for tests. Its methods may be called from any goroutine.
type Memory struct {
	// Fail is asked before each Read ("read") and Write ("write"), and after each write took place ("answer"), whose answer it
	// takes away. Nil fails nothing.
	Fail func(step string) error
	// Refuse says which entries are not taken; nil: none.
	Refuse func(Entry) bool

	mu      sync.Mutex
	entries map[Key]Entry
	nodes   map[string]bool
	foreign map[Key]Entry
	writes  int
	term    *term
	free    chan struct{} // closed when nobody writes
}

// term is the time in which one writer may write.
type term struct {
	m    *Memory
	once sync.Once
	lost chan struct{}
}

// NewMemory makes an empty one that holds entries of others, too.
func NewMemory(others ...Entry) *Memory {
	m := &Memory{entries: map[Key]Entry{}, nodes: map[string]bool{}, foreign: map[Key]Entry{}, free: make(chan struct{})}
	close(m.free)
	for _, e := range others {
		m.foreign[e.Key()] = e
	}
	return m
}

// Contend waits until nobody else writes. The error is that of ctx.
func (m *Memory) Contend(ctx context.Context) (Catalog, error) {
	for {
		m.mu.Lock()
		free := m.free
		if m.term == nil && ctx.Err() == nil {
			m.term, m.free = &term{m: m, lost: make(chan struct{})}, make(chan struct{})
			defer m.mu.Unlock()
			return m.term, nil
		}
		m.mu.Unlock()
		select {
		case <-free:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Expire ends the term of who writes, as a session that is lost does.
func (m *Memory) Expire() {
	m.mu.Lock()
	t := m.term
	m.mu.Unlock()
	if t != nil {
		t.end()
	}
}

// Entries are those of the owner; Writes counts what was written so far.
func (m *Memory) Entries() (entries map[Key]Entry, writes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.entries), m.writes
}

func (t *term) end() {
	t.once.Do(func() {
		t.m.mu.Lock()
		defer t.m.mu.Unlock()
		close(t.lost)
		if t.m.term == t {
			t.m.term = nil
			close(t.m.free)
		}
	})
}

func (t *term) fail(step string) error {
	if t.m.Fail == nil {
		return nil
	}
	return t.m.Fail(step)
}

// Read implements Catalog.
func (t *term) Read(context.Context) (Held, error) {
	if err := t.fail("read"); err != nil {
		return Held{}, err
	}
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	h := Held{Entries: maps.Clone(t.m.entries), Nodes: maps.Clone(t.m.nodes)}
	for k := range t.m.foreign {
		if _, own := h.Nodes[k.Node]; own {
			h.Nodes[k.Node] = true
		}
	}
	return h, nil
}

// Write implements Catalog.
func (t *term) Write(_ context.Context, c Change) error {
	if err := t.fail("write"); err != nil {
		return err
	}
	if err := t.write(c); err != nil {
		return err
	}
	return t.fail("answer")
}

func (t *term) write(c Change) error {
	t.m.mu.Lock()
	defer t.m.mu.Unlock()
	if t.m.term != t {
		return registry.ErrDeposed
	}
	if n := len(c.Put) + len(c.Remove) + len(c.Nodes); n > t.Limit() || n == 0 {
		return fmt.Errorf("a change of %d, want 1 to %d", n, t.Limit())
	}
	if t.m.Refuse != nil && slices.ContainsFunc(c.Put, t.m.Refuse) {
		return ErrRefused
	}
	for _, e := range c.Remove {
		delete(t.m.entries, e.Key())
	}
	for _, e := range c.Put {
		t.m.entries[e.Key()], t.m.nodes[e.Node] = e, false
	}
	for _, node := range c.Nodes {
		if err := t.m.dropNode(node); err != nil {
			return err
		}
	}
	t.m.writes += len(c.Put) + len(c.Remove)
	return nil
}

func (m *Memory) dropNode(node string) error {
	for _, all := range []map[Key]Entry{m.entries, m.foreign} {
		for k := range all {
			if k.Node == node {
				return errors.New("node " + node + " is removed with something on it")
			}
		}
	}
	delete(m.nodes, node)
	return nil
}

// Limit implements Catalog. It is small, so that tests pass it.
func (t *term) Limit() int { return 3 }

// Lost implements Catalog.
func (t *term) Lost() <-chan struct{} { return t.lost }

// Close implements Catalog.
func (t *term) Close() error {
	t.end()
	return nil
}
