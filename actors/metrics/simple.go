package metrics

import "sync/atomic"

// Counter is a number that only grows.
type Counter struct {
	n    atomic.Uint64
	name string
	desc Desc
}

// Counter registers a counter. It panics if the name is taken.
func (r *Registry) Counter(name, help string) *Counter {
	c := &Counter{name: name, desc: Desc{Kind: KindCounter, Help: help}}
	r.add(name, c)
	return c
}

// Inc adds one.
func (c *Counter) Inc() { c.n.Add(1) }

// Add adds n.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

// Value is the sum so far.
func (c *Counter) Value() uint64 { return c.n.Load() }

func (c *Counter) samples(to []Sample) []Sample {
	return append(to, Sample{Name: c.name, Value: float64(c.n.Load()), Desc: &c.desc})
}

type gauge struct {
	name string
	desc Desc
	f    func() float64
}

// Gauge registers a number that f reads. f runs on the goroutine of whoever asks and must not block; a value that only
// an actor knows belongs into a Source. NaN means that there is no value now.
func (r *Registry) Gauge(name, unit, help string, f func() float64) {
	r.add(name, &gauge{name: name, desc: Desc{Kind: KindGauge, Unit: unit, Help: help}, f: f})
}

func (g *gauge) samples(to []Sample) []Sample {
	return append(to, Sample{Name: g.name, Value: g.f(), Desc: &g.desc})
}
