package services

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"mesos/actors/metrics"
	"mesos/registry"
	"mesos/registry/catalog"
)

// The times between two tries to write, and between two looks at the whole catalog, in which others may have done anything.
const (
	retryLeast, retryMost = 500 * time.Millisecond, 15 * time.Second
	lookAgain             = 10 * time.Minute
)

// errLookAgain ends a term's work so that the next one reads everything.
var errLookAgain = errors.New("the catalog is read again")

// Options say what a Registrar is made of.
type Options struct {
	Wanted *Wanted
	// Contend waits until this program is the one that writes, however long the catalog cannot be reached. The error is that of ctx.
	Contend func(ctx context.Context) (catalog.Catalog, error)
	Metrics *metrics.Registry // nil: none
	Log     *slog.Logger
}

// Registrar writes what is wanted into a catalog.
type Registrar struct {
	o      Options
	counts counts
}

// NewRegistrar makes one; Run has it work.
func NewRegistrar(o Options) *Registrar { return &Registrar{o: o, counts: newCounts(o.Metrics)} }

// Run works until ctx ends. The entries stay then: the tasks run on.
func (r *Registrar) Run(ctx context.Context) {
	for pause := retryLeast; ctx.Err() == nil; {
		c, err := r.o.Contend(ctx)
		if err != nil {
			return
		}
		r.counts.leads(true)
		wrote, err := r.lead(ctx, c)
		r.counts.leads(false)
		if closing := c.Close(); closing != nil {
			r.o.Log.Warn("the catalog was not let go", "error", closing)
		}
		if ctx.Err() != nil {
			return
		}
		if wrote {
			pause = retryLeast
		}
		r.o.Log.Warn("the catalog is not written for now; everything in it will be compared again", "error", err, "again_in", pause)
		sleep(ctx, pause)
		pause = min(2*pause, retryMost)
	}
}

// lead keeps the catalog until something fails, or ctx ends. wrote says that it was in step once.
func (r *Registrar) lead(ctx context.Context, c catalog.Catalog) (wrote bool, err error) {
	for {
		err := r.follow(ctx, c, &wrote)
		if !errors.Is(err, errLookAgain) {
			return wrote, err
		}
	}
}

// follow reads the catalog, brings it in step, and keeps it so.
func (r *Registrar) follow(ctx context.Context, c catalog.Catalog, wrote *bool) error {
	held, err := c.Read(ctx)
	if err != nil {
		return fmt.Errorf("entries in the catalog: %w", err)
	}
	have, all := newHolding(held), true
	look := time.NewTimer(lookAgain)
	defer look.Stop()
	for {
		w, known := r.o.Wanted.take(all, have.Entries)
		if known {
			if err := r.write(ctx, c, have, w); err != nil {
				return err
			}
			if all {
				r.o.Log.Info("the catalog is in step", "entries", len(have.Entries), "nodes", len(have.Nodes))
			}
			*wrote, all = true, false
		}
		select {
		case <-r.o.Wanted.changed:
		case <-look.C:
			return errLookAgain
		case <-c.Lost():
			return registry.ErrDeposed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (r *Registrar) write(ctx context.Context, c catalog.Catalog, have holding, w work) error {
	defer func() { r.counts.holds(len(have.Entries)) }()
	for _, change := range have.changes(w, c.Limit()) {
		err := r.change(ctx, c, have, change)
		if errors.Is(err, catalog.ErrRefused) { // of one entry, maybe: the others are not to wait for it
			err = r.singly(ctx, c, have, change)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Registrar) change(ctx context.Context, c catalog.Catalog, have holding, change catalog.Change) error {
	if err := c.Write(ctx, change); err != nil {
		r.counts.failed.Inc()
		return fmt.Errorf("change of %d entries in the catalog: %w", len(change.Put)+len(change.Remove), err)
	}
	have.done(change)
	r.told(change)
	return nil
}

// singly writes each part of a change alone, and leaves out those that are refused.
func (r *Registrar) singly(ctx context.Context, c catalog.Catalog, have holding, change catalog.Change) error {
	for _, part := range parts(change) {
		err := r.change(ctx, c, have, part)
		switch {
		case errors.Is(err, catalog.ErrRefused):
			r.o.Log.Error("a change is left out", "error", err, "entries", part.Put, "removed", part.Remove, "nodes", part.Nodes)
		case err != nil:
			return err
		}
	}
	return nil
}

// told says what was written.
func (r *Registrar) told(c catalog.Change) {
	for _, e := range c.Put {
		r.o.Log.Info("registered", "service", e.Service, "task_id", e.Meta["mesos_task_id"], "agent_id", e.Meta["mesos_agent_id"], "address", e.Addr, "port", e.Port, "healthy", e.Healthy)
	}
	for _, e := range c.Remove {
		r.o.Log.Info("deregistered", "service", e.Service, "task_id", e.Meta["mesos_task_id"], "agent_id", e.Meta["mesos_agent_id"], "address", e.Addr, "port", e.Port)
	}
	r.counts.registered.Add(uint64(len(c.Put)))
	r.counts.deregistered.Add(uint64(len(c.Remove)))
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
