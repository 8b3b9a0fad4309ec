package authentication

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A guard lets executors with a good token through to what is for executors, tells who they are, and sends others away.
func TestGuardOfExecutors(t *testing.T) {
	all := map[Access]bool{ReadOnly: true, ReadWrite: true, Executors: true}
	good, bad := "Bearer "+Key("k").Token(anExecutor), "bearer "+Key("x").Token(anExecutor)
	for _, c := range []struct {
		asks   map[Access]bool
		key    Key
		kind   Access
		shows  string
		status int
		known  bool
		asked  string // challenge
	}{
		{all, Key("k"), Executors, good, 200, true, ""},
		{all, Key("k"), Containers, good, 200, true, ""},
		{all, Key("k"), ReadWrite, good, 403, false, ""},
		{all, Key("k"), ReadOnly, good, 403, false, ""},
		{all, Key("k"), Executors, "", 401, false, `Bearer realm="mesos-agent-executor"`},
		{all, Key("k"), Executors, "Bearer ", 401, false, `Bearer realm="mesos-agent-executor"`},
		{all, Key("k"), Executors, "Basic YTpi", 401, false, `Bearer realm="mesos-agent-executor"`},
		{all, Key("k"), Executors, bad, 401, false, `Bearer realm="mesos-agent-executor", error="invalid_token", error_description="token: its signature is not that of this agent's key"`},
		{all, Key("k"), Containers, bad, 401, false, `Bearer realm="mesos-agent-readwrite", error="invalid_token", error_description="token: its signature is not that of this agent's key"`},
		{all, Key("k"), Containers, "", 401, false, `Basic realm="mesos-agent-readwrite", Bearer realm="mesos-agent-readwrite"`},
		{all, Key("k"), Containers, "Basic YTpi", 200, false, ""},
		{all, nil, Containers, good, 401, false, `Basic realm="mesos-agent-readwrite"`},
		{map[Access]bool{Executors: true}, Key("k"), Containers, "", 200, false, ""},
		{map[Access]bool{ReadWrite: true}, Key("k"), Executors, "", 200, false, ""},
	} {
		s := &Realms{Daemon: "mesos-agent", Asks: c.asks, Known: Credentials{"a": "b"}, Key: c.key}
		known := false
		h := s.Guard(c.kind, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			var who Executor
			if who, known = ExecutorOf(r.Context()); known && who != anExecutor {
				t.Errorf("got executor %v, want %v", who, anExecutor)
			}
		}))
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)
		if c.shows != "" {
			r.Header.Set("Authorization", c.shows)
		}
		h.ServeHTTP(w, r)
		if w.Code != c.status || known != c.known || w.Header().Get("WWW-Authenticate") != c.asked {
			t.Errorf("access %d, %.12q: got %d, known %v, challenge %q, want %d, %v, %q", c.kind, c.shows, w.Code, known, w.Header().Get("WWW-Authenticate"), c.status, c.known, c.asked)
		}
	}
}
