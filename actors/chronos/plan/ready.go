package plan

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"mesos/actors/chronos/job"
)

// Ready are the runs that may be launched now, those of high priority first, then by their slots.
func (s *State) Ready(now time.Time) (out []*Run) {
	runs := s.sorted()
	taken := map[string]bool{} // jobs of which no more may begin
	for _, r := range runs {
		taken[r.Job] = taken[r.Job] || r.underWay()
	}
	for _, r := range runs {
		e := s.jobs[r.Job]
		if e == nil || r.Phase != Waiting || r.NotBefore.After(now) || r.Killing {
			continue
		}
		if taken[r.Job] && !bool(e.Job.Concurrent) && !r.underWay() {
			continue
		}
		taken[r.Job] = true
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b *Run) int {
		return cmp.Compare(rank(s.jobs[a.Job].Job), rank(s.jobs[b.Job].Job))
	})
	return out
}

func rank(j job.Job) int {
	if j.HighPriority {
		return 0
	}
	return 1
}

// inTheWay is another run that a run must wait for, nil if there is none.
func (s *State) inTheWay(r *Run) *Run {
	if e := s.jobs[r.Job]; e == nil || bool(e.Job.Concurrent) {
		return nil
	}
	for _, other := range s.runs {
		if other != r && other.Job == r.Job && other.underWay() {
			return other
		}
	}
	return nil
}

// sorted are all runs by slot.
func (s *State) sorted() []*Run {
	return slices.SortedFunc(maps.Values(s.runs), func(a, b *Run) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Job, b.Job), cmp.Compare(a.Kind, b.Kind))
	})
}

// Launch notes that the next try of a run goes to an agent. Its task may be launched when that is durable.
func (s *State) Launch(r *Run, agentID, host string, now time.Time) Try {
	r.Phase, r.Reported, r.NotBefore = Launched, nil, time.Time{}
	t := Try{TaskID: r.TaskID(), AgentID: agentID, Host: host, Launched: now, State: "TASK_STAGING"}
	r.Tries = append(r.Tries, t)
	if over := len(r.Tries) - mostTries; over > 0 {
		r.Tries = slices.Delete(r.Tries, 0, over)
	}
	s.touchRun(r)
	return t
}

// mostTries is how many tries of a run are remembered.
const mostTries = 10
