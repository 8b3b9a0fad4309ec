package cgroups

import (
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// Events are those of a container that are counted. Close them; nil are none.
type Events struct{ g *group }

// CountEvents begins to count the events of a container, if cgroups/perf_event was
// asked for. Its cgroup need not be there yet.
func (f *Foreign) CountEvents(o Options, id string) *Events {
	d, there := f.dirs["perf_event"]
	if !there {
		d, there = f.dirs[cgroupV2]
	}
	if o.Perf == nil || !there || !o.asks("perf_event") {
		return nil
	}
	e := &Events{&group{id: id}}
	_ = watchPerf(o, d, e.g) // it never fails
	return e
}

// Usage adds what was counted last to a message.
func (e *Events) Usage(to *v1.ResourceStatistics) {
	if e == nil {
		return
	}
	e.g.mu.Lock()
	defer e.g.mu.Unlock()
	_ = usagePerf(nil, e.g, cgroup.Dir{}, to) // likewise
}

// Close ends the counting.
func (e *Events) Close() {
	if e != nil {
		e.g.unwatch()
	}
}
