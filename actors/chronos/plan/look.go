package plan

import (
	"maps"
	"slices"
	"time"
)

// Names are all jobs, in order.
func (s *State) Names() []string { return slices.Sorted(maps.Keys(s.jobs)) }

// Job is one job, nil if there is none. What it points to belongs to the State.
func (s *State) Job(name string) *Entry { return s.jobs[name] }

// Runs are the runs of a job that have not ended, by slot.
func (s *State) Runs(name string) []*Run {
	return slices.DeleteFunc(s.sorted(), func(r *Run) bool { return r.Job != name })
}

// All are all runs that have not ended, by slot.
func (s *State) All() []*Run { return s.sorted() }

// History are the runs of a job that have ended and are remembered, oldest first.
func (e *Entry) History() []*Run { return e.history }

// Next is the first slot that has not come yet; zero: there is none, as of a job that runs after others.
func (e *Entry) Next() time.Time { return e.next }

// DueNow are the jobs of which a slot has come, in order.
func (s *State) DueNow(now time.Time) (names []string) {
	for name, e := range s.jobs {
		if !e.next.IsZero() && !e.next.After(now) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
