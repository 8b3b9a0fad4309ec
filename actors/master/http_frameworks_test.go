package master

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
)

// withPage makes a framework known that has its page at an address.
func (s *standing) withPage(t testing.TB, at string) string {
	t.Helper()
	return s.framework(t, &v1.FrameworkInfo{Name: proto.String("marathon"), User: proto.String("u"), Roles: []string{"*"}, WebuiUrl: &at})
}

// sendPage sends a request and reads the whole answer.
func sendPage(t testing.TB, method, address, body string, header http.Header) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range header {
		r.Header[name] = v
	}
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.StatusCode, string(text), w.Header
}

func TestFrameworkPagesAreCarried(t *testing.T) {
	framework := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/base/v2/apps/moved" {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "too much", http.StatusRequestEntityTooLarge)
			return
		}
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Content-Type", "text/html")
		if r.URL.Path == "/base/v2/apps/wrong" {
			w.WriteHeader(http.StatusUnprocessableEntity)
		}
		_, _ = fmt.Fprintf(w, "%s %s %s cookie=%q authorization=%q body=%s", r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Cookie"), r.Header.Get("Authorization"), body)
	}))
	defer framework.Close()
	s := stand(t, Config{})
	server := servePages(t, s)
	id := s.withPage(t, framework.URL+"/base/?q=1")
	secret := http.Header{"Cookie": {"session=1"}, "Authorization": {"Basic x"}, "Content-Type": {"application/json"}}
	for _, c := range []struct {
		method, path, body string
		code               int
		says               string
	}{
		{"GET", "/v2/apps?embed=apps.counts", "", 200, `GET /base/v2/apps embed=apps.counts cookie="" authorization="" body=`},
		{"PUT", "/v2/apps/a/b?force=true", `{"instances":3}`, 200, `PUT /base/v2/apps/a/b force=true cookie="" authorization="" body={"instances":3}`},
		{"DELETE", "/v1/scheduler/job/a%20b", "", 200, "DELETE /base/v1/scheduler/job/a%20b"},
		{"GET", "/v2/apps/wrong", "", 422, "wrong"},
		{"GET", "/v2/apps/moved", "", 503, "refers to another"},
		{"GET", "/v2/appsandmore", "", 404, "There is no page"},
		{"GET", "/metrics", "", 404, "There is no page"},
		{"GET", "/v2/apps/./x", "", 404, "There is no page"},
		{"GET", "/v2/apps/%2e%2e/leader", "", 404, "no page"},
		{"GET", "", "", 404, "There is no page"},
		{"DELETE", "/v2/leader", "", 404, "There is no page"},
		{"POST", "/v2/info", "", 405, ""},
		{"PATCH", "/v2/apps", "", 405, ""},
		{"PUT", "/v2/apps/a", strings.Repeat("x", 1<<20+1), 413, "more than"},
	} {
		code, body, header := sendPage(t, c.method, server.URL+"/framework/"+id+c.path, c.body, secret)
		if code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s %s: got %d %.200s, want %d and %s", c.method, c.path, code, body, c.code, c.says)
		}
		if got := header.Get("Set-Cookie"); got != "" {
			t.Errorf("%s %s: got the cookie %q, want none", c.method, c.path, got)
		}
		if got, want := header.Get("Content-Security-Policy"), "default-src 'none'; sandbox"; code < 300 && got != want {
			t.Errorf("%s %s: policy: got %q, want %q", c.method, c.path, got, want)
		}
	}
	code, body, _ := sendPage(t, "PUT", server.URL+"/framework/"+id+"/v2/apps/a", "{}", http.Header{"Origin": {"http://elsewhere"}, "Sec-Fetch-Site": {"cross-site"}})
	if code != http.StatusForbidden || !strings.Contains(body, "another origin") {
		t.Errorf("a change by a page of another origin: got %d %s, want 403", code, body)
	}
}

func TestFrameworkWithoutAPage(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	s := stand(t, Config{})
	server := servePages(t, s)
	for _, c := range []struct {
		name, id string
		code     int
		says     string
	}{
		{"unknown", "none", 404, "no framework"},
		{"no address", s.withPage(t, ""), 404, "gave no address"},
		{"no web address", s.withPage(t, "file:///etc/passwd"), 404, "gave no address"},
		{"half of one", s.withPage(t, "http:///x"), 404, "gave no address"},
		{"nobody there", s.withPage(t, gone.URL), 502, "does not answer"},
		{"the master itself", s.withPage(t, server.URL), 404, "There is no page"},
	} {
		if code, body := fetch(t, server.URL+"/framework/"+c.id+"/v2/apps"); code != c.code || !strings.Contains(body, c.says) {
			t.Errorf("%s: got %d %s, want %d and %s", c.name, code, body, c.code, c.says)
		}
	}
	at := server.URL + "/framework/"
	id := s.withPage(t, at)
	s.do(t, func() { s.frameworks[id].info.WebuiUrl = proto.String(at + id) })
	if code, body := fetch(t, at+id+"/v2/apps"); code != http.StatusLoopDetected {
		t.Errorf("a circle: got %d %s, want 508", code, body)
	}
}

// TestFrameworkEventsAreCarried reads events as they come, and has the stream of a page that leaves end at the framework, too.
func TestFrameworkEventsAreCarried(t *testing.T) {
	next, left := make(chan string), make(chan struct{})
	framework := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		defer close(left)
		for {
			select {
			case text := <-next:
				_, _ = fmt.Fprintf(w, "event: %s\ndata: {}\n\n", text)
				_ = control.Flush()
			case <-r.Context().Done():
				return
			}
		}
	}))
	defer framework.Close()
	s := stand(t, Config{})
	server := servePages(t, s)
	id := s.withPage(t, framework.URL)
	at, err := url.JoinPath(server.URL, "framework", id, "v2", "events")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	go func() { next <- "first" }() // the answer begins with the first event
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Body.Close() }()
	if got := w.Header.Get("Content-Type"); got != httpapi.EventStream {
		t.Errorf("content type: got %q, want %q", got, httpapi.EventStream)
	}
	lines := bufio.NewReader(w.Body)
	read := func(want string) {
		t.Helper()
		for range 3 {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("reading the event %s: %v", want, err)
			}
			if strings.HasPrefix(line, "event: ") && line != "event: "+want+"\n" {
				t.Fatalf("got %q, want the event %s", line, want)
			}
		}
	}
	read("first")
	next <- "second"
	read("second") // while the stream goes on
	cancel()
	<-left
}
