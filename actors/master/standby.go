package master

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync/atomic"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// Info describes the master that [Start] would start on a system of the given
// address: what it tells of itself before it leads.
func Info(conf Config, addr string) *v1.MasterInfo {
	return masterInfo(conf.withDefaults(), actors.UPID{ID: "master", Addr: addr})
}

// leaderGate lets requests through to a master that leads, and leads those that
// come to another one to it.
type leaderGate struct {
	*httpapi.Gate
	standby atomic.Pointer[standby] // nil: this master leads, or will as soon as it has started
	deposed func() error            // set before the gate opens; not nil: it did, and another may lead
}

// standby is what a master knows that does not lead.
type standby struct{ leader *v1.MasterInfo } // nil: nobody is known to

func newLeaderGate() *leaderGate { return &leaderGate{Gate: httpapi.NewGate("master")} }

// Pass answers itself and reports false unless this master leads.
func (g *leaderGate) Pass(w http.ResponseWriter, r *http.Request) bool {
	s := g.standby.Load()
	if s == nil {
		return g.Gate.Pass(w, r) && g.leads(w)
	}
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") {
		target = r.URL.RequestURI() // a proxy's form
	}
	s.redirect(w, target)
	return false
}

// leads answers itself and reports false when another master may lead already: what
// this one knows may not be true any more.
func (g *leaderGate) leads(w http.ResponseWriter) bool {
	err := g.deposed()
	if err != nil {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "This master ends: %v. Ask another one.", err)
	}
	return err == nil
}

// redirect leads to the leader, by its name and without a scheme, as Mesos does.
func (s *standby) redirect(w http.ResponseWriter, target string) {
	if s.leader == nil {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "No leader is elected: this master does not lead, and knows of none that does. Try again soon.")
		return
	}
	w.Header().Set("Location", "//"+hostPort(s.leader)+target)
	w.Header().Set(leaderHeader, s.leader.GetPid())
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func hostPort(m *v1.MasterInfo) string {
	a := m.GetAddress()
	if a.GetHostname() == "" {
		return fmt.Sprintf("%s:%d", m.GetHostname(), m.GetPort())
	}
	return fmt.Sprintf("%s:%d", a.GetHostname(), a.GetPort())
}

// StandBy says that this master does not lead, and who does, nil if nobody is known
// to. It may be called from any goroutine until SetMaster, which ends it.
func (h *HTTP) StandBy(leader *v1.MasterInfo) { h.gate.standby.Store(&standby{leader}) }

// gatherStandby tells that a standby master does not lead.
func (h *HTTP) gatherStandby(_ context.Context, emit func(name string, d *metrics.Desc, value float64)) {
	if h.gate.standby.Load() != nil {
		emit("master/elected", electedDesc, 0)
	}
}

// page serves the cluster's page; that of a standby points to the leader, since
// browsers let no page read from another host.
func (h *HTTP) page(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := h.gate.standby.Load()
		if s == nil {
			page.ServeHTTP(w, h.withStandbys(r))
			return
		}
		w.Header().Set("Refresh", "2")
		text := "No master leads at the moment."
		if s.leader != nil {
			at := html.EscapeString(hostPort(s.leader))
			w.Header().Set("Refresh", "2; url=//"+hostPort(s.leader)+"/")
			text = fmt.Sprintf(`The master that leads is <a href="//%s/">%s</a>.`, at, at)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><head><title>Mesos: standby master</title></head>"+
			"<body><p>This master stands by. %s</p></body></html>\n", text) // the reader may have gone
	}
}
