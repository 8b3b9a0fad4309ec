package probing

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"mesos/actors/checks"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What is HTTPS, or redirected to it, is asked by the program; all else is not.
func TestAsk(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "https://127.0.0.1:1/", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer server.Close()
	script := func(text string) string {
		path := filepath.Join(t.TempDir(), "probe")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	http200 := func(url string) checks.Probe { return checks.Probe{Kind: v1.CheckInfo_HTTP, URL: url} }
	for _, tt := range []struct {
		name    string
		probe   checks.Probe
		program string
		status  int
		wrong   string
	}{
		{"http", http200(server.URL), "/none", http.StatusTeapot, ""},
		{"https", http200("https://x/"), script(`test "$1" = https://x/ && echo 204`), 204, ""},
		{"redirected", http200(server.URL + "/away"), script("echo 200"), 200, ""},
		{"fails", http200("https://x/"), script("echo no route; exit 3"), 0, "mesos-probe exited with status 3: no route"},
		{"killed", http200("https://x/"), script("kill -9 $$"), 0, "mesos-probe terminated with signal"},
		{"says nothing", http200("https://x/"), script("true"), 0, "invalid syntax"},
		{"no program", http200("https://x/"), "/none/probe", 0, "/none/probe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Ask(context.Background(), tt.probe, tt.program)
			if tt.wrong == "" && (got.Err != nil || got.Status != tt.status) || tt.wrong != "" && (got.Err == nil || !strings.Contains(got.Err.Error(), tt.wrong)) {
				t.Errorf("got %+v, want status %d or an error with %q", got, tt.status, tt.wrong)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if got := Ask(ctx, http200("https://x/"), script("exec sleep 1000")); got.Err == nil {
		t.Errorf("cancelled: got %+v, want an error", got)
	}
}
