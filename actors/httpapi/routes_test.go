package httpapi

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

func TestDisabledPaths(t *testing.T) {
	r := testRouter("master")
	r.Disable("/master/state", "/files/browse", "/api/v1", "/profiler/", "/master/nothing")
	for path, want := range map[string]int{
		"/state": 403, "/master/state": 403, "/state.json": 403, "/state/": 403, "/files/browse": 403, "/api/v1": 403, "/master/api/v1": 403, "/api/v1/more": 403,
		"/profiler/start": 403, "/master/nothing": 403, "/slaves": 200, "/api/v1/scheduler": 200, "/metrics/snapshot": 200, "/none": 404,
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", path, w.Code, want)
		}
	}
}

func TestRoutes(t *testing.T) {
	own, others := testRouter("master").Routes()
	if !slices.Contains(own, "/slaves") || !slices.Equal(others, []string{"/files/browse", "/metrics/snapshot", "/system/stats.json"}) {
		t.Errorf("got %q and %q", own, others)
	}
}
