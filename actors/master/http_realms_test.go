package master

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"mesos/actors/authentication"
	"mesos/actors/files"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
)

// Endpoints ask for a principal under every name that they have, and in the realm that clients know from Mesos.
func TestRealms(t *testing.T) {
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := NewHTTP(operator.Common{
		Files: files.New(), Metrics: reg, Build: &v1.VersionInfo{}, Disabled: []string{"/roles"},
		Realms: &authentication.Realms{
			Daemon: "mesos-master", Known: authentication.Credentials{"alice": "secret"},
			Asks: map[authentication.Access]bool{authentication.ReadOnly: true, authentication.ReadWrite: true, authentication.Frameworks: true},
		},
	}, http.NotFoundHandler())
	ask := func(path, secret string) (int, string) {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		if secret != "" {
			r.SetBasicAuth("alice", secret)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Header().Get("WWW-Authenticate")
	}
	const read, write, frameworks = `Basic realm="mesos-master-readonly"`, `Basic realm="mesos-master-readwrite"`, `Basic realm="mesos-master-scheduler"`
	for path, want := range map[string]string{
		"/state": read, "/master/state": read, "/state.json": read, "/slaves/ID": read, "/metrics/snapshot": read, "/files/read?path=/x": read,
		"/flags": read, "/maintenance/status": read, "/registrar(1)/registry": read, "/live/state": read, "/explain/request": read,
		"/api/v1": write, "/api/v1/operator": write, "/master/api/v1": write, "/quota/a/b": write, "/weights": write,
		"/agent/ID/terminal": write, "/framework/ID/v2/apps": write, "/maintenance/schedule": write, "/tasks/kill": write, "/master/teardown": write,
		"/api/v1/scheduler": frameworks, "/master/api/v1/scheduler": frameworks,
	} {
		for _, secret := range []string{"", "another"} {
			if code, got := ask(path, secret); code != 401 || got != want {
				t.Errorf("%s with the secret %q: got %d and %q, want 401 and %q", path, secret, code, got, want)
			}
		}
	}
	for path, want := range map[string]int{"/health": 200, "/version": 200, "/help": 200, "/master/health": 200, "/assets/x": 404, "/nothing": 404, "/roles": 403} {
		if code, _ := ask(path, ""); code != want {
			t.Errorf("%s, which is for everybody: got %d, want %d", path, code, want)
		}
	}
	for _, path := range []string{"/flags", "/metrics/snapshot"} {
		if code, _ := ask(path, "secret"); code != 200 {
			t.Errorf("%s with the right secret: got %d, want 200", path, code)
		}
	}
}
