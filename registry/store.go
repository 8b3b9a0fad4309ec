package registry

import "context"

// Row is one row of a store as bytes.
type Row struct {
	Table string
	Key   string
	Value []byte // nil in a write deletes the row
}

// Limits are what a store writes at once.
type Limits struct {
	Rows  int // of one write
	Bytes int // of one value
	Write int // bytes of all values of one write; 0: any
}

// Store keeps rows. It is called by one goroutine at a time, but for Lost.
type Store interface {
	// Load gives every row to row, in any order.
	Load(ctx context.Context, row func(Row) error) error
	// Write makes all rows durable, or none, provided that the guard holds: the
	// master that the store was opened for still leads. If it does not the error
	// is [ErrDeposed]. After any other error the write may be tried again.
	Write(ctx context.Context, rows []Row) error
	// Limits bound a write.
	Limits() Limits
	// Lost is closed when the guard is lost. A store without rivals returns nil.
	Lost() <-chan struct{}
	// Close lets go of the store.
	Close() error
}

// Guarded is a store that knows without asking anybody whether its guard may be
// lost. A master asks it before it acts on what has come while its whole program was
// stopped, when nothing could tell it yet.
type Guarded interface {
	Store
	// Deposed is why another master may lead by now, nil if none can. It may be
	// called from any goroutine, and often.
	Deposed() error
}
