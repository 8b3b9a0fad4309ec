package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
)

// Kind tells how a metric moves.
type Kind uint8

// The kinds of metrics.
const (
	KindGauge   Kind = iota // goes up and down
	KindCounter             // only grows while the program lives
)

// String names the kind in lower case.
func (k Kind) String() string {
	if k == KindCounter {
		return "counter"
	}
	return "gauge"
}

// Desc says what a metric means.
type Desc struct {
	Kind Kind
	Unit string // "bytes", "secs", "cpus", …; empty for plain numbers of things
	Help string // one sentence
}

// GaugeDesc describes a gauge that a [Source] emits.
func GaugeDesc(unit, help string) *Desc { return &Desc{Kind: KindGauge, Unit: unit, Help: help} }

// Sample is one metric's value at one moment. Desc is shared: do not change it.
type Sample struct {
	Name  string
	Value float64
	Desc  *Desc
}

// metric appends its samples; it must be quick and must not block.
type metric interface{ samples(to []Sample) []Sample }

// Registry holds metrics by name. Make one with NewRegistry. All methods are safe for concurrent use.
type Registry struct {
	ctx    context.Context
	cancel context.CancelFunc
	runs   sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	metrics map[string]metric
	sources map[*source]struct{}

	labelled map[*LabelledSource]struct{}
}

// NewRegistry makes an empty registry.
func NewRegistry() *Registry {
	ctx, cancel := context.WithCancel(context.Background())
	return &Registry{ctx: ctx, cancel: cancel, metrics: map[string]metric{}, sources: map[*source]struct{}{}}
}

// Close cancels the sources that are still answering and waits for them. Snapshots after it hold no sources.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.cancel()
	r.runs.Wait()
}

// add panics when a name is taken: two owners of one number are a mistake of the program.
func (r *Registry) add(name string, m metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.metrics[name]; taken {
		panic(fmt.Sprintf("metric %q is registered twice", name))
	}
	r.metrics[name] = m
}

// Remove forgets a metric, or a timer with all its numbers. Removing what is not there does nothing.
func (r *Registry) Remove(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.metrics, name)
}

// Gather returns every metric that has a finite value, sorted by name. Sources that have not answered when ctx ends
// are left out; with a ctx that never ends it waits for all.
func (r *Registry) Gather(ctx context.Context) []Sample {
	r.mu.Lock()
	metrics := make([]metric, 0, len(r.metrics))
	for _, m := range r.metrics {
		metrics = append(metrics, m)
	}
	asked := make([]*answer, 0, len(r.sources))
	if !r.closed {
		for s := range r.sources {
			asked = append(asked, r.askLocked(s))
		}
	}
	r.mu.Unlock()

	var all []Sample
	for _, m := range metrics {
		all = m.samples(all)
	}
	for _, a := range asked {
		select {
		case <-a.done:
			all = append(all, a.samples...)
		case <-ctx.Done():
			// Those after this one may have answered in time; taking them needs no waiting.
			select {
			case <-a.done:
				all = append(all, a.samples...)
			default:
			}
		}
	}
	all = slices.DeleteFunc(all, func(s Sample) bool { return math.IsNaN(s.Value) || math.IsInf(s.Value, 0) })
	slices.SortStableFunc(all, func(a, b Sample) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Snapshot is Gather as a map.
func (r *Registry) Snapshot(ctx context.Context) map[string]float64 {
	all := r.Gather(ctx)
	m := make(map[string]float64, len(all))
	for _, s := range all {
		m[s.Name] = s.Value
	}
	return m
}
