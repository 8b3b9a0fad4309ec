package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.1:5050": "10.0.0.1:5050", "10.0.0.1": "10.0.0.1:5050", "http://m:80/": "m:80", "master@10.0.0.1:5051": "10.0.0.1:5051",
		"[::1]:5050": "[::1]:5050", "::1": "[::1]:5050", "[::1]": "[::1]:5050", ":5055": "127.0.0.1:5055", " m ": "m:5050", "https://m:80/": "m:80",
	} {
		if got, err := ParseAddress(in); got != want || err != nil {
			t.Errorf("ParseAddress(%q): got %q, %v, want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "m:0", "m:port", "m:65536", "m/x", "a:b:c"} {
		if got, err := ParseAddress(in); err == nil {
			t.Errorf("ParseAddress(%q): got %q, want an error", in, got)
		}
	}
}

func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	c := New(strings.TrimPrefix(s.URL, "http://"), nil, nil)
	t.Cleanup(func() { c.Close(); s.Close() })
	return c
}

func TestNoMaster(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c := New(addr, nil, nil)
	_, err = c.State(context.Background())
	var none *UnreachableError
	if !errors.As(err, &none) || none.Addr != addr {
		t.Fatalf("got %v, want an UnreachableError of %s", err, addr)
	}
	want := "no master at " + addr + ": start one with `mesos local`, or name it with --master or MESOS_MASTER (connection refused)"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Leader(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after an interrupt: got %v, want %v", err, context.Canceled)
	}
}

func TestLeader(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
		err    string // part of it
	}{
		{"named", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "//no-such-host.invalid:5050")
			w.Header().Set(LeaderHeader, "master@10.0.0.7:5050")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "master@10.0.0.7:5050", ""},
		{"guessed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "//127.0.0.3:5055")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "master@127.0.0.3:5055", ""},
		{"stranger", http.NotFound, "", "is no master"},
		{"not ready", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "No leader yet.", http.StatusServiceUnavailable)
		}, "", "No leader yet."},
	} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/redirect" {
				t.Errorf("%s: asked for %s", tt.name, r.URL.Path)
			}
			tt.answer(w, r)
		})
		got, err := c.Leader(context.Background())
		if got != tt.want || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %q, %v, want %q and an error with %q", tt.name, got, err, tt.want, tt.err)
		}
	}
}

// TestRedirect asks a master that does not lead: questions and orders reach the leader whole.
func TestRedirect(t *testing.T) {
	var killed string
	leader := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tasks/kill" {
			killed = r.Method + " " + r.PostFormValue("taskId") + " of " + r.PostFormValue("frameworkId")
			w.WriteHeader(http.StatusAccepted)
			return
		}
		_, _ = fmt.Fprint(w, `{"version":"1.11.0","slaves":[{"pid":"slave(1)@10.0.0.9:5051","resources":{"cpus":4,"ports":"[1-2]"}}]}`)
	})
	standby := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "//"+leader.Addr()+r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	s, err := standby.State(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Agents) != 1 || s.Agents[0].Addr() != "10.0.0.9:5051" || s.Agents[0].Resources.CPUs != 4 {
		t.Errorf("got agents %+v", s.Agents)
	}
	if err := standby.Kill(context.Background(), "f-1", "t-1"); err != nil {
		t.Fatal(err)
	}
	if want := "POST t-1 of f-1"; killed != want {
		t.Errorf("got %q, want %q", killed, want)
	}
}

func TestRefusals(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/state" {
			_, _ = fmt.Fprint(w, "<html>")
			return
		}
		http.Error(w, "taskId: no live task is known", http.StatusNotFound)
	})
	err := c.Kill(context.Background(), "", "t")
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != 404 || refused.Text != "taskId: no live task is known" {
		t.Errorf("kill: got %v, want the master's words", err)
	}
	_, err = c.State(context.Background())
	var stranger *StrangerError
	if !errors.As(err, &stranger) {
		t.Errorf("state: got %v, want a StrangerError", err)
	}
}
