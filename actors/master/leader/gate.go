// Package leader is how requests reach the master that leads. Several masters may
// run, of which one leads; whoever comes to another one is sent on, by a redirect
// or, where browsers would not follow, by a page with a link.
//
// The HTTP of every master passes its requests through a [Gate]. Who leads is told
// to it from outside; it elects nobody.
package leader

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync/atomic"

	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
)

// Gate lets requests through to a master that leads, and leads those that come to
// another one to it. Until it is told either, requests wait.
type Gate struct {
	gate    *httpapi.Gate
	standby atomic.Pointer[standby] // nil: this master leads, or will as soon as it has started
	self    standby                 // set before the gate opens
	deposed func() error            // likewise; not nil: it did, and another may lead
}

// standby is what a master knows that does not lead.
type standby struct{ leader *v1.MasterInfo } // nil: nobody is known to

// NewGate makes a closed gate.
func NewGate() *Gate { return &Gate{gate: httpapi.NewGate("master")} }

// StandBy says that this master does not lead, and who does, nil if nobody is known
// to. It may be called from any goroutine until Lead, which ends it.
func (g *Gate) StandBy(leader *v1.MasterInfo) { g.standby.Store(&standby{leader}) }

// Lead says that this master leads from now on. deposed, which any goroutine may
// call, says why another may by now. It is called once; what was written before it
// is seen by who passes.
func (g *Gate) Lead(self *v1.MasterInfo, deposed func() error) {
	g.self, g.deposed = standby{self}, deposed
	g.standby.Store(nil)
	g.gate.Open()
}

// StandsBy says that this master is known not to lead.
func (g *Gate) StandsBy() bool { return g.standby.Load() != nil }

// Pass answers itself and reports false unless this master leads.
func (g *Gate) Pass(w http.ResponseWriter, r *http.Request) bool {
	s := g.standby.Load()
	if s == nil {
		return g.gate.Pass(w, r) && g.leads(w)
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
func (g *Gate) leads(w http.ResponseWriter) bool {
	err := g.deposed()
	if err != nil {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "This master ends: %v. Ask another one.", err)
	}
	return err == nil
}

// Leader is host:port of the master that leads, "" if none is known to, and whether
// that is this one. It is called by whoever has passed, or stands by.
func (g *Gate) Leader() (at string, leads bool) {
	if s := g.standby.Load(); s != nil {
		return s.at(), false
	}
	return g.self.at(), true
}

// Redirect serves /redirect: it leads to the master that leads, which may be this
// one. Below it there is nothing, lest a redirect be redirected.
func (g *Gate) Redirect(w http.ResponseWriter, r *http.Request) {
	if httpapi.Rest(r) != "" {
		httpapi.Errorf(w, http.StatusNotFound, "There is no page below /redirect.")
		return
	}
	if s := g.standby.Load(); s != nil {
		s.redirect(w, "")
	} else if g.Pass(w, r) {
		g.self.redirect(w, "")
	}
}

// pidHeader is ours: the leader's process id. Programs that speak over actor links need the address in it; the
// redirect itself names the leader's hostname.
const pidHeader = "Mesos-Leader"

// redirect leads to the leader, by its name and without a scheme, as Mesos does.
func (s *standby) redirect(w http.ResponseWriter, target string) {
	if s.leader == nil {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "No leader is elected: this master does not lead, and knows of none that does. Try again soon.")
		return
	}
	w.Header().Set("Location", "//"+s.at()+target)
	w.Header().Set(pidHeader, s.leader.GetPid())
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// at is host:port of the leader, "" for none.
func (s *standby) at() string {
	m := s.leader
	switch a := m.GetAddress(); {
	case m == nil:
		return ""
	case a.GetHostname() == "":
		return fmt.Sprintf("%s:%d", m.GetHostname(), m.GetPort())
	default:
		return fmt.Sprintf("%s:%d", a.GetHostname(), a.GetPort())
	}
}

// Page serves the cluster's page; that of a standby points to the leader, since
// browsers let no page read from another host.
func (g *Gate) Page(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := g.standby.Load()
		if s == nil {
			page.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Refresh", "2")
		text := "No master leads at the moment."
		if s.leader != nil {
			at := html.EscapeString(s.at())
			w.Header().Set("Refresh", "2; url=//"+s.at()+"/")
			text = fmt.Sprintf(`The master that leads is <a href="//%s/">%s</a>.`, at, at)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		_, _ = fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><head><title>Mesos: standby master</title></head>"+
			"<body><p>This master stands by. %s</p></body></html>\n", text) // the reader may have gone
	}
}
