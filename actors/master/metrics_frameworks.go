package master

import (
	"fmt"
	"slices"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

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
