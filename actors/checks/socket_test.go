package checks

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"mesos/actors/checks/httpget"
	v1 "mesos/messages/mesos/v1"
)

func TestSocketTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := Probe{Kind: v1.CheckInfo_TCP, Address: l.Addr().String()}
	if r := Socket(t.Context(), p); r.Err != nil || !r.Connected {
		t.Errorf("listener: got %+v, want connected", r)
	}
	l.Close()
	if r := Socket(t.Context(), p); r.Err != nil || r.Connected {
		t.Errorf("nobody there: got %+v, want refused without error", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Socket(ctx, p); !errors.Is(r.Err, context.Canceled) {
		t.Errorf("cancelled: got %+v, want the context's error", r)
	}
}

func TestSocketHTTP(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer s.Close()
	for path, want := range map[string]int{"/health": 200, "/other": 404} {
		if r := Socket(t.Context(), Probe{Kind: v1.CheckInfo_HTTP, URL: s.URL + path}); r.Err != nil || r.Status != want {
			t.Errorf("%s: got %+v, want status %d", path, r, want)
		}
	}
	if r := Socket(t.Context(), Probe{Kind: v1.CheckInfo_HTTP, URL: "https://127.0.0.1:1"}); !errors.Is(r.Err, httpget.ErrScheme) {
		t.Errorf("https: got %+v, want httpget.ErrScheme", r)
	}
}

// A server that takes the connection and says nothing holds a probe only until
// its context ends.
func TestSocketSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if r := Socket(ctx, Probe{Kind: v1.CheckInfo_HTTP, URL: "http://" + l.Addr().String()}); !errors.Is(r.Err, context.DeadlineExceeded) {
		t.Errorf("got %+v, want the context's error", r)
	}
}
