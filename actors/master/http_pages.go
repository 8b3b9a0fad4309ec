package master

import (
	"encoding/json"
	"net/http"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/pages"
	"mesos/actors/master/view"
	"mesos/actors/operator"
	"mesos/webui"
)

// routePages registers what the web pages read. It is ours, not Mesos's.
func (h *HTTP) routePages() {
	h.feed("/live/state", (*pages.Pages).State)
	h.feed("/live/changes", (*pages.Pages).Changes)
	h.router.HandleFunc("/live/leader", h.pageLeader)
	h.router.HandleFunc("/live/task", h.pageTask)
	h.router.HandleFunc("/agent", func(w http.ResponseWriter, r *http.Request) {
		if h.ready(w, r, http.MethodGet) {
			h.carrier.Agent(w, r)
		}
	})
	h.router.HandleFunc("/framework", func(w http.ResponseWriter, r *http.Request) {
		if h.ready(w, r) && h.mayReach(w, r) {
			h.carrier.Framework(w, r)
		}
	})
}

// feed registers what readers are fed by the actor of the pages.
func (h *HTTP) feed(path string, serve func(*pages.Pages, http.ResponseWriter, *http.Request)) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.ready(w, r, http.MethodGet) {
			return
		}
		if p := h.pages.Load(); p != nil {
			serve(p, w, r)
		} else {
			operator.WriteError(w, "master", actors.ErrStopped)
		}
	})
}

// startPages starts the actor that feeds pages; nil if the master is stopping.
func (h *HTTP) startPages(m *Master) *pages.Pages {
	p, err := pages.Start(m.p.System(), pages.Config{
		ID: m.conf.ID, Every: m.conf.HistoryInterval, Reads: &h.reads, Log: m.log,
		Look: func(seen func(*view.Cluster, time.Duration)) {
			m.p.Dispatch(func() {
				began := time.Now()
				c := m.snapshot()
				seen(c, time.Since(began))
			})
		},
	})
	if err != nil {
		m.log.Warn("the web pages are not fed", "error", err)
	}
	return p
}

// pageLeader serves GET /live/leader, on every master: who leads. Pages of
// another master may ask, since they look for the one that leads now.
func (h *HTTP) pageLeader(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	answer := struct {
		Leads  bool   `json:"leads"`
		Leader string `json:"leader"` // host:port; "" if nobody is known to lead
	}{}
	if !h.gate.StandsBy() && !h.gate.Pass(w, r) {
		return
	}
	answer.Leader, answer.Leads = h.gate.Leader()
	if p := h.pages.Load(); p != nil && answer.Leads {
		p.HeardOf(r.URL.Query().Get("standby"))
	}
	body, err := json.Marshal(answer)
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "no-store")
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

// withStandbys lets the page ask the masters that stand by, once this one is gone.
func (h *HTTP) withStandbys(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := h.pages.Load(); p != nil { // the master has started
			r = r.WithContext(webui.WithMasters(r.Context(), p.Standbys()))
		}
		page.ServeHTTP(w, r)
	})
}

// pageTask serves GET /live/task?framework=F&task=T: all that is known of one task, as a v1 Task.
func (h *HTTP) pageTask(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r, http.MethodGet) {
		return
	}
	framework, id := r.URL.Query().Get("framework"), r.URL.Query().Get("task")
	found, err := h.master.Task(framework, id)
	switch {
	case err != nil:
		reply(w, answer{}, err)
	case found == nil:
		httpapi.Errorf(w, http.StatusNotFound, "No task %.100q of framework %.100q is known: it never was, or it ended so long ago that the master has forgotten it.", id, framework)
	default:
		w.Header().Set("Cache-Control", "no-store")
		httpapi.WriteMessage(w, httpapi.JSON, found.Proto())
	}
}
