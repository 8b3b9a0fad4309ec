package master

import (
	"context"
	"maps"
	"slices"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/metrics"
	"mesos/messages/resources"
)

var (
	sharesDesc    = metrics.GaugeDesc("", "Dominant share of a role, from 0 to 1.")
	filtersDesc   = metrics.GaugeDesc("", "Refusals of frameworks in a role that hold.")
	quotaDesc     = metrics.GaugeDesc("", "Quota of a role and what its frameworks hold.")
	allocatedDesc = metrics.GaugeDesc("", "Resources of all agents, and how much is offered or used.")
	queueDesc     = metrics.GaugeDesc("", "Calls that wait for the allocator.")
)

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
func (m *Master) gatherAllocator(ctx context.Context, emit emitter) {
	told := make(chan allocator.Numbers, 1)
	emit("allocator/mesos/event_queue_dispatches", queueDesc, float64(m.alloc.Queued()))
	emit("allocator/event_queue_dispatches", queueDesc, float64(m.alloc.Queued()))
	m.alloc.Numbers(func(n allocator.Numbers) { told <- n })
	select {
	case n := <-told:
		emitNumbers(n, emit)
	case <-ctx.Done():
	case <-m.p.Done():
	}
}

func emitNumbers(n allocator.Numbers, emit emitter) {
	for role, r := range n.Roles {
		emit("allocator/mesos/roles/"+role+"/shares/dominant", sharesDesc, r.Share)
		emit("allocator/mesos/offer_filters/roles/"+role+"/active", filtersDesc, float64(r.Filters))
	}
	for role, q := range n.Quotas {
		names := map[string]bool{}
		for name, g := range q.Guarantees {
			names[name] = true
			emit(quotaMetric(role, name)+"guarantee", quotaDesc, g.Float())
		}
		for name, l := range q.Limits {
			names[name] = true
			emit(quotaMetric(role, name)+"limit", quotaDesc, l.Float())
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			emit(quotaMetric(role, name)+"offered_or_allocated", quotaDesc, q.Held.Get(name).Float())
		}
	}
	for _, name := range []string{"cpus", "mem", "disk"} {
		emitAllocated(name, n.Total.Get(name), n.Held.Get(name), emit)
	}
}

func quotaMetric(role, name string) string {
	return "allocator/mesos/quota/roles/" + role + "/resources/" + name + "/"
}

func emitAllocated(name string, total, held resources.Quantity, emit emitter) {
	emit("allocator/mesos/resources/"+name+"/total", allocatedDesc, total.Float())
	emit("allocator/mesos/resources/"+name+"/offered_or_allocated", allocatedDesc, held.Float())
}
