package chronos

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"mesos/registry"
)

// writeAgain is the pause after a write that failed: a full disk may have room again.
const writeAgain = time.Second

// writer makes rows durable, in the order in which they come, on a goroutine of its own: all that came while the last write
// ran with the next one.
type writer struct {
	store  registry.Store
	gather func() // returns when all has come that comes at this instant of a simulation; nil elsewhere
	lost   func(error)
	log    *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one item while there may be something to do
	wg     sync.WaitGroup

	mu    sync.Mutex
	queue []request
}

// request is rows that belong together, and what happens when they are durable.
type request struct {
	rows []registry.Row
	then func()
}

func newWriter(store registry.Store, gather func(), lost func(error), log *slog.Logger) *writer {
	w := &writer{store: store, gather: gather, lost: lost, log: log, wake: make(chan struct{}, 1)}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.wg.Go(w.run)
	return w
}

// write takes rows on. then runs on the writer's goroutine.
func (w *writer) write(rows []registry.Row, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, request{rows, then})
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// close ends the writer after what is queued was tried once.
func (w *writer) close() {
	w.cancel()
	w.wg.Wait()
}

func (w *writer) run() {
	for {
		select {
		case <-w.ctx.Done():
			_ = w.drain() // what was decided before the end, once
			return
		case <-w.store.Lost():
			w.lost(fmt.Errorf("chronos: %w", registry.ErrDeposed))
			return
		case <-w.wake:
		}
		if err := w.drain(); err != nil {
			if w.ctx.Err() == nil {
				w.lost(err)
			}
			return
		}
	}
}

// drain writes until nothing is queued.
func (w *writer) drain() error {
	for {
		if w.gather != nil {
			w.gather()
		}
		batch, rows := w.next()
		if len(batch) == 0 {
			return nil
		}
		parts, err := w.store.Limits().Split(rows)
		if err != nil {
			return fmt.Errorf("writing what chronos knows: %w", err)
		}
		for _, part := range parts {
			if err := w.persist(part); err != nil {
				return err
			}
		}
		for _, r := range batch {
			r.then()
		}
	}
}

// next takes as many requests as fit one write, at least one.
func (w *writer) next() (batch []request, rows []registry.Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	limits, at := w.store.Limits(), map[[2]string]int{}
	size := 0
	for _, r := range w.queue {
		for _, row := range r.rows {
			size += len(row.Value)
		}
		if len(batch) > 0 && (len(rows)+len(r.rows) > limits.Rows || limits.Write > 0 && size > limits.Write) {
			break
		}
		batch = append(batch, r)
		for _, row := range r.rows {
			key := [2]string{row.Table, row.Key}
			if i, again := at[key]; again {
				rows[i] = row // the last word on a row counts
				continue
			}
			at[key] = len(rows)
			rows = append(rows, row)
		}
	}
	w.queue = w.queue[len(batch):]
	return batch, rows
}

// persist writes rows, again and again while the store refuses them.
func (w *writer) persist(rows []registry.Row) error {
	for {
		err := w.store.Write(context.WithoutCancel(w.ctx), rows)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, registry.ErrDeposed), errors.Is(err, registry.ErrClosed):
			return fmt.Errorf("writing what chronos knows: %w", err)
		}
		w.log.Error("what chronos knows cannot be written; nothing is acted on until it can", "error", err, "rows", len(rows))
		select {
		case <-time.After(writeAgain):
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
	}
}
