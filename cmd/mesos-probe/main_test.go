package main

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	program := filepath.Join(t.TempDir(), "mesos-probe")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	mux := http.NewServeMux()
	secure, plain := httptest.NewTLSServer(mux), httptest.NewServer(mux)
	defer secure.Close()
	defer plain.Close()
	mux.HandleFunc("/teapot", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	mux.Handle("/plain", http.RedirectHandler(plain.URL+"/teapot", http.StatusFound))
	mux.Handle("/secure", http.RedirectHandler(secure.URL+"/plain", http.StatusFound))
	for _, c := range []struct {
		name           string
		args           []string
		stdout, stderr string
	}{
		{"a certificate that nobody signed", []string{secure.URL + "/teapot"}, "418\n", ""},
		{"without TLS", []string{plain.URL + "/teapot"}, "418\n", ""},
		{"from one to the other and back", []string{plain.URL + "/secure"}, "418\n", ""},
		{"another scheme", []string{"ftp://127.0.0.1/"}, "", `unsupported scheme "ftp"`},
		{"no URL", nil, "", "usage: mesos-probe URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var said strings.Builder
			cmd := exec.Command(program, c.args...)
			cmd.Stderr, cmd.Env = &said, []string{}
			out, err := cmd.Output()
			if string(out) != c.stdout || !strings.Contains(said.String(), c.stderr) || (err == nil) != (c.stderr == "") {
				t.Errorf("got %q, %q, %v, want %q, %q", out, &said, err, c.stdout, c.stderr)
			}
		})
	}
}
