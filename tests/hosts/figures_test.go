package hosts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"mesos/tests/cluster"
)

// figures are the times from a fault, or its end, until the cluster was whole again.
type figures struct {
	serving time.Duration // a new leader answers
	agents  time.Duration // it has all agents
	tasks   time.Duration // it has all tasks
	offers  time.Duration // it made its first offers
}

func (f figures) String() string {
	return fmt.Sprintf("a new leader serves after %v, makes offers after %v, has all agents after %v, all tasks after %v",
		round(f.serving), round(f.offers), round(f.agents), round(f.tasks))
}

// replaced waits until another master than old leads, of the candidates, with all
// agents and tasks, and offers what is free.
func (w *world) replaced(since time.Time, candidates []*cluster.Process, old string) (f figures, leader *cluster.Process) {
	w.t.Helper()
	var s state
	eventually(w.t, "a new leader", func() string {
		if leader, s = leading(candidates); leader == nil || s.ID == old {
			return fmt.Sprintf("leader is %q", s.ID)
		}
		return ""
	})
	f.serving = time.Since(since)
	f.agents, f.tasks = w.whole(since, candidates)
	f.offers = w.f.firstOffers(w.t, since)
	return f, leader
}

// whole waits until the leader has all agents and tasks.
func (w *world) whole(since time.Time, candidates []*cluster.Process) (agentsAfter, tasksAfter time.Duration) {
	w.t.Helper()
	eventually(w.t, "all agents to be back", func() string {
		_, s := leading(candidates)
		return unlike("active agents", int(s.Active), agents)
	})
	agentsAfter = time.Since(since)
	eventually(w.t, "all tasks to be back", func() string {
		_, s := leading(candidates)
		return unlike("running tasks", len(s.running()), w.tasks)
	})
	return agentsAfter, time.Since(since)
}

// report tells what a fault has cost, and that it has cost no task.
func (w *world) report(fault string, f figures) {
	w.t.Helper()
	w.t.Logf("%s: %v", fault, f)
	w.untouched()
}

// summary tells figures of the same fault: median, least and most.
func summary(all []figures) string {
	part := func(what string, of func(figures) time.Duration) string {
		var d []time.Duration
		for _, f := range all {
			d = append(d, of(f))
		}
		slices.Sort(d)
		return fmt.Sprintf("%s %v (%v to %v)", what, round(d[len(d)/2]), round(d[0]), round(d[len(d)-1]))
	}
	return strings.Join([]string{
		part("a new leader serves after", func(f figures) time.Duration { return f.serving }),
		part("its first offers come another", func(f figures) time.Duration { return f.offers - f.serving }) + " later",
		part("all agents are back after", func(f figures) time.Duration { return f.agents }),
		part("all tasks after", func(f figures) time.Duration { return f.tasks }),
	}, ", ")
}
