package master

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

// /help lists every endpoint and says of each what it is for.
func TestHelp(t *testing.T) {
	reg := metrics.NewRegistry()
	defer reg.Close()
	h := NewHTTP(operator.Common{Files: files.New(), Metrics: reg, Build: &v1.VersionInfo{}, Disabled: []string{"/flags"}}, http.NotFoundHandler())
	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Body.String()
	}
	code, text := ask("/help")
	seen := 0
	for line := range strings.Lines(text) {
		if f := strings.Fields(line); strings.HasPrefix(line, "  /") {
			seen++
			if len(f) < 3 {
				t.Errorf("/help says nothing of %q", line)
			}
		}
	}
	if code != 200 || seen < 40 {
		t.Errorf("/help: got %d with %d endpoints, want all of them:\n%s", code, seen, text)
	}
	for path, want := range map[string]string{
		"/help/state": "All that the daemon knows", "/help/master/state": "All that the daemon knows", "/help/files/read": "A part of the file",
		"/help?format=json": `{"processes":[{"id":"master","endpoints":[{"name":"/",`,
	} {
		if code, text := ask(path); code != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: got %d %q, want %q in it", path, code, text, want)
		}
	}
	if code, text := ask("/help/none"); code != 404 || !strings.Contains(text, "/none") {
		t.Errorf("/help/none: got %d %q", code, text)
	}
	if code, text := ask("/master/flags"); code != 403 || !strings.Contains(text, "--firewall_rules") {
		t.Errorf("what is disabled: got %d %q, want 403", code, text)
	}
}
