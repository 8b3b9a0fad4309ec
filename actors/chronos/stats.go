package chronos

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"mesos/actors/chronos/plan"
)

// percentiles are the names that a histogram has, with what they mean.
var percentiles = map[string]float64{"75thPercentile": 0.75, "95thPercentile": 0.95, "98thPercentile": 0.98, "99thPercentile": 0.99, "median": 0.5, "mean": -1}

// durations are how long the remembered runs of a job took that succeeded, in milliseconds, ascending.
func durations(e *plan.Entry) (out []float64) {
	for _, r := range e.History() {
		if n := len(r.Tries); r.Outcome == plan.Success && n > 0 && !r.Tries[n-1].Started.IsZero() {
			out = append(out, float64(r.Ended.Sub(r.Tries[n-1].Started).Milliseconds()))
		}
	}
	slices.Sort(out)
	return out
}

// histogram tells of numbers, which are ascending.
func histogram(of []float64) map[string]float64 {
	out := map[string]float64{"count": float64(len(of))}
	for name, part := range percentiles {
		out[name] = percentile(of, part)
	}
	return out
}

// percentile is the least number that so much of all is not above; the mean for a negative part.
func percentile(of []float64, part float64) float64 {
	switch {
	case len(of) == 0:
		return 0
	case part < 0:
		sum := 0.0
		for _, n := range of {
			sum += n
		}
		return sum / float64(len(of))
	}
	return of[min(int(part*float64(len(of))), len(of)-1)]
}

// taskStat is a run in the statistics of a job.
type taskStat struct {
	TaskID   string `json:"taskId"`
	JobName  string `json:"jobName"`
	SlaveID  string `json:"slaveId"`
	Start    string `json:"startTime"`
	End      string `json:"endTime"`
	Duration string `json:"duration,omitempty"`
	Status   string `json:"status"`
	Elements *int64 `json:"numElementsProcessed,omitempty"`
}

func newTaskStat(e *plan.Entry, r *plan.Run) (out []taskStat) {
	clock := func(t time.Time) string {
		if t.IsZero() {
			return "N/A"
		}
		return t.UTC().Format("01/02/06 15:04:05")
	}
	for i, t := range r.Tries {
		s := taskStat{TaskID: t.TaskID, JobName: r.Job, SlaveID: t.AgentID, Start: clock(t.Started), End: clock(t.Ended), Status: "Fail"}
		switch latest := i == len(r.Tries)-1; {
		case latest && r.Outcome == plan.Success:
			s.Status = "Success"
		case t.Ended.IsZero() || latest && r.Phase == plan.Reporting:
			s.Status = "Running"
		}
		if !t.Started.IsZero() && !t.Ended.IsZero() {
			s.Duration = brief(t.Ended.Sub(t.Started))
		}
		if bool(e.Job.DataProcessingJobType) {
			s.Elements = &r.Elements
		}
		out = append(out, s)
	}
	return out
}

// brief is a duration like 1d2h3m4s.
func brief(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.of; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
		}
		d %= u.of
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

func getStat(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		name := r.PathValue("name")
		e, err := known(st, name)
		if err != nil {
			return nil, err
		}
		history := []taskStat{} // newest first
		for _, run := range slices.Backward(append(slices.Clone(e.History()), st.Runs(name)...)) {
			history = append(history, newTaskStat(e, run)...)
		}
		return map[string]any{"histogram": histogram(durations(e)), "taskStatHistory": history}, nil
	})
}

// slow is a job in the list of those that take longest.
type slow struct {
	Name string  `json:"jobNameLabel"`
	Time float64 `json:"time"` // seconds
}

func getStats(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	part, ok := percentiles[r.PathValue("percentile")]
	if !ok {
		return fmt.Errorf("%q is none of 75thPercentile, 95thPercentile, 98thPercentile, 99thPercentile, median, mean", r.PathValue("percentile"))
	}
	return s.show(w, func(st *plan.State) (any, error) {
		out := []slow{}
		for _, name := range st.Names() {
			out = append(out, slow{name, percentile(durations(st.Job(name)), part) / 1000})
		}
		slices.SortStableFunc(out, func(a, b slow) int { return cmp.Compare(b.Time, a.Time) })
		return out, nil
	})
}
