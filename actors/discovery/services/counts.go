package services

import (
	"sync/atomic"

	"mesos/actors/metrics"
)

// counts are what a registrar did.
type counts struct {
	registered, deregistered, failed *metrics.Counter

	entries, leading *atomic.Int64
}

func newCounts(r *metrics.Registry) counts {
	if r == nil {
		r = metrics.NewRegistry()
		r.Close() // nobody asks it
	}
	c := counts{
		registered:   r.Counter("consul/registered", "Entries that were written, new ones and changed ones."),
		deregistered: r.Counter("consul/deregistered", "Entries that were removed."),
		failed:       r.Counter("consul/writes_failed", "Writes that failed; everything is compared after one."),
		entries:      &atomic.Int64{}, leading: &atomic.Int64{},
	}
	r.Gauge("consul/entries", "", "Entries in the catalog, as of the last write.", func() float64 { return float64(c.entries.Load()) })
	r.Gauge("consul/elected", "", "Whether this program is the one that writes.", func() float64 { return float64(c.leading.Load()) })
	return c
}

func (c counts) holds(n int) { c.entries.Store(int64(n)) }

func (c counts) leads(yes bool) {
	c.leading.Store(0)
	if yes {
		c.leading.Store(1)
	}
}
