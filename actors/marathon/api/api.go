package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/model"
)

// Options are what the API tells of the program around it.
type Options struct {
	Version string
	Leader  string // host:port of this API, as others reach it
	Resign  func() // gives the leadership up; nil where there are no rivals
	Server  map[string]any
}

// API serves one Service.
type API struct {
	s *marathon.Service
	o Options
}

// New makes the handler.
func New(s *marathon.Service, o Options) *API { return &API{s, o} }

// biggest is how large a definition may be, in bytes.
const biggest = 16 << 20

// ServeHTTP implements http.Handler. Paths are read as they are: ids hold slashes.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, biggest)
	path := r.URL.Path
	for _, route := range []struct {
		prefix string
		serve  func(w http.ResponseWriter, r *http.Request, rest string)
	}{
		{"/v2/apps", a.apps}, {"/v2/groups", a.groups}, {"/v2/pods", a.pods}, {"/v2/deployments", a.deployments}, {"/v2/tasks", a.tasks},
		{"/v2/queue", a.queue}, {"/v2/info", a.info}, {"/v2/leader", a.leader}, {"/v2/events", a.events}, {"/ping", ping}, {"/metrics", a.metrics}, {"/ui", a.pages},
	} {
		if rest, ok := strings.CutPrefix(path, route.prefix); ok && (rest == "" || rest[0] == '/') {
			route.serve(w, r, strings.Trim(rest, "/"))
			return
		}
	}
	if path == "/" {
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			a.pages(w, r, "")
			return
		}
		a.info(w, r, "")
		return
	}
	fail(w, http.StatusNotFound, "There is no page "+path)
}

func ping(w http.ResponseWriter, _ *http.Request, _ string) {
	w.Header().Set("Content-Type", "text/plain")
	_, _ = fmt.Fprint(w, "pong")
}

// answer writes v as JSON. Commands stand in it as they were written: what reads this is no web page.
func answer(w http.ResponseWriter, code int, v any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
	w.WriteHeader(code)
	_, _ = w.Write(b.Bytes()) // whom it does not reach has gone
}

type message struct {
	Message     string `json:"message"`
	Details     any    `json:"details,omitempty"`
	Deployments []ref  `json:"deployments,omitempty"`
}

// ref names something by its id.
type ref struct {
	ID string `json:"id"`
}

func refs(list []string) []ref {
	out := []ref{}
	for _, id := range list {
		out = append(out, ref{id})
	}
	return out
}

func fail(w http.ResponseWriter, code int, text string) { answer(w, code, message{Message: text}) }

// refuse answers an error with the code that belongs to it.
func refuse(w http.ResponseWriter, err error) {
	var inv *model.Invalid
	var locked *marathon.Locked
	var missing *marathon.Missing
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &inv):
		answer(w, http.StatusUnprocessableEntity, message{Message: "Object is not valid", Details: inv.Problems})
	case errors.As(err, &locked):
		answer(w, http.StatusConflict, message{Message: locked.Error(), Deployments: refs(locked.Deployments)})
	case errors.As(err, &missing):
		fail(w, http.StatusNotFound, missing.Error())
	case errors.Is(err, marathon.ErrExists):
		fail(w, http.StatusConflict, err.Error())
	case errors.Is(err, model.ErrSyntax):
		answer(w, http.StatusBadRequest, message{Message: "Invalid JSON", Details: []model.Problem{{Path: "", Errors: []string{err.Error()}}}})
	case errors.As(err, &large):
		fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the body has more than %d bytes", biggest))
	case errors.Is(err, marathon.ErrStopped):
		fail(w, http.StatusServiceUnavailable, err.Error())
	default:
		fail(w, http.StatusInternalServerError, err.Error())
	}
}

// done answers a change that began a deployment.
func done(w http.ResponseWriter, code int, result marathon.Result, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Marathon-Deployment-Id", result.Deployment)
	answer(w, code, result)
}

// allow answers 405 unless the method is one of methods.
func allow(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	fail(w, http.StatusMethodNotAllowed, "Method "+r.Method+" is not allowed; use "+strings.Join(methods, " or "))
	return false
}

// yes reads a parameter of the query that is true or false; it may stand without a value.
func yes(q url.Values, name string, otherwise bool) bool {
	if !q.Has(name) {
		return otherwise
	}
	v := q.Get(name)
	return v == "" || v == "true"
}

func force(r *http.Request) bool { return yes(r.URL.Query(), "force", false) }

// cut takes what follows word off a path: "web/versions/1" at versions is "web" and "1".
func cut(path, word string) (id, rest string, ok bool) {
	if id, ok = strings.CutSuffix(path, "/"+word); ok {
		return id, "", true
	}
	return strings.Cut(path, "/"+word+"/")
}
