package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"mesos/actors/chronos/job"
	v1 "mesos/messages/mesos/v1"
)

// What callers branch on.
var (
	ErrNoJob  = errors.New("there is no such job")
	ErrNoTask = errors.New("there is no such task under way")
)

// Graph is who waits for whom.
func (s *State) Graph() job.Graph {
	g := job.Graph{}
	for name, e := range s.jobs {
		g[name] = texts(e.Job.Parents)
	}
	return g
}

func texts(in []job.Text) []string {
	out := make([]string, len(in))
	for i, t := range in {
		out[i] = string(t)
	}
	return out
}

// Put makes a job, or puts it in the place of the one of that name, whose counts and runs stay. Errors are an *[job.Invalid].
func (s *State) Put(j *job.Job, now time.Time) error {
	name, parents := string(j.Name), texts(j.Parents)
	if err := s.Graph().Check(name, parents); err != nil {
		return err
	}
	for _, p := range parents {
		// The end of a run and what follows from it are one write.
		if others := slices.DeleteFunc(s.Graph().Children(p), func(c string) bool { return c == name }); 2*len(others)+8 > s.o.MaxRows {
			return &job.Invalid{Field: "parents", Why: fmt.Sprintf("%d jobs wait for %q already, which is as many as the store can start at once: let some wait for another job", len(others), p)}
		}
	}
	e := &Entry{Job: *j}
	old := s.jobs[name]
	if old != nil {
		e = old
		e.Done = slices.DeleteFunc(e.Done, func(p string) bool { return !slices.Contains(parents, p) })
		e.Job = *j
	}
	if err := e.plan(); err != nil {
		return &job.Invalid{Field: "schedule", Why: err.Error()}
	}
	if e.when != nil {
		e.advance(later(e.Mark, e.begin(now)))
	}
	s.jobs[name] = e
	s.touchJob(e)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// begin is the mark of a job that is new: of the slots that are past, the last one may still run, if it is not too late.
func (e *Entry) begin(now time.Time) time.Time {
	mark := now.Add(-e.Job.Late() - 1)
	slot, ok := e.when.After(mark)
	if !ok || slot.After(now) {
		return now
	}
	// The last of them, by halves: it lies between slot and now.
	for low, high := slot, now; ; {
		middle := low.Add(high.Sub(low) / 2)
		next, ok := e.when.After(middle)
		switch {
		case ok && !next.After(now):
			low, slot = next, next
		case middle.Sub(low) < time.Millisecond:
			return slot.Add(-1)
		default:
			high = middle
		}
	}
}

// Delete forgets a job. Its tasks are to be killed: their ids are returned. What waited for it then waits for its parents or,
// if it has a schedule, gets that.
func (s *State) Delete(name string, now time.Time) ([]string, error) {
	e := s.jobs[name]
	if e == nil {
		return nil, fmt.Errorf("job %q: %w", name, ErrNoJob)
	}
	for _, child := range s.Graph().Children(name) {
		if err := s.adopt(s.jobs[child], e, now); err != nil {
			return nil, err
		}
	}
	tasks := s.kill(name, now)
	delete(s.jobs, name)
	s.touch(TableJobs, name)
	for _, r := range e.history {
		s.touch(TableHistory, r.ID())
	}
	return tasks, nil
}

// adopt lets a job wait for what the job that it waited for waited for.
func (s *State) adopt(child, gone *Entry, now time.Time) error {
	j := child.Job
	j.Parents = slices.DeleteFunc(slices.Clone(j.Parents), func(p job.Text) bool { return p == gone.Job.Name })
	for _, p := range gone.Job.Parents {
		if !slices.Contains(j.Parents, p) {
			j.Parents = append(j.Parents, p)
		}
	}
	if len(j.Parents) == 0 {
		j.Schedule, j.ScheduleTimeZone = gone.Job.Schedule, gone.Job.ScheduleTimeZone
		child.Mark = later(child.Mark, now) // its slots begin now
	}
	return s.Put(&j, now)
}

// Kill ends all runs of a job. The tasks that it names are to be killed; what only waited is over.
func (s *State) Kill(name string, now time.Time) ([]string, error) {
	if s.jobs[name] == nil {
		return nil, fmt.Errorf("job %q: %w", name, ErrNoJob)
	}
	return s.kill(name, now), nil
}

func (s *State) kill(name string, now time.Time) (tasks []string) {
	for _, r := range s.sorted() {
		switch {
		case r.Job != name:
		case r.Phase == Waiting || r.Phase == Reporting:
			s.end(r, Killed, "killed by a user", now)
		default:
			r.Killing = true
			s.touchRun(r)
			tasks = append(tasks, r.TaskID())
		}
	}
	return tasks
}

// Start runs a job now, besides its schedule, and returns the id of its first task.
func (s *State) Start(name, arguments string, now time.Time) (string, error) {
	e := s.jobs[name]
	if e == nil {
		return "", fmt.Errorf("job %q: %w", name, ErrNoJob)
	}
	return s.start(e, Manual, now, arguments).TaskID(), nil
}

// Succeed takes a job as run, so that what waits for it goes on.
func (s *State) Succeed(name string, now time.Time) error {
	e := s.jobs[name]
	if e == nil {
		return fmt.Errorf("job %q: %w", name, ErrNoJob)
	}
	e.SuccessCount++
	e.ErrorsSinceLastSuccess, e.LastSuccess = 0, now
	s.touchJob(e)
	s.release(name, now, now)
	return nil
}

// Progress adds to the elements that a run has processed.
func (s *State) Progress(name, taskID string, n int64) error {
	e := s.jobs[name]
	if e == nil {
		return fmt.Errorf("job %q: %w", name, ErrNoJob)
	}
	if !bool(e.Job.DataProcessingJobType) {
		return &job.Invalid{Field: "dataProcessingJobType", Why: fmt.Sprintf("job %q does not count elements", name)}
	}
	slot, attempt, ok := parseTaskID(taskID)
	r := s.runs[slot]
	if !ok || r == nil || r.Job != name || r.Attempt != attempt {
		return fmt.Errorf("task %q of job %q: %w", taskID, name, ErrNoTask)
	}
	r.Elements += n
	s.touchRun(r)
	return nil
}

// Forget takes all tasks as lost: the framework under which they ran is gone, and so are they.
func (s *State) Forget(now time.Time) {
	s.SetFrameworkID("")
	for _, r := range s.sorted() {
		if t := r.present(); t != nil && r.Phase != Reporting {
			t.State, t.Message = "TASK_LOST", "the framework was removed with all its tasks"
			s.lost(r, v1.TaskState_TASK_LOST, now)
		}
	}
}
