package chronos

import (
	"fmt"
	"net/http"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
)

// listed is a job as Chronos lists it.
type listed struct {
	job.Job
	URIs                   []job.Text `json:"uris"`
	ScheduleTimeZone       *job.Text  `json:"scheduleTimeZone,omitempty"` // each schedule has one, "" is UTC
	SuccessCount           int64      `json:"successCount"`
	ErrorCount             int64      `json:"errorCount"`
	ErrorsSinceLastSuccess int64      `json:"errorsSinceLastSuccess"`
	MissedCount            int64      `json:"missedCount"`
	LastSuccess            string     `json:"lastSuccess"` // "" for never
	LastError              string     `json:"lastError"`
}

// newListed has no null where clients expect a list.
func newListed(e *plan.Entry) listed {
	j := e.Job
	uris := []job.Text{}
	for _, f := range j.Fetch {
		uris = append(uris, f.URI)
	}
	j.Arguments, j.Fetch, j.EnvironmentVariables, j.Constraints = some(j.Arguments), some(j.Fetch), some(j.EnvironmentVariables), some(j.Constraints)
	if c := j.Container; c != nil {
		copied := *c
		copied.NetworkInfos, copied.Volumes, copied.Parameters = some(c.NetworkInfos), some(c.Volumes), some(c.Parameters)
		j.Container = &copied
	}
	var zone *job.Text
	if len(j.Parents) == 0 {
		zone = &e.Job.ScheduleTimeZone
	}
	return listed{
		Job: j, ScheduleTimeZone: zone, URIs: uris, SuccessCount: e.SuccessCount, ErrorCount: e.ErrorCount, ErrorsSinceLastSuccess: e.ErrorsSinceLastSuccess,
		MissedCount: e.MissedCount, LastSuccess: stamp(e.LastSuccess), LastError: stamp(e.LastError),
	}
}

// some is a list that is not nil.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// last is how the last run of a job ended.
func last(e *plan.Entry) string {
	switch {
	case e.LastSuccess.IsZero() && e.LastError.IsZero():
		return "fresh"
	case e.LastError.After(e.LastSuccess):
		return "failure"
	}
	return "success"
}

// current is what a job does now.
func current(st *plan.State, name string) string {
	running, queued := 0, false
	for _, r := range st.Runs(name) {
		if r.Phase == plan.Waiting {
			queued = true
		} else {
			running++
		}
	}
	switch {
	case running > 0:
		return fmt.Sprintf("%d running", running)
	case queued:
		return "queued"
	}
	return "idle"
}

// line is a job in the summary.
type line struct {
	Name     string     `json:"name"`
	Status   string     `json:"status"` // fresh, success or failure
	State    string     `json:"state"`  // idle, queued or "2 running"
	Schedule job.Text   `json:"schedule"`
	Parents  []job.Text `json:"parents"`
	Disabled job.Bool   `json:"disabled"`
	Next     string     `json:"next"` // its next slot, which Chronos does not tell; "" for none
}

func summarize(s *Scheduler, w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		lines := []line{}
		for _, name := range st.Names() {
			e := st.Job(name)
			lines = append(lines, line{name, last(e), current(st, name), e.Job.Schedule, some(e.Job.Parents), e.Job.Disabled, next(e)})
		}
		return map[string]any{"jobs": lines}, nil
	})
}

// next is when a job runs by its schedule.
func next(e *plan.Entry) string {
	if bool(e.Job.Disabled) {
		return ""
	}
	return stamp(e.Next())
}

func getDot(s *Scheduler, w http.ResponseWriter, _ *http.Request) error {
	return s.text(w, func(st *plan.State) string { return st.Graph().Dot() })
}

func getCSV(s *Scheduler, w http.ResponseWriter, _ *http.Request) error {
	return s.text(w, func(st *plan.State) string {
		return st.Graph().CSV(func(name string) (string, string) { return last(st.Job(name)), current(st, name) })
	})
}

func (s *Scheduler) text(w http.ResponseWriter, f func(st *plan.State) string) error {
	var text string
	if err := s.look(func(st *plan.State) { text = f(st) }); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprint(w, text)
	return nil
}

// past is a job's history as its user reads it: what has ended, oldest first, and behind it what has not.
type past struct {
	Job  string      `json:"job"`
	Runs []*plan.Run `json:"runs"`
}

func getHistory(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		name := r.PathValue("name")
		e, err := known(st, name)
		if err != nil {
			return nil, err
		}
		runs := append(some([]*plan.Run(nil)), e.History()...)
		return past{name, append(runs, st.Runs(name)...)}, nil
	})
}
