package master

import (
	"time"

	"mesos/messages/resources"
)

// Snapshot is a consistent picture of the cluster, taken in one pass on the
// actor and read elsewhere. It shares with the master only what never changes.
type Snapshot struct {
	agents      []agentView
	frameworks  []frameworkView
	completed   []frameworkView
	unreachable int
}

// agentView is one agent. used and offered are by framework for the agent's own sums.
type agentView struct {
	agent
	used, offered resources.Resources
}

// frameworkView is one framework with what it holds.
type frameworkView struct {
	framework
	connected     bool
	used, offered resources.Resources
	live          []task
	offers        []offer
	executors     []executorView
}

type executorView struct {
	executor
	agentID string
}

// snapshot runs on the actor.
func (m *Master) snapshot() *Snapshot {
	s := &Snapshot{unreachable: len(m.away.unreachable)}
	for _, a := range m.agents {
		s.agents = append(s.agents, viewAgent(a))
	}
	for _, f := range m.frameworks {
		if !f.removed {
			s.frameworks = append(s.frameworks, viewFramework(f))
		}
	}
	for _, f := range m.completed.values {
		s.completed = append(s.completed, viewFramework(f))
	}
	return s
}

func viewAgent(a *agent) agentView {
	own := *a
	own.tasks, own.executors, own.offers = nil, nil, nil // those change
	v := agentView{agent: own}
	for _, r := range a.used() {
		v.used = v.used.Add(r)
	}
	for _, o := range a.offers {
		v.offered = v.offered.Add(o.resources)
	}
	return v
}

func viewFramework(f *framework) frameworkView {
	own := *f
	own.tasks, own.executors, own.offers, own.conn = nil, nil, nil, nil // those change
	v := frameworkView{framework: own, connected: f.conn != nil}
	for _, t := range f.tasks {
		v.live = append(v.live, *t)
		if !t.freed {
			v.used = v.used.Add(t.resources)
		}
	}
	for agentID, executors := range f.executors {
		for _, e := range executors {
			v.executors = append(v.executors, executorView{*e, agentID})
			v.used = v.used.Add(e.resources)
		}
	}
	for _, o := range f.offers {
		v.offers = append(v.offers, *o)
		v.offered = v.offered.Add(o.resources)
	}
	return v
}

// unixSeconds is how /state tells times; a time that never was is 0.
func unixSeconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return seconds(t)
}
