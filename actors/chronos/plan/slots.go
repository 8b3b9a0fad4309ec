package plan

import (
	"fmt"
	"time"

	"mesos/actors/chronos/job"
)

// mostSlots bounds the slots of one job that are decided at once: after a month away a job of every second has millions.
const mostSlots = 10_000

// Due decides about all slots of one job that have come, and says whether there may be more. What it changes fits one write.
func (s *State) Due(name string, now time.Time) (more bool) {
	e := s.jobs[name]
	if e == nil || e.next.IsZero() || e.next.After(now) {
		return false
	}
	var late *Run // all those that nobody may run any more, as one
	made, oldest := 0, now.Add(-e.Job.Late())
	for n := 0; !e.next.IsZero() && !e.next.After(now); n++ {
		if n == mostSlots || made == s.o.MaxRows/4 {
			more = true
			break
		}
		due := e.next
		e.advance(due)
		switch {
		case bool(e.Job.Disabled):
		case due.Before(oldest):
			late = e.tooLate(late, due)
		case s.runs[slotID(name, due, Scheduled)] == nil: // a job that was deleted and made again may still have it
			r := &Run{Job: name, Kind: Scheduled, Due: due, Phase: Waiting}
			s.runs[r.ID()] = r
			s.touchRun(r)
			made++
		}
	}
	if late != nil {
		s.missed(e, late, fmt.Sprintf("chronos came to it only at %s, later than its epsilon %s allows", now.UTC().Format(time.RFC3339), e.Job.Epsilon), now)
	}
	s.touchJob(e)
	return more
}

// tooLate adds a slot to those that are missed.
func (e *Entry) tooLate(late *Run, due time.Time) *Run {
	if late == nil {
		return &Run{Job: string(e.Job.Name), Kind: Scheduled, Due: due}
	}
	late.Count = max(late.Count, 1) + 1
	late.Until = due
	return late
}

// Overdue ends the runs that have waited too long to begin, and tries of async jobs that do not say how they ended.
func (s *State) Overdue(now time.Time) {
	for _, r := range s.sorted() {
		e := s.jobs[r.Job]
		if r.Phase == Reporting && e != nil && e.Job.MaxCompletionTime > 0 && now.After(r.present().Launched.Add(seconds(e.Job.MaxCompletionTime))) {
			r.Phase = Running
			s.failed(r, now, fmt.Sprintf("the job did not report its end within its maxCompletionTime of %v s", e.Job.MaxCompletionTime))
			continue
		}
		if r.Phase != Waiting || r.Begun || r.Kind != Scheduled || e == nil || !now.After(r.Due.Add(e.Job.Late())) {
			continue
		}
		why := "no offer came that it fits, within its epsilon " + string(e.Job.Epsilon)
		if other := s.inTheWay(r); other != nil {
			why = fmt.Sprintf("the run of %s had not ended within its epsilon %s, and the job is not concurrent", other.Due.Format(time.RFC3339), e.Job.Epsilon)
		}
		delete(s.runs, r.ID())
		s.touchRun(r)
		s.missed(e, r, why, now)
	}
}

func seconds(n job.Number) time.Duration { return time.Duration(float64(n) * float64(time.Second)) }

// missed remembers a run that never began.
func (s *State) missed(e *Entry, r *Run, why string, now time.Time) {
	r.Phase, r.Outcome, r.Reason, r.Ended = Ended, Missed, why, now
	e.MissedCount += int64(max(r.Count, 1))
	s.touchJob(e)
	s.remember(e, r)
	s.hook(e, r)
}

// remember puts a run that has ended into the history, and forgets the oldest.
func (s *State) remember(e *Entry, r *Run) {
	e.history = append(e.history, r)
	s.touch(TableHistory, r.ID())
	for len(e.history) > s.o.History {
		s.touch(TableHistory, e.history[0].ID())
		e.history = e.history[1:]
	}
}

// NextDue is when Due or Ready should be asked next, for what is known now; zero: never.
func (s *State) NextDue() (next time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	for _, e := range s.jobs {
		sooner(e.next)
	}
	for _, r := range s.runs {
		if r.Phase == Waiting {
			sooner(r.NotBefore)
		}
	}
	return next
}
