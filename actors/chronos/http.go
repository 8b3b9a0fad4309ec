package chronos

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"mesos/actors/chronos/job"
	"mesos/actors/chronos/plan"
	"mesos/actors/secure"
)

// HTTP is the API of one program: it answers for the scheduler once that leads, and sends users to the leader before.
type HTTP struct {
	mux     *http.ServeMux
	leading atomic.Pointer[Scheduler]
	leader  atomic.Pointer[string] // host:port of who leads; nil: nobody is known to
}

// welcome is what a browser finds where Chronos had its pages.
const welcome = "Chronos runs jobs at their times, and after each other. Its API begins at /v1/scheduler/jobs; jobs are shown by the master's pages, under Jobs, and by `mesos job list`.\n"

// maxBody bounds what a user sends, in bytes.
const maxBody = 1 << 20

// NewHTTP makes the API of a program that does not lead yet.
func NewHTTP() *HTTP {
	h := &HTTP{mux: http.NewServeMux()}
	for pattern, serve := range h.routes() {
		method, path, prefixed := cutPattern(pattern)
		h.mux.Handle(method+" "+path, serve)
		if prefixed {
			h.mux.Handle(method+" /v1"+path, serve)
		}
	}
	h.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, welcome) })
	h.mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "pong") })
	h.mux.HandleFunc("GET /metrics", h.getMetrics)
	for _, path := range []string{"GET /leader", "GET /scheduler/leader", "GET /v1/scheduler/leader"} {
		h.mux.HandleFunc(path, h.getLeader)
	}
	return h
}

// Lead lets the API answer for s, which leads under the address host:port.
func (h *HTTP) Lead(s *Scheduler, addr string) {
	h.leader.Store(&addr)
	h.leading.Store(s)
}

// StandBy sends users to the program at host:port, "" if nobody leads.
func (h *HTTP) StandBy(addr string) {
	if addr == "" {
		h.leader.Store(nil)
		return
	}
	h.leader.Store(&addr)
}

// ServeHTTP answers a user.
func (h *HTTP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	h.mux.ServeHTTP(w, r)
}

// getLeader is answered by every program.
func (h *HTTP) getLeader(w http.ResponseWriter, _ *http.Request) {
	leader := ""
	if at := h.leader.Load(); at != nil {
		leader = *at
	}
	writeJSON(w, map[string]string{"leader": leader})
}

// led is a handler that only the leader has.
func (h *HTTP) led(serve func(s *Scheduler, w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, leader := h.leading.Load(), h.leader.Load()
		switch {
		case s != nil:
			if err := serve(s, w, r); err != nil {
				refuseRequest(w, err)
			}
		case leader != nil:
			http.Redirect(w, r, secure.SchemeOf(r)+"://"+*leader+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		default:
			answer(w, http.StatusServiceUnavailable, "no chronos leads, or the one that does is still reading what it knows")
		}
	})
}

// answer sends what Chronos sends with anything but success.
func answer(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	data, _ := json.Marshal(map[string]string{"status": http.StatusText(code), "message": message}) // texts only
	_, _ = w.Write(append(data, '\n'))
}

// refuseRequest tells a user what is wrong: 422 for what makes sense and is not supported, 400 for the rest, as Chronos has it.
func refuseRequest(w http.ResponseWriter, err error) {
	code := http.StatusBadRequest
	var invalid *job.Invalid
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &invalid) && invalid.Unsupported:
		code = http.StatusUnprocessableEntity
	case errors.As(err, &tooLarge):
		code = http.StatusRequestEntityTooLarge
	case errors.Is(err, errStopped):
		code = http.StatusServiceUnavailable
	case errors.Is(err, plan.ErrNoJob), errors.Is(err, plan.ErrNoTask):
		// Chronos has 400 for these, too, and its clients know it.
	}
	answer(w, code, err.Error())
}

func writeJSON(w http.ResponseWriter, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		answer(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(data, '\n'))
}
