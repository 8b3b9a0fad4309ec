package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// sums are what follows from a picture. They are added up by the first reader
// who wants them, not by the master.
type sums struct {
	agents     map[string]*tally
	frameworks map[string]*tally
	tasks      []*Task // all live ones, of leaving frameworks too
}

// tally is what one agent or framework holds and has run.
type tally struct {
	used, offered resources.Accumulator
	states        map[v1.TaskState]int // live, unreachable and completed tasks
	others        map[string]struct{}  // frameworks of an agent, agents of a framework
}

func newTally() *tally { return &tally{states: map[v1.TaskState]int{}, others: map[string]struct{}{}} }

// Used is what tasks and executors on the agent hold.
func (c *Cluster) Used(a *Agent) resources.Resources { return c.agent(a.ID).used.Resources() }

// Offered is what is held out to frameworks of the agent.
func (c *Cluster) Offered(a *Agent) resources.Resources { return c.agent(a.ID).offered.Resources() }

// UsedBy is what the framework's tasks and executors hold.
func (c *Cluster) UsedBy(f *Framework) resources.Resources {
	return c.framework(f.ID).used.Resources()
}

// OfferedTo is what is held out to the framework.
func (c *Cluster) OfferedTo(f *Framework) resources.Resources {
	return c.framework(f.ID).offered.Resources()
}

func (c *Cluster) agent(id string) *tally     { return get(c.added().agents, id) }
func (c *Cluster) framework(id string) *tally { return get(c.added().frameworks, id) }

func get(m map[string]*tally, id string) *tally {
	if t := m[id]; t != nil {
		return t
	}
	return newTally()
}

func at(m map[string]*tally, id string) *tally {
	t := m[id]
	if t == nil {
		t = newTally()
		m[id] = t
	}
	return t
}

// added returns the sums, making them and the order of everything first.
func (c *Cluster) added() *sums {
	c.once.Do(func() {
		c.sums = sums{agents: map[string]*tally{}, frameworks: map[string]*tally{}}
		slices.SortFunc(c.Agents, func(a, b *Agent) int { return byAge(a.Registered, b.Registered, a.ID, b.ID) })
		slices.SortFunc(c.Frameworks, func(a, b *Framework) int { return byAge(a.Registered, b.Registered, a.ID, b.ID) })
		for _, list := range [][]*Framework{c.Frameworks, c.Leaving} {
			for _, f := range list {
				c.sums.addHeld(f)
			}
		}
		counted := map[string]bool{}
		for _, list := range [][]*Framework{c.Frameworks, c.Leaving, c.Completed} {
			for _, f := range list {
				if !counted[f.ID] {
					counted[f.ID] = true
					c.sums.countTasks(f)
				}
			}
		}
	})
	return &c.sums
}

// addHeld adds what a framework uses and is offered.
func (s *sums) addHeld(f *Framework) {
	slices.SortFunc(f.Tasks, func(a, b *Task) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(f.Offers, func(a, b Offer) int { return cmp.Or(len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID)) })
	slices.SortFunc(f.Executors, func(a, b Executor) int {
		return cmp.Or(strings.Compare(a.AgentID, b.AgentID), strings.Compare(a.Info.GetExecutorId().GetValue(), b.Info.GetExecutorId().GetValue()))
	})
	mine := at(s.frameworks, f.ID)
	for _, t := range f.Tasks {
		s.tasks = append(s.tasks, t)
		if !t.Freed {
			mine.used.Add(t.Resources)
			at(s.agents, t.AgentID).used.Add(t.Resources)
		}
	}
	for i := range f.Executors {
		e := &f.Executors[i]
		mine.used.Add(e.Resources)
		at(s.agents, e.AgentID).used.Add(e.Resources)
	}
	for i := range f.Offers {
		o := &f.Offers[i]
		mine.offered.Add(o.Resources)
		at(s.agents, o.AgentID).offered.Add(o.Resources)
	}
}

// countTasks counts a framework's tasks by state and notes who runs what where.
func (s *sums) countTasks(f *Framework) {
	mine := at(s.frameworks, f.ID)
	meet := func(agentID string) *tally {
		theirs := at(s.agents, agentID)
		theirs.others[f.ID] = struct{}{}
		mine.others[agentID] = struct{}{}
		return theirs
	}
	for _, list := range [][]*Task{f.Tasks, f.Unreachable, f.Completed} {
		for _, t := range list {
			mine.states[t.State]++
			meet(t.AgentID).states[t.State]++
		}
	}
	for i := range f.Executors {
		meet(f.Executors[i].AgentID)
	}
}

// byAge puts the oldest first.
func byAge(a, b time.Time, idA, idB string) int {
	return cmp.Or(a.Compare(b), len(idA)-len(idB), strings.Compare(idA, idB))
}
