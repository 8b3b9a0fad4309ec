package plan

import (
	"slices"
	"time"
)

// succeeded ends a run well.
func (s *State) succeeded(r *Run, now time.Time) { s.end(r, Success, "", now) }

// end makes history of a run. What waits for the job goes on in the same write.
func (s *State) end(r *Run, o Outcome, why string, now time.Time) {
	delete(s.runs, r.ID())
	s.touchRun(r)
	r.Phase, r.Outcome, r.Reason, r.Ended, r.Killing = Ended, o, why, now, false
	e := s.jobs[r.Job]
	if e == nil {
		return // the job was deleted
	}
	if o == Success {
		e.SuccessCount++
		e.ErrorsSinceLastSuccess, e.LastSuccess = 0, now
	} else {
		e.ErrorCount++
		e.ErrorsSinceLastSuccess++
		e.LastError = now
	}
	s.touchJob(e)
	s.remember(e, r)
	s.hook(e, r)
	if o == Success || bool(e.Job.SoftError) {
		s.release(string(e.Job.Name), r.Due, now)
	}
}

// release tells the jobs that wait for one that it has run, and starts those that need wait for no other.
func (s *State) release(parent string, due, now time.Time) {
	for _, name := range s.Graph().Children(parent) {
		child := s.jobs[name]
		if !slices.Contains(child.Done, parent) {
			child.Done = append(child.Done, parent)
			slices.Sort(child.Done)
		}
		s.touchJob(child)
		if len(child.Done) < len(child.Job.Parents) {
			continue
		}
		child.Done = nil
		if !bool(child.Job.Disabled) {
			s.start(child, After, due, "")
		}
	}
}

// start makes a run of a slot that no schedule has, of the next millisecond that is free.
func (s *State) start(e *Entry, kind Kind, due time.Time, arguments string) *Run {
	r := &Run{Job: string(e.Job.Name), Kind: kind, Due: due.UTC().Truncate(time.Millisecond), Arguments: arguments, Phase: Waiting}
	for s.runs[r.ID()] != nil || s.past(r.ID()) != nil {
		r.Due = r.Due.Add(time.Millisecond)
	}
	s.runs[r.ID()] = r
	s.touchRun(r)
	return r
}

// Hook is the end of a run that somebody wants to be told of.
type Hook struct {
	URL   string
	Entry Entry
	Run   Run
}

// hook notes who is to be told of the end of a run.
func (s *State) hook(e *Entry, r *Run) {
	url := string(e.Job.OnFailure)
	if r.Outcome == Success {
		url = string(e.Job.OnSuccess)
	}
	s.hooks = append(s.hooks, Hook{url, *e, *r})
}

// Hooks are the ends of runs since they were asked for last, also those without a URL of their own.
func (s *State) Hooks() []Hook {
	out := s.hooks
	s.hooks = nil
	return out
}
