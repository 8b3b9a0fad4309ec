package master

import (
	"context"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/master/gauges"
	"mesos/actors/metrics"
)

var (
	queuedDesc          = metrics.GaugeDesc("", "Operations that wait for the registry.")
	registrySizeDesc    = metrics.GaugeDesc("bytes", "Size of all that the registry holds.")
	recoveredDesc       = metrics.GaugeDesc("", "1 if the registry is read.")
	electedDesc         = metrics.GaugeDesc("", "1 if this master leads.")
	uptimeDesc          = metrics.GaugeDesc("secs", "Seconds since this master started.")
	queueMessagesDesc   = metrics.GaugeDesc("", "Messages that wait for the master.")
	queueDispatchesDesc = metrics.GaugeDesc("", "Other work that waits for the master, calls by HTTP among it.")
	queueRequestsDesc   = metrics.GaugeDesc("", "HTTP requests in the queue of messages: none ever is, they wait as dispatches.")
	subscribersDesc     = metrics.GaugeDesc("", "Readers of the operator event stream.")
	queueDesc           = metrics.GaugeDesc("", "Calls that wait for the allocator.")
)

// gather is a metrics.Source: it counts in a picture, beside the actor.
func (m *Master) gather(_ context.Context, emit gauges.Emit) {
	c, err := m.Snapshot()
	if err != nil {
		return // the master is stopping
	}
	gauges.Cluster(c, emit)
	m.metrics.Operations.Emit(c.Pending, emit)
	if !m.conf.NoFrameworkMetrics {
		gauges.Frameworks(c, emit)
	}
	m.gatherQueue(emit)
	emit("master/elected", electedDesc, 1)
	emit("master/uptime_secs", uptimeDesc, time.Since(m.start).Seconds())
}

// gatherStandby tells that a standby master does not lead.
func (h *HTTP) gatherStandby(_ context.Context, emit gauges.Emit) {
	if h.gate.StandsBy() {
		emit("master/elected", electedDesc, 0)
	}
}

// gatherQueue emits how much waits for the master.
func (m *Master) gatherQueue(emit gauges.Emit) {
	messages, dispatches := m.p.Waiting()
	emit("master/event_queue_messages", queueMessagesDesc, float64(messages))
	emit("master/event_queue_dispatches", queueDispatchesDesc, float64(dispatches))
	emit("master/event_queue_http_requests", queueRequestsDesc, 0)
	emit("master/operator_event_stream_subscribers", subscribersDesc, float64(m.subs.Count()))
}

// gatherRegistry counts what the registrar does.
func (m *Master) gatherRegistry(_ context.Context, emit gauges.Emit) {
	s := m.registry.Stats()
	emit("registrar/queued_operations", queuedDesc, float64(s.Queued))
	emit("registrar/registry_size_bytes", registrySizeDesc, float64(s.Bytes))
	recovered := 0.0
	if s.Recovered {
		recovered = 1
	}
	emit("registrar/log/recovered", recoveredDesc, recovered)
}

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
