package consul

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/consul/api"

	"mesos/registry"
)

// limits are the server's: 64 operations a transaction, of which two are ours, and
// 512 KiB of JSON, in which four bytes stand for three.
var limits = registry.Limits{Rows: 62, Bytes: 320 << 10, Write: 320 << 10}

// retryPause is the time between two tries of a write.
const retryPause = 100 * time.Millisecond

// Store keeps the registry in Consul while its session leads.
type Store struct {
	c   *client
	s   *session
	log *slog.Logger

	sequence uint64 // ModifyIndex of the key, 0 if there is none; of the caller's goroutine

	mu     sync.Mutex
	closed bool
}

// newStore begins the time in which the session leads.
func newStore(c *client, s *session, log *slog.Logger) *Store {
	st := &Store{c: c, s: s, log: log}
	s.wg.Go(st.watch)
	return st
}

// watch notices when another takes the leader's key.
func (st *Store) watch() {
	index := uint64(0)
	for st.s.ctx.Err() == nil {
		pair, next, err := st.c.get(st.s.ctx, st.c.key("leader"), index)
		switch {
		case err != nil:
			pause(st.s.ctx, retryPause) // the lease says how long this may go on
		case pair == nil || pair.Session != st.s.id:
			st.s.lose(fmt.Errorf("%w: its session does not hold the leader's key", registry.ErrDeposed))
			return
		}
		index = next
	}
}

// Load gives every row as it is now.
func (st *Store) Load(ctx context.Context, row func(registry.Row) error) error {
	if err := st.readSequence(ctx); err != nil {
		return err
	}
	return load(ctx, st.c, row)
}

func (st *Store) readSequence(ctx context.Context) error {
	pair, _, err := st.c.get(ctx, st.c.key("sequence"), 0)
	if err != nil {
		return fmt.Errorf("sequence of the registry: %w", err)
	}
	if pair != nil {
		st.sequence = pair.ModifyIndex
	}
	return nil
}

// load refuses a registry into which an import was not finished.
func load(ctx context.Context, c *client, row func(registry.Row) error) error {
	return list(ctx, c, func(r registry.Row) error {
		if r.Table == importing {
			return errors.New("an import into it was not finished: do it again (mesos registry import --consul)")
		}
		return row(r)
	})
}

func list(ctx context.Context, c *client, row func(registry.Row) error) error {
	prefix := c.key("registry/")
	var pairs api.KVPairs
	// Tens of thousands of agents take some seconds; the registrar has its own limit.
	if err := c.ask(ctx, time.Minute, func(ctx context.Context, a *api.Client) (err error) {
		pairs, _, err = a.KV().List(prefix, (&api.QueryOptions{RequireConsistent: true}).WithContext(ctx))
		return err
	}); err != nil {
		return fmt.Errorf("rows of the registry: %w", err)
	}
	for _, p := range pairs {
		table, escaped, _ := strings.Cut(strings.TrimPrefix(p.Key, prefix), "/")
		key, err := url.PathUnescape(escaped)
		if err != nil {
			return fmt.Errorf("key %q of the registry: %w", p.Key, err)
		}
		value := p.Value
		if value == nil {
			value = []byte{}
		}
		if err := row(registry.Row{Table: table, Key: key, Value: value}); err != nil {
			return err
		}
	}
	return nil
}

// Write makes all rows durable, or none. It tries until Consul answers, or the
// session is over.
func (st *Store) Write(ctx context.Context, rows []registry.Row) error {
	var ops api.TxnOps
	for _, r := range rows {
		op := &api.KVTxnOp{Verb: api.KVSet, Key: st.c.key("registry/" + r.Table + "/" + url.PathEscape(r.Key)), Value: r.Value}
		if r.Value == nil {
			op.Verb = api.KVDelete
		}
		ops = append(ops, &api.TxnOp{KV: op})
	}
	return st.commit(ctx, ops, func(error) bool { return false })
}

// commit makes all of it true, or nothing, once, as Write says. It gives up at errors that are final.
func (st *Store) commit(ctx context.Context, ops api.TxnOps, final func(error) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(st.s.dead, cancel)()
	ops, id := st.guarded(ops)
	for {
		if err := st.over(); err != nil {
			return err
		}
		done, err := st.try(ctx, ops, id)
		if done || errors.Is(err, registry.ErrDeposed) {
			return err
		}
		if over := st.over(); over != nil {
			return over
		}
		if answered(err) || final(err) {
			return fmt.Errorf("write to Consul: %w", err)
		}
		st.log.Warn("a write to Consul was not answered; it is tried again", "error", err, "operations", len(ops))
		pause(ctx, retryPause)
	}
}

// guarded puts the guard and the sequence before ops; id is the name of the write.
func (st *Store) guarded(ops api.TxnOps) (api.TxnOps, string) {
	id := uuid.NewString()
	return append(api.TxnOps{
		{KV: &api.KVTxnOp{Verb: api.KVCheckSession, Key: st.c.key("leader"), Session: st.s.id}},
		{KV: &api.KVTxnOp{Verb: api.KVCAS, Key: st.c.key("sequence"), Value: []byte(id), Index: st.sequence}},
	}, ops...), id
}

// try is done when the write took place.
func (st *Store) try(ctx context.Context, ops api.TxnOps, id string) (done bool, err error) {
	var ok bool
	var answer *api.TxnResponse
	err = st.c.ask(ctx, writeTime, func(ctx context.Context, a *api.Client) (err error) {
		ok, answer, _, err = a.Txn().Txn(ops, (&api.QueryOptions{}).WithContext(ctx))
		return err
	})
	if err != nil {
		return false, err
	}
	if ok {
		for _, r := range answer.Results {
			if r.KV != nil && r.KV.Key == st.c.key("sequence") {
				st.sequence = r.KV.ModifyIndex
			}
		}
		return true, nil
	}
	for _, e := range answer.Errors {
		switch e.OpIndex {
		case 0:
			return false, st.depose(e.What)
		case 1:
			return st.earlier(ctx, id)
		}
	}
	return false, refused(answer.Errors)
}

// refused is a transaction that Consul takes part of for wrong, and will the next time.
type refused api.TxnErrors

func (r refused) Error() string {
	var all []string
	for _, e := range r {
		all = append(all, fmt.Sprintf("operation %d: %s", e.OpIndex, e.What))
	}
	return "the transaction was refused by Consul: " + strings.Join(all, "; ")
}

// earlier finds out whether an earlier try of the same write took place.
func (st *Store) earlier(ctx context.Context, id string) (bool, error) {
	pair, _, err := st.c.get(ctx, st.c.key("sequence"), 0)
	switch {
	case err != nil:
		return false, err
	case pair != nil && string(pair.Value) == id:
		st.sequence = pair.ModifyIndex
		return true, nil
	}
	return false, st.depose("somebody else wrote to the registry")
}

func (st *Store) depose(what string) error {
	err := fmt.Errorf("%w: %s", registry.ErrDeposed, what)
	st.s.lose(err)
	return err
}

// over is why nothing is written any more.
func (st *Store) over() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.closed {
		return registry.ErrClosed
	}
	if why := st.s.over(); why != nil && !errors.Is(why, registry.ErrDeposed) {
		return fmt.Errorf("%w: %w", registry.ErrDeposed, why)
	} else {
		return why
	}
}

// Deposed tells from the clock alone whether the lease is over.
func (st *Store) Deposed() error { return st.over() }

// Limits are those of a Consul transaction.
func (st *Store) Limits() registry.Limits { return limits }

// Lost is closed when another master may lead.
func (st *Store) Lost() <-chan struct{} { return st.s.dead.Done() }

// Close resigns: the next master need not wait for anything.
func (st *Store) Close() error {
	st.mu.Lock()
	again := st.closed
	st.closed = true
	st.mu.Unlock()
	if again {
		return nil
	}
	limit := writeTime
	if st.s.over() != nil {
		limit = lostTime
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	// What is released is free at once; what a session loses, after the lock's delay.
	if err := st.c.ask(ctx, limit, func(ctx context.Context, a *api.Client) error {
		_, _, err := a.KV().Release(&api.KVPair{Key: st.c.key("leader"), Session: st.s.id}, (&api.WriteOptions{}).WithContext(ctx))
		return err
	}); err != nil {
		st.log.Warn("the leader's key was not released; the session ends by itself", "error", err)
	}
	st.s.close(ctx)
	return nil
}
