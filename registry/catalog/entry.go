package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
)

// Entry is one port of one running task.
type Entry struct {
	Node     string // what it runs on; each agent is one
	NodeAddr string // IP
	ID       string // unique on its node
	Service  string // what clients look for
	Addr     string // IP
	Port     int
	Tags     []string
	Meta     map[string]string
	Healthy  bool   // clients are sent to healthy ones alone
	Output   string // why it is so, for people
}

// Key is what an entry is known by.
type Key struct{ Node, ID string }

// Key is the entry's.
func (e Entry) Key() Key { return Key{e.Node, e.ID} }

// Equal says that nothing need be written to make one the other.
func (e Entry) Equal(o Entry) bool {
	return e.Key() == o.Key() && e.NodeAddr == o.NodeAddr && e.Service == o.Service && e.Addr == o.Addr && e.Port == o.Port &&
		slices.Equal(e.Tags, o.Tags) && maps.Equal(e.Meta, o.Meta) && e.Healthy == o.Healthy && e.Output == o.Output
}

// Change is written at once.
type Change struct {
	Put    []Entry
	Remove []Entry
	Nodes  []string // that are removed behind that: they hold nothing any more
}

// Held is what a catalog holds of its owner.
type Held struct {
	Entries map[Key]Entry
	Nodes   map[string]bool // all that the owner made; true: somebody else put something there, so it stays
}

// ErrRefused is of a change that the catalog takes for wrong, and always will.
var ErrRefused = errors.New("the catalog does not take it")

// Catalog is where entries are kept. It is called by one goroutine at a time, but for Lost.
type Catalog interface {
	// Read gives what the owner has written, whoever ran as the owner then.
	Read(ctx context.Context) (Held, error)
	// Write makes all of a change true, or nothing. It holds no more than Limit entries and keys and nodes together. The error is
	// registry.ErrDeposed when another may write by now, ErrRefused when nothing was written; after any other the catalog is to be read again.
	Write(ctx context.Context, c Change) error
	// Limit is how much a change may hold.
	Limit() int
	// Lost is closed when another may write.
	Lost() <-chan struct{}
	// Close lets another write at once. The entries stay.
	Close() error
}
