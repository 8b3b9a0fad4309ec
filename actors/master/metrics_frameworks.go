package master

import (
	"fmt"
	"slices"
	"strings"

	"mesos/actors/master/view"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

var (
	frameworkGauge   = metrics.GaugeDesc("", "What a framework has now: tasks by state, its subscription, roles without offers.")
	frameworkCounter = &metrics.Desc{Kind: metrics.KindCounter, Help: "Calls, events, operations, offers and ended tasks of a framework."}
)

// gatherFrameworks emits what is counted of each framework, those of the history included.
func gatherFrameworks(c *view.Cluster, emit emitter) {
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

// ended counts a task that ended, by its last status.
func (m *Master) ended(f *framework, s *v1.TaskStatus) {
	m.metrics.terminal(s)
	f.counts.Ended(s.GetState())
}

// terminal counts a terminal status; those that say why, by that too.
func (m *Metrics) terminal(s *v1.TaskStatus) {
	if c := m.ended[s.GetState()]; c != nil {
		c.Inc()
	}
	if s.Source == nil || s.Reason == nil {
		return
	}
	word := func(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }
	name := fmt.Sprintf("master/task_%s/source_%s/reason_%s", word(s.GetState().String(), "TASK_"),
		word(s.GetSource().String(), "SOURCE_"), word(s.GetReason().String(), "REASON_"))
	if m.reasons[name] == nil {
		m.reasons[name] = m.registry.Counter(name, fmt.Sprintf("Tasks that ended in %s, said by %s for %s.", s.GetState(), s.GetSource(), s.GetReason()))
	}
	m.reasons[name].Inc()
}

// suppress notes for readers which roles of a framework get no offers; nil roles are all.
func (f *framework) suppress(roles []string, on bool) {
	next := map[string]bool{}
	for _, r := range f.roles {
		next[r] = f.suppressed[r]
		if len(roles) == 0 || slices.Contains(roles, r) {
			next[r] = on
		}
	}
	f.suppressed = next
}

// suppressOnly notes that just these roles get no offers.
func (f *framework) suppressOnly(roles []string) {
	f.suppress(nil, false)
	if len(roles) > 0 {
		f.suppress(roles, true)
	}
}
