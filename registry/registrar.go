package registry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// retryAfter is the pause after a write that failed: a full disk may have room again.
const retryAfter = time.Second

// Options are what a registrar is started with. Zero durations mean the defaults
// of Mesos.
type Options struct {
	Log *slog.Logger
	// FetchTimeout and StoreTimeout bound reading everything (1 min) and one write
	// with its repetitions (20 s). Longer ones are lost: see OnLost.
	FetchTimeout, StoreTimeout time.Duration
	// OnLost is told once why nothing will be written any more, ErrDeposed or
	// ErrTimeout wrapped. The master must end. It runs on a goroutine of the registrar.
	OnLost func(error)
	// Fetched and Stored are told how long reading everything and each write took.
	Fetched, Stored func(time.Duration)
}

// Registrar carries out operations on the state and makes them durable. Its
// methods may be called from any goroutine.
type Registrar struct {
	store  Store
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // holds one item while there may be something to do
	done   chan struct{} // closed when the goroutine has ended

	state *State // of the goroutine
	size  map[rowKey]int

	mu    sync.Mutex
	queue []request
	ended error // why nothing is taken any more
	told  bool  // OnLost
	// finished: the goroutine takes nothing from the queue any more
	finished bool
	stats    Stats
}

type request struct {
	op   Operation
	then func(error)
	err  error // found by the operation
}

type rowKey struct {
	table Table
	key   string
}

// Stats are numbers of a registrar.
type Stats struct {
	Queued     int // operations that are not answered
	Bytes      int // of all values
	Operations uint64
	Writes     uint64
	Rows       uint64
	Recovered  bool
}

// Start reads the state from the store and then carries out operations. recovered
// is told the state, or why it cannot be used, on the registrar's goroutine and
// before any operation. The registrar does not close the store.
func Start(store Store, o Options, recovered func(*State, error)) *Registrar {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.FetchTimeout == 0 {
		o.FetchTimeout = time.Minute
	}
	if o.StoreTimeout == 0 {
		o.StoreTimeout = 20 * time.Second
	}
	r := &Registrar{
		store: store, o: o, wake: make(chan struct{}, 1), done: make(chan struct{}), state: NewState(), size: map[rowKey]int{},
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	go r.run(recovered)
	return r
}

// Apply carries out an operation. then is told, on the registrar's goroutine and
// in the order of the calls, that it is durable, or why it was refused: an
// *[OperationError], [ErrTooLarge], [ErrClosed], or what OnLost was told. When the
// registrar has ended it is told at once.
func (r *Registrar) Apply(op Operation, then func(error)) {
	q := request{op: op, then: then}
	if why := r.enqueue(q); why != nil {
		q.answer(why)
		return
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// enqueue is refused when the goroutine has ended.
func (r *Registrar) enqueue(q request) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.finished {
		return r.ended
	}
	r.queue = append(r.queue, q)
	r.stats.Queued++
	return nil
}

// View gives the state with all that was asked for before, when that is durable.
func (r *Registrar) View(then func(*State, error)) {
	var seen *State
	r.Apply(func(s *State) ([]Change, error) {
		seen = s.clone()
		return nil, nil
	}, func(err error) { then(seen, err) })
}

// Limits are those of the store: an operation may change so many rows.
func (r *Registrar) Limits() Limits { return r.store.Limits() }

// Stats tells what was done so far.
func (r *Registrar) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stats
}

// Close ends the registrar after the write that runs; what is queued is refused.
// It does not wait for a write that hangs.
func (r *Registrar) Close() {
	r.end(ErrClosed)
	if !errors.Is(r.over(), ErrTimeout) {
		<-r.done
	}
}

// end says why nothing is done any more; the first reason counts.
func (r *Registrar) end(why error) {
	r.mu.Lock()
	if r.ended == nil {
		r.ended = why
	}
	tell := !r.told && !errors.Is(r.ended, ErrClosed)
	r.told = r.told || tell
	r.mu.Unlock()
	r.cancel()
	if tell && r.o.OnLost != nil {
		r.o.OnLost(why)
	}
}

func (r *Registrar) over() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ended
}

// run is the registrar's goroutine.
func (r *Registrar) run(recovered func(*State, error)) {
	defer close(r.done)
	recovered(r.load())
	lost := r.store.Lost()
	for r.over() == nil {
		select {
		case <-lost: // before anything else that waits: it would be refused
			r.end(ErrDeposed)
			continue
		default:
		}
		select {
		case <-r.wake:
			r.drain()
		case <-lost:
			r.end(ErrDeposed)
		case <-r.ctx.Done():
		}
	}
	r.refuse()
}

// load reads everything.
func (r *Registrar) load() (*State, error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.o.FetchTimeout)
	defer cancel()
	start, bytes := time.Now(), 0
	err := r.store.Load(ctx, func(row Row) error {
		r.size[rowKey{Table(row.Table), row.Key}] = len(row.Value)
		bytes += len(row.Value)
		return r.state.add(row)
	})
	if err == nil {
		err = r.state.Check()
	}
	if err != nil {
		err = fmt.Errorf("recovery of the registry: %w", err)
		r.end(err)
		return nil, err
	}
	if r.o.Fetched != nil {
		r.o.Fetched(time.Since(start))
	}
	r.mu.Lock()
	r.stats.Recovered, r.stats.Bytes = true, bytes
	r.mu.Unlock()
	return r.state.clone(), nil
}

// refuse answers what is queued with the reason of the end.
func (r *Registrar) refuse() {
	why := r.over()
	for {
		r.mu.Lock()
		queue := r.queue
		r.queue = nil
		r.stats.Queued -= len(queue)
		r.finished = len(queue) == 0
		r.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, q := range queue {
			q.answer(why)
		}
	}
}

func (q *request) answer(err error) {
	if q.then != nil {
		q.then(err)
	}
}
