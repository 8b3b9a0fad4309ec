package operator

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mesos/actors/files"
	"mesos/actors/httpapi"
	"mesos/actors/metrics"
)

// The endpoints of profiles answer with what go tool pprof reads, or with what to do instead.
func TestProfiles(t *testing.T) {
	server := func(on string) func(path string) (int, string) {
		router := httpapi.NewRouter("master")
		c := &Common{Flags: map[string]string{"memory_profiling": on}, Files: files.New(), Metrics: metrics.NewRegistry()}
		t.Cleanup(c.Metrics.Close)
		c.Mount(router)
		return func(path string) (int, string) {
			w := httptest.NewRecorder()
			router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w.Code, w.Body.String()
		}
	}
	on, off := server("true"), server("false")
	for _, c := range []struct {
		get  func(string) (int, string)
		path string
		code int
		says string // "profile": one that go tool pprof reads
	}{
		{off, "/profiler/stop", 400, "/profiler/start"},
		{off, "/profiler/start", 200, "/profiler/stop"},
		{on, "/profiler/start", 400, "runs already"},
		{off, "/profiler/stop", 200, "profile"},
		{off, "/profiler/stop", 400, "/profiler/start"},
		{off, "/profiler", 404, "start or stop"},
		{off, "/memory-profiler/download/raw", 400, "--memory_profiling"},
		{on, "/memory-profiler/start?duration=5mins", 200, "always sampled"},
		{on, "/memory-profiler/stop", 200, "download/raw"},
		{on, "/memory-profiler/state", 200, `"jemalloc_detected":false`},
		{on, "/memory-profiler/statistics", 200, `"heap_bytes":`},
		{on, "/memory-profiler/download/raw", 200, "profile"},
		{on, "/memory-profiler/download/text", 200, "heap profile:"},
		{on, "/memory-profiler/download/graph", 501, "go tool pprof"},
		{on, "/memory-profiler/none", 404, "statistics"},
	} {
		code, body := c.get(c.path)
		if c.says == "profile" {
			z, err := gzip.NewReader(bytes.NewReader([]byte(body)))
			if err != nil {
				t.Fatalf("%s: %v, want a profile", c.path, err)
			}
			if b, err := io.ReadAll(z); err != nil || len(b) == 0 {
				t.Errorf("%s: got %d bytes, %v, want a profile", c.path, len(b), err)
			}
		} else if !strings.Contains(body, c.says) {
			t.Errorf("%s: got %q, want %q", c.path, body, c.says)
		}
		if code != c.code {
			t.Errorf("%s: got %d, want %d", c.path, code, c.code)
		}
	}
}
