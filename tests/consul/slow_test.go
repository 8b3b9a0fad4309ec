package consul

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"mesos/registry"
)

// slowly stands before a server whose disk is slow: whatever Consul writes to its log
// takes that long, what it knows by heart is answered at once. It is the server's URL
// for masters.
func slowly(t *testing.T, s *Server, delay time.Duration) string {
	t.Helper()
	proxy := httputil.NewSingleHostReverseProxy(s.URL())
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heart := strings.HasPrefix(r.URL.Path, "/v1/agent/check/update/") || strings.HasPrefix(r.URL.Path, "/v1/session/renew/")
		if r.Method == http.MethodPut && !heart {
			select {
			case <-time.After(delay):
			case <-r.Context().Done():
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return "consul://" + strings.TrimPrefix(front.URL, "http://") + "/mesos"
}

// A master is elected and writes, though every write takes longer than questions may,
// and longer than its check lasts unpassed; another one follows it when it resigns.
func TestElectionAtASlowConsul(t *testing.T) {
	s := startServers(t, 1)
	const delay = 2500 * time.Millisecond
	// The lock's delay keeps off sessions that end since this machine is slow itself.
	url := slowly(t, s.All[0], delay) + "?check_ttl=2400ms&lock_delay=10s"
	row := registry.Row{Table: "weights", Key: "a", Value: []byte("1")}
	for written := false; !written; {
		first := lead(t, contender(t, url), "first")
		load(t, first)
		err := first.Write(t.Context(), []registry.Row{row})
		if written = err == nil; !written && !errors.Is(err, registry.ErrDeposed) {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	second := lead(t, contender(t, url), "second")
	defer second.Close()
	if got := load(t, second); got["weights/a"] != "1" {
		t.Errorf("the next master reads %q, want what the first wrote", got)
	}
}
