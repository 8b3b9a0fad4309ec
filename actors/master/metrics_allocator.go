package master

import (
	"context"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/master/gauges"
	"mesos/actors/metrics"
)

var queueDesc = metrics.GaugeDesc("", "Calls that wait for the allocator.")

// allocatorWindow is the time that the allocator's timers look back.
const allocatorWindow = time.Hour

// measureAllocator counts the allocator's passes. It is for before it is spawned.
func (m *Master) measureAllocator() {
	r := m.conf.Metrics
	runs := r.Counter("allocator/mesos/allocation_runs", "Passes of the allocator.")
	took := r.Timer("allocator/mesos/allocation_run_ms", "Time of one pass of the allocator.", allocatorWindow)
	late := r.Timer("allocator/mesos/allocation_run_latency_ms", "Time from an event to the pass that acts on it.", allocatorWindow)
	m.alloc.OnPass(func(d, waited time.Duration) {
		runs.Inc()
		took.Observe(d)
		late.Observe(waited)
	})
	r.AddSource(m.gatherAllocator)
}

// gatherAllocator asks the allocator what it counts.
func (m *Master) gatherAllocator(ctx context.Context, emit gauges.Emit) {
	told := make(chan allocator.Numbers, 1)
	emit("allocator/mesos/event_queue_dispatches", queueDesc, float64(m.alloc.Queued()))
	emit("allocator/event_queue_dispatches", queueDesc, float64(m.alloc.Queued()))
	m.alloc.Numbers(func(n allocator.Numbers) { told <- n })
	select {
	case n := <-told:
		gauges.Allocator(n, emit)
	case <-ctx.Done():
	case <-m.p.Done():
	}
}
