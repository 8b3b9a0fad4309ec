package gauges

import (
	"mesos/actors/master/view"
	"mesos/actors/metrics"
)

var (
	frameworkGauge   = metrics.GaugeDesc("", "What a framework has now: tasks by state, its subscription, roles without offers.")
	frameworkCounter = &metrics.Desc{Kind: metrics.KindCounter, Help: "Calls, events, operations, offers and ended tasks of a framework."}
)

// Frameworks emits what is counted of each framework, those of the history included.
func Frameworks(c *view.Cluster, emit Emit) {
	seen := map[string]bool{}
	for _, list := range [][]*view.Framework{c.Frameworks, c.Leaving, c.Completed} {
		for _, f := range list {
			if seen[f.ID] {
				continue
			}
			seen[f.ID] = true
			for _, n := range f.Numbers() {
				desc := frameworkGauge
				if n.Counter {
					desc = frameworkCounter
				}
				emit(n.Name, desc, n.Value)
			}
		}
	}
}
