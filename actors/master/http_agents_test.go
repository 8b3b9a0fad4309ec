package master

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mesos/actors"
)

// at lets an agent register that answers at a test server.
func (s *standing) at(t testing.TB, url string) string {
	t.Helper()
	upid := actors.UPID{ID: "slave(1)", Addr: strings.TrimPrefix(url, "http://")}
	s.do(t, func() { s.registerAgent(upid, registration("cpus:4;mem:4096")) })
	s.settled(t)
	var id string
	s.do(t, func() {
		if a := s.agentAt[upid]; a != nil {
			id = a.id
		}
	})
	if id == "" {
		t.Fatal("the agent has not registered")
	}
	return id
}

func TestAgentReadsAreCarried(t *testing.T) {
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/files/download":
			w.Header().Set("Content-Disposition", `attachment; filename="x"`)
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Set-Cookie", "a=b")
			http.ServeContent(w, r, "x", time.Unix(1000, 0), strings.NewReader("<script>0123456789"))
		case "/files/read":
			http.Error(w, "no "+r.URL.Query().Get("path"), http.StatusNotFound)
		default:
			_, _ = w.Write([]byte("secret"))
		}
	}))
	defer agent.Close()
	s := stand(t, Config{})
	server := servePages(t, s)
	id := s.at(t, agent.URL)
	for _, c := range []struct {
		path string
		code int
		says string
	}{
		{"/files/read?path=%2Fa%20b&offset=0", 404, "no /a b"},
		{"/files/download?path=x", 200, "<script>"},
		{"/api/v1", 404, "There is no page"},
		{"/files/../api/v1", 404, "There is no page"},
		{"/files/debug", 404, "There is no page"},
		{"", 404, "There is no page"},
	} {
		code, body := fetch(t, server.URL+"/agent/"+id+c.path)
		if code != c.code || !strings.Contains(body, c.says) || strings.Contains(body, "secret") {
			t.Errorf("%s: got %d %.100s, want %d and %s", c.path, code, body, c.code, c.says)
		}
	}
	if code, body := fetch(t, server.URL+"/agent/none/files/read"); code != 404 || !strings.Contains(body, "no agent") {
		t.Errorf("of an agent that is not there: got %d %s, want 404", code, body)
	}

	r, err := http.NewRequest(http.MethodGet, server.URL+"/agent/"+id+"/files/download?path=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=8-11")
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Body.Close()
	for name, want := range map[string]string{
		"Content-Range": "bytes 8-11/18", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox", "Set-Cookie": "", "Content-Disposition": `attachment; filename="x"`,
	} {
		if got := w.Header.Get(name); got != want {
			t.Errorf("a piece of a file: %s: got %q, want %q", name, got, want)
		}
	}
}

func TestAgentThatDoesNotAnswer(t *testing.T) {
	agent := httptest.NewServer(http.NotFoundHandler())
	s := stand(t, Config{})
	server := servePages(t, s)
	id := s.at(t, agent.URL)
	agent.Close()
	if code, body := fetch(t, server.URL+"/agent/"+id+"/containers"); code != http.StatusBadGateway || !strings.Contains(body, "does not answer") {
		t.Errorf("got %d %s, want 502 and why", code, body)
	}
}

func TestTerminalNeedsAContainer(t *testing.T) {
	s := stand(t, Config{})
	server := servePages(t, s)
	id := s.at(t, server.URL)
	for _, c := range []struct{ query, says string }{
		{"", "The parameter container"}, {"?container=a..b", "The parameter container"}, {"?container=a", "WebSocket"},
	} {
		code, body := fetch(t, server.URL+"/agent/"+id+"/terminal"+c.query)
		if code < 400 || !strings.Contains(body, c.says) {
			t.Errorf("%q: got %d %s, want a refusal that says %q", c.query, code, body, c.says)
		}
	}
}
