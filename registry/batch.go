package registry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// gatherer is a store of a simulation: gather returns when all has come that comes at this instant, so that a batch
// does not depend on how fast the machine is.
type gatherer interface{ gather() }

// drain writes batch after batch until nothing is queued.
func (r *Registrar) drain() {
	for r.over() == nil {
		batch, rows := r.next()
		if len(batch) == 0 {
			return
		}
		if err := r.persist(rows); err != nil {
			for _, q := range batch {
				q.answer(err)
			}
			return
		}
		for _, q := range batch {
			q.answer(q.err)
		}
	}
}

// next takes operations from the queue until their rows fill one write, and
// carries them out on the state. Whatever comes of it, nobody is told before the
// rows are durable.
func (r *Registrar) next() ([]request, []Row) {
	if s, ok := r.store.(gatherer); ok {
		s.gather()
	}
	r.mu.Lock()
	queue := r.queue
	r.mu.Unlock()
	limits := r.store.Limits()
	rows, at := []Row(nil), map[rowKey]int{}
	batch, bytes := []request(nil), 0
	for _, q := range queue {
		changed, err := r.changes(q.op, limits)
		if err != nil {
			q.err = err // in a copy: whoever queues more meanwhile may move the queue
			batch = append(batch, q)
			continue
		}
		if len(rows)+len(changed) > limits.Rows || limits.Write > 0 && bytes+size(changed) > limits.Write {
			break // evaluated again with the next write, on the same state
		}
		batch = append(batch, q)
		bytes += size(changed)
		for _, c := range changed {
			r.state.apply([]Change{c.Change})
			k := rowKey{c.Table, c.Key}
			if i, again := at[k]; again {
				rows[i] = c.row // the last word on a row counts
				continue
			}
			at[k] = len(rows)
			rows = append(rows, c.row)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = r.queue[len(batch):]
	if len(r.queue) == 0 {
		r.queue = nil
	}
	r.stats.Queued -= len(batch)
	r.stats.Operations += uint64(len(batch))
	return batch, rows
}

// encoded is a change with its bytes.
type encoded struct {
	Change
	row Row
}

// changes is what an operation changes.
func (r *Registrar) changes(op Operation, limits Limits) ([]encoded, error) {
	wanted, err := op(r.state)
	if err != nil {
		return nil, err
	}
	var out []encoded
	for _, c := range r.state.needed(wanted) {
		row, err := c.row()
		if err != nil {
			return nil, err
		}
		if len(row.Value) > limits.Bytes {
			return nil, fmt.Errorf("row %q of table %s has %d bytes, %d at most can be kept: %w", c.Key, c.Table, len(row.Value), limits.Bytes, ErrTooLarge)
		}
		out = append(out, encoded{c, row})
	}
	if len(out) > limits.Rows {
		return nil, fmt.Errorf("%d rows change, %d at most can at once: %w", len(out), limits.Rows, ErrTooLarge)
	}
	if limits.Write > 0 && size(out) > limits.Write {
		return nil, fmt.Errorf("%d bytes change, %d at most can at once: %w", size(out), limits.Write, ErrTooLarge)
	}
	return out, nil
}

// size is the number of bytes of all values.
func size(changed []encoded) (n int) {
	for _, c := range changed {
		n += len(c.row.Value)
	}
	return n
}

// persist writes rows, again and again while the store refuses them, until the
// time for one write has passed. An error ends the registrar.
func (r *Registrar) persist(rows []Row) error {
	if len(rows) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.o.StoreTimeout)
	defer cancel()
	start := time.Now()
	// A store that hangs must not let its master go on: others wait for it.
	watch := time.AfterFunc(r.o.StoreTimeout, func() {
		r.end(fmt.Errorf("%w: %v have passed", ErrTimeout, r.o.StoreTimeout))
	})
	defer watch.Stop()
	for {
		// A write that has begun is not cancelled by Close: it is durable or not.
		err := r.store.Write(context.WithoutCancel(ctx), rows)
		if why := r.over(); err == nil && why != nil && !errors.Is(why, ErrClosed) {
			return why // it came too late: somebody else may act already
		}
		if err == nil {
			break
		}
		if errors.Is(err, ErrDeposed) || errors.Is(err, ErrClosed) {
			r.end(err)
			return err
		}
		r.o.Log.Error("the registry cannot be written; nothing is acted on until it can", "error", err, "rows", len(rows))
		select {
		case <-time.After(retryAfter):
		case <-ctx.Done():
			if why := r.over(); why != nil {
				return why
			}
			r.end(fmt.Errorf("%w: %w", ErrTimeout, err))
			return r.over()
		}
	}
	if r.o.Stored != nil {
		r.o.Stored(time.Since(start))
	}
	r.count(rows)
	return nil
}

// count keeps the numbers of what was written.
func (r *Registrar) count(rows []Row) {
	grown := 0
	for _, row := range rows {
		k := rowKey{Table(row.Table), row.Key}
		grown += len(row.Value) - r.size[k]
		if row.Value == nil {
			delete(r.size, k)
		} else {
			r.size[k] = len(row.Value)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stats.Bytes += grown
	r.stats.Writes++
	r.stats.Rows += uint64(len(rows))
}
