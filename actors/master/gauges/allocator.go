package gauges

import (
	"maps"
	"slices"
	"strings"

	"mesos/actors/allocator"
	"mesos/actors/metrics"
	"mesos/messages/resources"
)

var (
	sharesDesc    = metrics.GaugeDesc("", "Dominant share of a role, from 0 to 1.")
	filtersDesc   = metrics.GaugeDesc("", "Refusals of frameworks in a role that hold.")
	quotaDesc     = metrics.GaugeDesc("", "Quota of a role and what its frameworks hold.")
	allocatedDesc = metrics.GaugeDesc("", "Resources of all agents, and how much is offered or used.")
)

// Allocator emits shares, refusals, quotas and what is held, as the allocator counts them.
func Allocator(n allocator.Numbers, emit Emit) {
	above := map[string]bool{} // roles that no framework is in, but in one below
	for role, r := range n.Roles {
		emit("allocator/mesos/roles/"+role+"/shares/dominant", sharesDesc, r.Share)
		emit("allocator/mesos/offer_filters/roles/"+role+"/active", filtersDesc, float64(r.Filters))
		for i := strings.LastIndexByte(role, '/'); i > 0; i = strings.LastIndexByte(role[:i], '/') {
			if _, known := n.Roles[role[:i]]; !known {
				above[role[:i]] = true
			}
		}
	}
	for role := range above {
		emit("allocator/mesos/offer_filters/roles/"+role+"/active", filtersDesc, 0)
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

func emitAllocated(name string, total, held resources.Quantity, emit Emit) {
	emit("allocator/mesos/resources/"+name+"/total", allocatedDesc, total.Float())
	emit("allocator/mesos/resources/"+name+"/offered_or_allocated", allocatedDesc, held.Float())
}
