package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// writeAgain is the pause after a write that failed: a full disk may have room again.
const writeAgain = time.Second

// Writer makes rows durable beside an actor, in the order in which they come: all that came while the last write ran go
// with the next one, what was put at once in one write if the store's limits allow it. A write that fails is tried until
// it succeeds, and nothing is acted on before; only a store that another leads on by now, or that is closed, ends it.
type Writer struct {
	store Store
	what  string
	lost  func(error)
	log   *slog.Logger

	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one item while there may be something to do
	wg     sync.WaitGroup

	mu    sync.Mutex
	queue []parcel
}

// parcel is rows that belong together, and what happens when they are durable.
type parcel struct {
	rows []Row
	then func() // may be nil
}

// NewWriter begins to write to a store, which stays the caller's to close. what stands in errors, like "the state of
// marathon". lost is told on the writer's goroutine why nothing can be written any more, once.
func NewWriter(s Store, what string, lost func(error), log *slog.Logger) *Writer {
	w := &Writer{store: s, what: what, lost: lost, log: log, wake: make(chan struct{}, 1)}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.wg.Go(w.run)
	return w
}

// Put takes rows on, one with a nil value to be deleted. then runs on the writer's goroutine when they and all that
// was put before are durable; it may be nil, and never runs once the store is lost.
func (w *Writer) Put(rows []Row, then func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, parcel{rows, then})
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}

// Close ends the writer after what is queued was tried once.
func (w *Writer) Close() {
	w.cancel()
	w.wg.Wait()
}

func (w *Writer) run() {
	for {
		select {
		case <-w.ctx.Done():
			_ = w.drain() // what was decided before the end, once
			return
		case <-w.store.Lost():
			w.lost(fmt.Errorf("writing %s: %w", w.what, ErrDeposed))
			return
		case <-w.wake:
		}
		if err := w.drain(); err != nil {
			if w.ctx.Err() == nil {
				w.lost(fmt.Errorf("writing %s: %w", w.what, err))
			}
			return
		}
	}
}

// drain writes until nothing is queued.
func (w *Writer) drain() error {
	for {
		if s, ok := w.store.(gatherer); ok {
			s.gather()
		}
		batch, rows := w.next()
		if len(batch) == 0 {
			return nil
		}
		parts, err := w.store.Limits().Split(rows)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := w.persist(part); err != nil {
				return err
			}
		}
		for _, p := range batch {
			if p.then != nil {
				p.then()
			}
		}
	}
}

// next takes as much as fits one write, and at least what was put first.
func (w *Writer) next() (batch []parcel, rows []Row) {
	w.mu.Lock()
	defer w.mu.Unlock()
	limits, bytes := w.store.Limits(), 0
	for _, p := range w.queue {
		for _, row := range p.rows {
			bytes += len(row.Value)
		}
		if len(batch) > 0 && (len(rows)+len(p.rows) > limits.Rows || limits.Write > 0 && bytes > limits.Write) {
			break
		}
		batch, rows = append(batch, p), append(rows, p.rows...)
	}
	if w.queue = w.queue[len(batch):]; len(w.queue) == 0 {
		w.queue = nil
	}
	return batch, latest(rows)
}

// latest leaves of several rows with one key the last, in its place: what a store cuts apart keeps its order.
func latest(rows []Row) []Row {
	last := make(map[rowKey]int, len(rows))
	for i, r := range rows {
		last[rowKey{Table(r.Table), r.Key}] = i
	}
	if len(last) == len(rows) {
		return rows
	}
	out := make([]Row, 0, len(last))
	for i, r := range rows {
		if last[rowKey{Table(r.Table), r.Key}] == i {
			out = append(out, r)
		}
	}
	return out
}

// persist writes rows, again and again while the store refuses them.
func (w *Writer) persist(rows []Row) error {
	for {
		// A write that has begun is not cancelled by Close: it is durable or not.
		err := w.store.Write(context.WithoutCancel(w.ctx), rows)
		if err == nil || errors.Is(err, ErrDeposed) || errors.Is(err, ErrClosed) {
			return err
		}
		w.log.Error(w.what+" cannot be written; nothing is acted on until it can", "error", err, "rows", len(rows))
		select {
		case <-time.After(writeAgain):
		case <-w.ctx.Done():
			return w.ctx.Err()
		}
	}
}

// Deposed says whether another may lead on a store by now, as far as the store knows without asking anybody. Who acts on
// what is durable asks it first: its whole program may have been stopped meanwhile.
func Deposed(s Store) bool {
	g, ok := s.(Guarded)
	return ok && g.Deposed() != nil
}
