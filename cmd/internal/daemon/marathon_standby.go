package daemon

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"

	"mesos/actors/secure"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// stand waits for the leadership, and hands requests to the marathon that leads until then.
func (m *Marathon) stand(ctx context.Context) error {
	run, err := newCandidacy(m.conf.Consul, "marathon", "marathon", m.log)
	if err != nil {
		return err
	}
	run.info, run.standBy, run.failed = instance(m.conf.Address, m.System.Addr(), "marathon"), m.http.forward, m.failed
	run.lead = func(st registry.Store) error { return m.lead(ctx, st) }
	m.run = run
	run.start()
	return nil
}

// frontDoor serves the API of this marathon when it leads, and hands requests to
// the one that does while it does not.
type frontDoor struct {
	own    atomic.Pointer[http.Handler]
	leader atomic.Pointer[url.URL]
	scheme string            // of marathons
	to     http.RoundTripper // of requests to the one that leads; nil: the usual
}

func newFrontDoor(by *secure.TLS) *frontDoor {
	d := &frontDoor{scheme: by.Scheme()}
	if by != nil {
		d.to = by.Transport(&http.Transport{})
	}
	return d
}

func (d *frontDoor) open(h http.Handler) { d.own.Store(&h) }

// forward says who leads, nil for nobody.
func (d *frontDoor) forward(info *v1.MasterInfo) {
	if info == nil {
		d.leader.Store(nil)
		return
	}
	d.leader.Store(&url.URL{Scheme: d.scheme, Host: webAddress(info)})
}

// passedOn marks a request that another marathon handed on: it is not handed on again.
const passedOn = "X-Marathon-Via"

// ServeHTTP implements http.Handler.
func (d *frontDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if own := d.own.Load(); own != nil {
		(*own).ServeHTTP(w, r)
		return
	}
	if r.URL.Path == "/ping" {
		_, _ = w.Write([]byte("pong"))
		return
	}
	to := d.leader.Load()
	if to == nil || r.Header.Get(passedOn) != "" {
		refuseToProxy(w, http.StatusServiceUnavailable, "Could not determine the current leader")
		return
	}
	proxy := httputil.ReverseProxy{
		FlushInterval: -1,
		Transport:     d.to,
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.Header.Set(passedOn, p.In.Host)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuseToProxy(w, http.StatusBadGateway, "The leader at "+to.Host+" does not answer: "+err.Error())
		},
	}
	w.Header().Set("X-Marathon-Leader", to.String())
	proxy.ServeHTTP(w, r)
}

func refuseToProxy(w http.ResponseWriter, code int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": why}) // a client that does not listen gets nothing
}
