package chronos

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
)

// route is what the leader does for a path.
type route = func(s *Scheduler, w http.ResponseWriter, r *http.Request) error

// routes are the paths of the API, each also below /v1.
func (h *HTTP) routes() map[string]http.Handler {
	out := map[string]http.Handler{}
	for pattern, serve := range map[string]route{
		"GET /scheduler/jobs":                       listJobs,
		"GET /scheduler/jobs/summary":               summarize,
		"GET /scheduler/jobs/search":                searchJobs,
		"POST /scheduler/iso8601":                   postJob(false),
		"PUT /scheduler/iso8601":                    postJob(false),
		"POST /scheduler/dependency":                postJob(true),
		"PUT /scheduler/dependency":                 postJob(true),
		"GET /scheduler/job/{name}":                 getJob,
		"PUT /scheduler/job/{name}":                 startJob,
		"DELETE /scheduler/job/{name}":              deleteJob,
		"PUT /scheduler/job/success/{name}":         succeedJob,
		"GET /scheduler/job/stat/{name}":            getStat,
		"GET /scheduler/job/history/{name}":         getHistory,
		"POST /scheduler/job/{name}/task/{task...}": postProgress,
		"DELETE /scheduler/task/kill/{name}":        killTasks,
		"PUT /scheduler/task/{task}":                reportTask,
		"GET /scheduler/stats/{percentile}":         getStats,
		"GET /scheduler/graph/dot":                  getDot,
		"GET /scheduler/graph/csv":                  getCSV,
	} {
		out[pattern] = h.led(serve)
	}
	return out
}

// cutPattern takes a pattern apart; what is below /scheduler is also below /v1.
func cutPattern(pattern string) (method, path string, prefixed bool) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, path, strings.HasPrefix(path, "/scheduler/")
}

// postJob takes a job with a schedule, or with parents.
func postJob(dependent bool) route {
	return func(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return fmt.Errorf("reading the job: %w", err)
		}
		return s.done(w, r, func(now time.Time) ([]string, error) {
			j, err := job.Decode(body, s.conf.Job, now)
			if err != nil {
				return nil, err
			}
			switch {
			case dependent && len(j.Parents) == 0:
				return nil, &job.Invalid{Field: "parents", Why: "there are none: a job with a schedule goes to /scheduler/iso8601"}
			case !dependent && len(j.Parents) > 0:
				return nil, &job.Invalid{Field: "parents", Why: "a job with a schedule has none: one with parents goes to /scheduler/dependency"}
			}
			return nil, s.state.Put(j, now)
		})
	}
}

// done answers 204 when a change is durable.
func (s *Scheduler) done(w http.ResponseWriter, r *http.Request, change func(now time.Time) ([]string, error)) error {
	if err := s.do(r.Context(), change); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func startJob(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.done(w, r, func(now time.Time) ([]string, error) {
		_, err := s.state.Start(r.PathValue("name"), strings.TrimSpace(r.URL.Query().Get("arguments")), now)
		return nil, err
	})
}

func deleteJob(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.done(w, r, func(now time.Time) ([]string, error) { return s.state.Delete(r.PathValue("name"), now) })
}

func killTasks(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.done(w, r, func(now time.Time) ([]string, error) { return s.state.Kill(r.PathValue("name"), now) })
}

func succeedJob(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := s.do(r.Context(), func(now time.Time) ([]string, error) { return nil, s.state.Succeed(name, now) }); err != nil {
		return err
	}
	writeJSON(w, fmt.Sprintf("marked job %s as successful: true", name))
	return nil
}

// postProgress counts elements; the path ends in /progress, and task ids may hold anything else.
func postProgress(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	id, ok := strings.CutSuffix(r.PathValue("task"), "/progress")
	if !ok {
		return errors.New("there is nothing at this path: it ends in /task/ID/progress")
	}
	var body struct {
		N *job.Number `json:"numAdditionalElementsProcessed"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return fmt.Errorf("reading the progress: %w", err)
	}
	if body.N == nil || *body.N < 0 {
		return &job.Invalid{Field: "numAdditionalElementsProcessed", Why: "it is not there, or below zero"}
	}
	return s.done(w, r, func(time.Time) ([]string, error) {
		return nil, s.state.Progress(r.PathValue("name"), id, int64(*body.N))
	})
}

// reportTask is how an async job tells its end.
func reportTask(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Code *job.Number `json:"statusCode"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return fmt.Errorf("reading the report: %w", err)
	}
	if body.Code == nil {
		return &job.Invalid{Field: "statusCode", Why: "it is not there: 0 is success"}
	}
	return s.done(w, r, func(now time.Time) ([]string, error) {
		return nil, s.state.Report(r.PathValue("task"), int(*body.Code), now)
	})
}

// show answers with what f makes of the state.
func (s *Scheduler) show(w http.ResponseWriter, f func(st *plan.State) (any, error)) error {
	var v any
	var err error
	if stopped := s.look(func(st *plan.State) {
		// Encoded on the actor: what it holds belongs to the state.
		if v, err = f(st); err == nil {
			var data []byte
			data, err = json.Marshal(v)
			v = json.RawMessage(data)
		}
	}); stopped != nil {
		return stopped
	}
	if err != nil {
		return err
	}
	writeJSON(w, v)
	return nil
}

func known(st *plan.State, name string) (*plan.Entry, error) {
	if e := st.Job(name); e != nil {
		return e, nil
	}
	return nil, fmt.Errorf("job %q: %w", name, plan.ErrNoJob)
}

func listJobs(s *Scheduler, w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		out := []listed{}
		for _, name := range st.Names() {
			out = append(out, newListed(st.Job(name)))
		}
		return out, nil
	})
}

func getJob(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	return s.show(w, func(st *plan.State) (any, error) {
		e, err := known(st, r.PathValue("name"))
		if err != nil {
			return nil, err
		}
		return newListed(e), nil
	})
}

// searchJobs finds jobs by parts of their name and command.
func searchJobs(s *Scheduler, w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	number := func(name string, def int) (int, error) {
		if q.Get(name) == "" {
			return def, nil
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s=%s is no number", name, q.Get(name))
		}
		return n, nil
	}
	limit, err := number("limit", 10)
	offset, err2 := number("offset", 0)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return s.show(w, func(st *plan.State) (any, error) {
		out := []listed{}
		for _, name := range st.Names() {
			if found(string(st.Job(name).Job.Command), name, q.Get("name"), q.Get("command"), q.Get("any")) {
				out = append(out, newListed(st.Job(name)))
			}
		}
		out = out[min(offset, len(out)):]
		return out[:min(limit, len(out))], nil
	})
}

// found says that a job has what is searched for: in its name and its command, or anywhere.
func found(command, name, inName, inCommand, anywhere string) bool {
	has := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }
	if anywhere != "" && (has(name, anywhere) || has(command, anywhere)) {
		return true
	}
	return has(name, inName) && has(command, inCommand) && (anywhere == "" || inName+inCommand != "")
}
