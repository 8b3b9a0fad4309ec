// Package throttle holds back the messages of drivers as --rate_limits says: so many
// a second for each principal, or for all principals together that are not named.
// As in Mesos that concerns drivers alone; whoever calls by HTTP waits for each
// answer and so holds itself back.
//
// The master asks it before each call of a driver ([Drivers.Admit]). All of it runs
// on the master's actor. It counts the messages of principals, too.
package throttle

import (
	"fmt"
	"math"
	"time"

	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// Drivers are the limits of all drivers, and who waits for them.
type Drivers struct {
	delay  func(time.Duration, func()) (cancel func())
	named  map[string]*throttle // nil values: named, without a limit
	others *throttle
	counts map[string]*principalCounts // of the principals that frameworks have
	reg    *metrics.Registry
}

// throttle spaces messages evenly, first come first served.
type throttle struct {
	interval time.Duration
	capacity int // of waiting; -1 = any number
	waiting  []func()
	next     time.Time // when the next message may go
}

// principalCounts lives as long as a framework of that principal is known.
type principalCounts struct {
	frameworks          int
	received, processed *metrics.Counter
}

// New takes limits that [Check] accepts, nil limiting nothing, and how to have
// something called later, after other messages.
func New(limits *v1.RateLimits, reg *metrics.Registry, delay func(time.Duration, func()) (cancel func())) *Drivers {
	t := &Drivers{delay: delay, named: map[string]*throttle{}, counts: map[string]*principalCounts{}, reg: reg}
	for _, l := range limits.GetLimits() {
		t.named[l.GetPrincipal()] = newThrottle(l.Qps, l.Capacity)
	}
	if limits != nil {
		t.others = newThrottle(limits.AggregateDefaultQps, limits.AggregateDefaultCapacity)
	}
	return t
}

func newThrottle(qps *float64, capacity *uint64) *throttle {
	if qps == nil {
		return nil
	}
	t := &throttle{interval: time.Duration(float64(time.Second) / *qps), capacity: -1}
	if capacity != nil {
		t.capacity = int(min(*capacity, math.MaxInt32))
	}
	return t
}

// Check says what is wrong with rate limits.
func Check(limits *v1.RateLimits) error {
	seen := map[string]bool{}
	for i, l := range limits.GetLimits() {
		if p := l.GetPrincipal(); p == "" {
			return fmt.Errorf("limits[%d].principal must not be empty", i)
		} else if seen[p] {
			return fmt.Errorf("limits[%d].principal %q is named twice", i, p)
		}
		seen[l.GetPrincipal()] = true
		if err := checkRate(fmt.Sprintf("limits[%d].", i), "qps", l.Qps, "capacity", l.Capacity); err != nil {
			return err
		}
	}
	return checkRate("", "aggregate_default_qps", limits.AggregateDefaultQps, "aggregate_default_capacity", limits.AggregateDefaultCapacity)
}

func checkRate(where, qpsName string, qps *float64, capacityName string, capacity *uint64) error {
	switch {
	case qps == nil && capacity != nil:
		return fmt.Errorf("%s%s needs %s beside it", where, capacityName, qpsName)
	case qps != nil && !(*qps >= 1e-6 && *qps <= 1e9): // NaN fails too
		return fmt.Errorf("%s%s is %v, want messages a second, from 0.000001 to 1000000000", where, qpsName, *qps)
	}
	return nil
}

// Admit runs handle now or when the principal's turn has come. It is false if
// too many wait already; then handle never runs.
func (t *Drivers) Admit(principal string, handle func()) bool {
	if c := t.counts[principal]; c != nil {
		c.received.Inc()
		inner := handle
		handle = func() { inner(); c.processed.Inc() }
	}
	limit, named := t.named[principal]
	if !named {
		limit = t.others
	}
	if limit == nil {
		handle()
		return true
	}
	if now := time.Now(); len(limit.waiting) == 0 && !now.Before(limit.next) {
		limit.next = now.Add(limit.interval)
		handle()
		return true
	}
	if limit.capacity >= 0 && len(limit.waiting) >= limit.capacity {
		return false
	}
	limit.waiting = append(limit.waiting, handle)
	if len(limit.waiting) == 1 {
		t.wake(limit)
	}
	return true
}

// wake lets the first that waits go when its time has come.
func (t *Drivers) wake(l *throttle) {
	t.delay(time.Until(l.next), func() {
		first := l.waiting[0]
		l.waiting = l.waiting[1:]
		l.next = l.next.Add(l.interval)
		first()
		if len(l.waiting) > 0 {
			t.wake(l)
		}
	})
}

// Add counts the messages of a principal from now on, as long as Remove is not
// called as often.
func (t *Drivers) Add(principal string) {
	if principal == "" {
		return
	}
	c := t.counts[principal]
	if c == nil {
		c = &principalCounts{
			received:  t.reg.Counter(received(principal), "Messages that drivers of this principal sent."),
			processed: t.reg.Counter(processed(principal), "Messages of drivers of this principal that were worked on; rate limits hold the others back."),
		}
		t.counts[principal] = c
	}
	c.frameworks++
}

// Remove is told when a framework has gone that Add was called for.
func (t *Drivers) Remove(principal string) {
	c := t.counts[principal]
	if c == nil {
		return
	}
	if c.frameworks--; c.frameworks == 0 {
		delete(t.counts, principal)
		t.reg.Remove(received(principal))
		t.reg.Remove(processed(principal))
	}
}

func received(principal string) string  { return "frameworks/" + principal + "/messages_received" }
func processed(principal string) string { return "frameworks/" + principal + "/messages_processed" }
