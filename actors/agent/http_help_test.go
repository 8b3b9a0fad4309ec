package agent

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"mesos/actors/files"
	"mesos/actors/metrics"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
)

// /help lists every endpoint of an agent and says of each what it is for.
func TestHelp(t *testing.T) {
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := NewHTTP(operator.Common{Files: files.New(), Metrics: reg, Build: &v1.VersionInfo{}})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/help", nil))
	seen := 0
	for line := range strings.Lines(w.Body.String()) {
		if f := strings.Fields(line); strings.HasPrefix(line, "  /") {
			seen++
			if len(f) < 3 {
				t.Errorf("/help says nothing of %q", line)
			}
		}
	}
	if w.Code != 200 || seen < 15 {
		t.Errorf("/help: got %d with %d endpoints, want all of them:\n%s", w.Code, seen, w.Body)
	}
}
