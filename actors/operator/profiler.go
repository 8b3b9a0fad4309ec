package operator

import (
	"bytes"
	"net/http"
	"runtime/pprof"
	"sync"
	"time"

	"mesos/actors/httpapi"
)

// mostProfile bounds how long the processor is watched when nobody stops that.
const mostProfile = 10 * time.Minute

// profiler watches what the program spends its processor time on. There is one for all of the program, as in Go.
type profiler struct {
	mu   sync.Mutex
	into *bytes.Buffer // nil: it does not run
	over *time.Timer
}

var processor profiler

// serve answers /profiler/start and /profiler/stop, whose answer is the profile.
func (p *profiler) serve(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch what := httpapi.Rest(r); what {
	case "start":
		p.start(w)
	case "stop":
		p.stop(w)
	default:
		httpapi.Errorf(w, http.StatusNotFound, "There is no /profiler/%s: want start or stop.", what)
	}
}

func (p *profiler) start(w http.ResponseWriter) {
	if p.into != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The profiler runs already: /profiler/stop ends it.")
		return
	}
	into := &bytes.Buffer{}
	if err := pprof.StartCPUProfile(into); err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The profiler was not started: %v.", err)
		return
	}
	p.into, p.over = into, time.AfterFunc(mostProfile, pprof.StopCPUProfile)
	httpapi.WriteBody(w, "text/plain; charset=utf-8", []byte("The profiler runs, for 10 minutes at most: /profiler/stop answers with the profile, for go tool pprof.\n"))
}

func (p *profiler) stop(w http.ResponseWriter) {
	if p.into == nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The profiler does not run: /profiler/start begins it.")
		return
	}
	p.over.Stop()
	pprof.StopCPUProfile() // which does nothing a second time, and waits until all is written
	attach(w, "perftools.out", p.into.Bytes())
	p.into, p.over = nil, nil
}

// attach answers with a file of that name.
func attach(w http.ResponseWriter, name string, body []byte) {
	w.Header().Set("Content-Disposition", "attachment; filename="+name)
	httpapi.WriteBody(w, "application/octet-stream", body)
}
