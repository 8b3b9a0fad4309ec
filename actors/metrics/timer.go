package metrics

import (
	"slices"
	"sync"
	"time"
)

// timerCapacity bounds the durations that a timer keeps; when more fall into its window, the newest count.
const timerCapacity = 1024

// Timer keeps the durations of a repeated piece of work. Under its name, which ends in _ms by custom, stands the last
// one in milliseconds; with two or more in the window also name/count, /min, /max, /p50, /p90, /p95, /p99, /p999 and
// /p9999 over them.
type Timer struct {
	name   string
	last   Desc
	count  Desc
	window time.Duration

	mu   sync.Mutex
	ring []observation // grows to timerCapacity, then wraps at head
	head int           // index of the oldest
}

type observation struct {
	at time.Time
	ms float64
}

var percentiles = []struct {
	suffix string
	p      float64
}{
	{"/min", 0}, {"/p50", 0.50}, {"/p90", 0.90}, {"/p95", 0.95}, {"/p99", 0.99}, {"/p999", 0.999}, {"/p9999", 0.9999}, {"/max", 1},
}

// Timer registers a timer whose statistics cover the given span before now. It panics if the name is taken.
func (r *Registry) Timer(name, help string, window time.Duration) *Timer {
	t := &Timer{
		name: name, window: window,
		last:  Desc{Kind: KindGauge, Unit: "ms", Help: help},
		count: Desc{Kind: KindGauge, Help: "Measurements in the window. " + help},
	}
	r.add(name, t)
	return t
}

// Observe records one duration.
func (t *Timer) Observe(d time.Duration) {
	o := observation{at: time.Now(), ms: float64(d) / float64(time.Millisecond)}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ring) < timerCapacity {
		t.ring = append(t.ring, o)
		return
	}
	t.ring[t.head] = o
	t.head = (t.head + 1) % timerCapacity
}

// Start begins one measurement; calling the result ends it.
func (t *Timer) Start() (stop func()) {
	begin := time.Now()
	return func() { t.Observe(time.Since(begin)) }
}

func (t *Timer) samples(to []Sample) []Sample {
	last, values := t.inWindow(time.Now().Add(-t.window))
	if len(values) == 0 {
		return to
	}
	to = append(to, Sample{Name: t.name, Value: last, Desc: &t.last})
	if len(values) < 2 {
		return to
	}
	slices.Sort(values)
	to = append(to, Sample{Name: t.name + "/count", Value: float64(len(values)), Desc: &t.count})
	for _, p := range percentiles {
		to = append(to, Sample{Name: t.name + p.suffix, Value: percentile(values, p.p), Desc: &t.last})
	}
	return to
}

// inWindow returns the newest value and a copy of all from since on.
func (t *Timer) inWindow(since time.Time) (last float64, values []float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.ring {
		o := t.ring[(t.head+i)%len(t.ring)]
		if !o.at.Before(since) {
			values = append(values, o.ms)
			last = o.ms
		}
	}
	return last, values
}

// percentile interpolates between the two sorted values around position p of n-1.
func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
