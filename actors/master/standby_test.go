package master

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"mesos/actors/files"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// A master that does not lead sends clients to the leader, and says so if there is none.
func TestStandby(t *testing.T) {
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := NewHTTP(operator.Common{Files: files.New(), Metrics: reg, Build: &v1.VersionInfo{}}, http.NotFoundHandler())
	ask := func(method, path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		return w
	}
	leader := Info(Config{ID: "m1", Hostname: "leader.example"}, "10.0.0.2:5051")
	redirected := map[string]string{ // path to location
		"/state": "/state", "/master/state?jsonp=f&x=a%20b": "/master/state?jsonp=f&x=a%20b", "/state-summary": "/state-summary", "/slaves": "/slaves",
		"/api/v1": "/api/v1", "/master/api/v1/scheduler": "/master/api/v1/scheduler", "/teardown": "/teardown", "/redirect": "", "/master/redirect": "",
	}
	for _, known := range []*v1.MasterInfo{leader, nil} {
		h.StandBy(known)
		for path, at := range redirected {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				w := ask(method, path)
				code, location := http.StatusTemporaryRedirect, "//leader.example:5051"+at
				if known == nil {
					code, location = http.StatusServiceUnavailable, ""
				}
				if w.Code != code || w.Header().Get("Location") != location {
					t.Errorf("%s %s, leader %v: got %d to %q, want %d to %q", method, path, known != nil, w.Code, w.Header().Get("Location"), code, location)
				}
			}
		}
		for path, code := range map[string]int{
			"/health": 200, "/flags": 200, "/version": 200, "/metrics/snapshot": 200, "/system/stats.json": 200, "/files/debug": 200,
			"/redirect/x": 404, "/registrar(1)/registry": 503,
		} {
			if w := ask(http.MethodGet, path); w.Code != code {
				t.Errorf("%s, leader %v: got %d, want %d", path, known != nil, w.Code, code)
			}
		}
		if page := ask(http.MethodGet, "/").Body.String(); strings.Contains(page, `href="//leader.example:5051/"`) != (known != nil) {
			t.Errorf("the page, leader %v: %q", known != nil, page)
		}
	}
}

// guarded is a store that may lose its guard without telling.
type guarded struct {
	registry.Store
	lost atomic.Bool
}

func (g *guarded) Deposed() error {
	if g.lost.Load() {
		return registry.ErrDeposed
	}
	return nil
}

// A master whose guard may be lost answers nothing and acts on no message, though
// nobody has told it yet.
func TestDeposedUnawares(t *testing.T) {
	store := &guarded{Store: registry.NewMemory()}
	s := stand(t, Config{Store: store})
	register := afterRecovery(s.Master, s.registerAgent)
	for _, c := range []struct {
		lost         bool
		code, agents int
	}{{false, http.StatusOK, 1}, {true, http.StatusServiceUnavailable, 1}} {
		store.lost.Store(c.lost)
		for _, r := range []*http.Request{
			httptest.NewRequest(http.MethodGet, "/state", nil), httptest.NewRequest(http.MethodGet, "/weights", nil),
			httptest.NewRequest(http.MethodGet, "/tasks", nil), httptest.NewRequest(http.MethodPost, "/api/v1", strings.NewReader(`{"type":"GET_WEIGHTS"}`)),
		} {
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if s.http.ServeHTTP(w, r); w.Code != c.code {
				t.Errorf("%s, guard lost %v: got %d %q, want %d", r.URL, c.lost, w.Code, w.Body, c.code)
			}
		}
		w := httptest.NewRecorder()
		if s.http.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/health", nil)); w.Code != http.StatusOK {
			t.Errorf("/health, guard lost %v: got %d, want 200", c.lost, w.Code)
		}
		s.do(t, func() { register(agentUPID(1+len(s.agents)), registration("cpus:4")) })
		s.settled(t)
		s.do(t, func() {
			if got := len(s.agents); got != c.agents {
				t.Errorf("agents, guard lost %v: got %d, want %d", c.lost, got, c.agents)
			}
		})
	}
}
