package simtest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/master"
	"mesos/messages/resources"
	"mesos/registry"
)

// referee watches a whole cluster, after every turn of its stage, for what must always be true. It costs what the turn
// touched, not what there is.
//
//  1. What is held of an agent is held by one framework at a time, and what runs on a machine fits on it, but for what
//     may be taken back.
//  2. A task starts once at most, ends in one state at most, and is told finished only if it is.
//  3. The updates of a task come in order, and none is acknowledged to its executor before it is durable.
//  4. Only the newest leader writes to the registry.
//  5. An agent that was marked gone does not come back, and is told to end only when that is durable. No offer exceeds a
//     limit, or is of an agent that is away or put aside.
//  6. Of each agent, what is held and what is available are its total, exactly; allocator and master agree on it.
type referee struct {
	report func(error) // of the first violation
	c      *Cluster
	courts []*court // of the masters that lead, or did

	want, got allocator.Holdings // kept for their space
	last      struct{ all, bare resources.Resources }

	mu    sync.Mutex // guards what follows: disks are written by goroutines beside the stage
	first error
	gone  map[string]bool
	tasks map[string]*judged
	hosts map[string]map[string]bool // which tasks were started on a machine
	// durable are the updates, by uuid, that agents wrote.
	durable map[string]bool
	agents  given
}

// court is a master with what it knows.
type court struct {
	program *program
	master  *master.Master
	core    *allocator.Core
	touched []string // agents to be compared when all is settled
}

func newReferee(c *Cluster) *referee {
	return &referee{c: c, report: func(err error) { c.T.Error(err) }, gone: map[string]bool{}, tasks: map[string]*judged{}, hosts: map[string]map[string]bool{}, durable: map[string]bool{}, agents: newGiven()}
}

// leads has a new master watched.
func (r *referee) leads(p *program, m *master.Master, core *allocator.Core) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.courts = append(r.courts, &court{program: p, master: m, core: core})
}

// fail remembers the first thing that is wrong, and fails the test.
func (r *referee) fail(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first == nil {
		r.first = fmt.Errorf("at %v: "+format, append([]any{time.Since(epoch)}, args...)...)
		r.report(r.first)
	}
}

// Violation is the first thing that was wrong, nil if nothing was. It needs [Options.Referee].
func (c *Cluster) Violation() error {
	if c.referee == nil {
		return nil
	}
	c.referee.mu.Lock()
	defer c.referee.mu.Unlock()
	return c.referee.first
}

// turnOver is called by the stage after each turn.
func (r *referee) turnOver() {
	r.mu.Lock()
	courts := r.courts
	r.mu.Unlock()
	for i, k := range courts {
		if k.program.dead.Load() {
			r.mu.Lock()
			r.courts = append(append([]*court(nil), courts[:i]...), courts[i+1:]...)
			r.mu.Unlock()
			return
		}
		r.books(k)
	}
}

// books compares what master and allocator believe to be held, of the agents of which something has changed.
func (r *referee) books(k *court) {
	touched, err := k.core.Audit()
	if err != nil {
		r.fail("the allocator of %s: %v", k.program.addr, err)
	}
	for _, id := range touched {
		if !slices.Contains(k.touched, id) {
			k.touched = append(k.touched, id)
		}
	}
	if len(k.touched) == 0 || !k.master.Settled() {
		return
	}
	for _, id := range k.touched {
		want, known := k.master.Audit(id, r.want[:0])
		if err := k.master.AuditOffers(id); err != nil {
			r.fail("master %s: %w", k.program.addr, err)
		}
		got, counted := k.core.Held(id, r.got[:0])
		if known != counted {
			r.fail("agent %s: known to the master %s: %v, to its allocator: %v", id, k.program.addr, known, counted)
		}
		if known && counted {
			r.compare(k, id, got, want)
		}
		r.want, r.got = want, got
	}
	k.touched = k.touched[:0]
}

func (r *referee) compare(k *court, id string, got, want allocator.Holdings) {
	for i, w := range want {
		want[i].Resources = r.bare(w.Resources)
		if g := got.Of(w.Framework); !g.Equal(want[i].Resources) {
			r.fail("agent %s: framework %s has %v by the offers and tasks of master %s, and %v by its allocator", id, w.Framework, want[i].Resources, k.program.addr, g)
			return
		}
	}
	for _, g := range got {
		if !g.Resources.IsEmpty() && want.Of(g.Framework).IsEmpty() {
			r.fail("agent %s: framework %s has nothing by the offers and tasks of master %s, and %v by its allocator", id, g.Framework, k.program.addr, g.Resources)
			return
		}
	}
}

// bare is all without its allocation info and without what is shared. Agents that are alike are touched together.
func (r *referee) bare(all resources.Resources) resources.Resources {
	if r.last.all.IsEmpty() || !r.last.all.Same(all) {
		r.last.all, r.last.bare = all, all.Unallocate().NonShared()
	}
	return r.last.bare
}

// written is called by the registry's disk for each write.
func (r *referee) written(newest bool, rows []registry.Row) {
	if !newest {
		r.fail("a master that was deposed writes to the registry: %d rows", len(rows))
	}
	for _, row := range rows {
		switch t := registry.Table(row.Table); {
		case t == registry.Gone && row.Value != nil:
			r.mu.Lock()
			r.gone[row.Key] = true
			r.mu.Unlock()
		case t == registry.Gone && row.Value == nil:
			r.fail("agent %s was marked gone, and is forgotten", row.Key)
		case t == registry.Machines:
			r.machineWritten(row)
		case (t == registry.Agents || t == registry.Unreachable) && row.Value != nil && r.isGone(row.Key):
			r.fail("agent %s was marked gone, and is back in table %s", row.Key, t)
		}
	}
}

func (r *referee) isGone(agentID string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.gone[agentID]
}
