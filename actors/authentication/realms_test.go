package authentication

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A guard lets known principals through, tells who they are, and sends others away; a client's transport passes it.
func TestGuard(t *testing.T) {
	s := &Realms{Daemon: "mesos-master", Asks: map[Access]bool{ReadWrite: true}, Known: Credentials{"alice": "a:b", "bob": "x"}}
	seen := ""
	serve := func(kind Access) *httptest.Server {
		return httptest.NewServer(s.Guard(kind, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			seen = Principal(r.Context())
			if c := CredentialOf(r); (c != nil) != (seen != "") {
				t.Errorf("request of %q: got credential %v", seen, c)
			}
		})))
	}
	free, guarded := serve(ReadOnly), serve(ReadWrite)
	defer free.Close()
	defer guarded.Close()
	for _, c := range []struct {
		server    *httptest.Server
		as        *Credential
		status    int
		principal string
	}{
		{free, nil, 200, ""},
		{free, &Credential{"eve", "z"}, 200, ""},
		{guarded, nil, 401, ""},
		{guarded, &Credential{"alice", "a:b"}, 200, "alice"},
		{guarded, &Credential{"alice", "x"}, 401, ""},
		{guarded, &Credential{"alice", ""}, 401, ""},
		{guarded, &Credential{"eve", ""}, 401, ""},
		{guarded, &Credential{"", ""}, 401, ""},
	} {
		seen = ""
		client := &http.Client{Transport: c.as.Transport(&http.Transport{})}
		resp, err := client.Get(c.server.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		client.CloseIdleConnections()
		if resp.StatusCode != c.status || seen != c.principal {
			t.Errorf("%v: got %d as %q, want %d as %q", c.as, resp.StatusCode, seen, c.status, c.principal)
		}
		if got, want := resp.Header.Get("WWW-Authenticate"), `Basic realm="mesos-master-readwrite"`; c.status == 401 && got != want {
			t.Errorf("%v: got challenge %q, want %q", c.as, got, want)
		}
	}
}

// Without realms nobody is asked.
func TestNoRealms(t *testing.T) {
	var s *Realms
	w := httptest.NewRecorder()
	s.Guard(ReadWrite, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })).
		ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusAccepted {
		t.Errorf("got %d, want that of the endpoint, 202", w.Code)
	}
}
