package store

import (
	"context"
	"fmt"
	"sync"

	"mesos/registry"
)

// Writer writes rows beside an actor. Rows that come while a write runs go
// together with the next one.
type Writer struct {
	store  registry.Store
	failed func(error) // told once, on the writer's goroutine

	mu     sync.Mutex
	queue  []request
	closed bool
	wake   chan struct{}
	stop   context.CancelFunc
	done   sync.WaitGroup
}

type request struct {
	rows []registry.Row
	done func() // may be nil
}

// NewWriter begins to write to a store, which stays the caller's to close.
func NewWriter(s registry.Store, failed func(error)) *Writer {
	w := &Writer{store: s, failed: failed, wake: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	w.stop = cancel
	w.done.Go(func() { w.run(ctx) })
	return w
}

// Put writes rows, after all that was put before; done is called when they are
// durable, on the writer's goroutine. After a failure nothing is called any more.
func (w *Writer) Put(rows []registry.Row, done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.queue = append(w.queue, request{rows, done})
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}

// Close ends the writer. What is queued may be written or not, as with a crash.
func (w *Writer) Close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.stop()
	w.done.Wait()
}

func (w *Writer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		w.mu.Lock()
		batch := w.queue
		w.queue = nil
		w.mu.Unlock()
		if err := w.write(ctx, batch); err != nil {
			if ctx.Err() == nil {
				w.failed(err)
			}
			return
		}
	}
}

// write writes a batch and tells who asked for it.
func (w *Writer) write(ctx context.Context, batch []request) error {
	var rows []registry.Row
	for _, r := range batch {
		rows = append(rows, r.rows...)
	}
	parts, err := w.store.Limits().Split(latest(rows))
	if err != nil {
		return fmt.Errorf("state of marathon: %w", err)
	}
	for _, part := range parts {
		if err := w.store.Write(ctx, part); err != nil {
			return fmt.Errorf("state of marathon: %w", err)
		}
	}
	for _, r := range batch {
		if r.done != nil {
			r.done()
		}
	}
	return nil
}

// latest leaves of several rows with one key the last, in its place.
func latest(rows []registry.Row) []registry.Row {
	type key struct{ table, key string }
	last := make(map[key]int, len(rows))
	for i, r := range rows {
		last[key{r.Table, r.Key}] = i
	}
	if len(last) == len(rows) {
		return rows
	}
	out := make([]registry.Row, 0, len(last))
	for i, r := range rows {
		if last[key{r.Table, r.Key}] == i {
			out = append(out, r)
		}
	}
	return out
}
