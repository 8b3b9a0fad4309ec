package httpget

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// serve answers each connection with the text, whatever is asked, and hands
// over what was asked.
func serve(t *testing.T, text string) (url string, asked <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			head := make([]byte, 4096)
			n, _ := c.Read(head)
			select {
			case requests <- string(head[:n]):
			default:
			}
			io.WriteString(c, text)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String(), requests
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, answer string
		want         int
		err          string
	}{
		{"plain", "HTTP/1.1 200 OK\r\n\r\n", 200, ""},
		{"old server", "HTTP/1.0 404 Not Found\n\n", 404, ""},
		{"no reason", "HTTP/1.1 503\r\n\r\n", 503, ""},
		{"status line alone", "HTTP/1.1 200 OK\r\n", 200, ""},
		{"interim answers first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 204, ""},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", 304, ""},
		{"nothing", "", 0, "before its headers were over"},
		{"not HTTP", "SSH-2.0-OpenSSH\r\n", 0, "answer begins"},
		{"no number", "HTTP/1.1 2x0 OK\r\n\r\n", 0, "no number"},
		{"too low", "HTTP/1.1 099 OK\r\n\r\n", 0, "below 100"},
		{"endless line", "HTTP/1.1 301 " + strings.Repeat("x", maxHead), 0, "before its headers were over"},
		{"endless headers", "HTTP/1.1 301 Moved\r\n" + strings.Repeat("A: b\r\n", maxHead/6), 0, "before its headers were over"},
	} {
		t.Run(c.name, func(t *testing.T) {
			url, _ := serve(t, c.answer)
			got, err := Status(t.Context(), url, Plain)
			switch {
			case c.err == "" && (err != nil || got != c.want):
				t.Errorf("got %d, %v, want %d", got, err, c.want)
			case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
				t.Errorf("got %d, %v, want an error with %q", got, err, c.err)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	url, asked := serve(t, "HTTP/1.1 200 OK\r\n\r\n")
	for path, want := range map[string]string{"": "/", "/a/%2F?q=1#part": "/a/%2F?q=1", "/a b": "/a%20b"} {
		if _, err := Status(t.Context(), url+path, Plain); err != nil {
			t.Fatal(err)
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(<-asked)))
		if err != nil {
			t.Fatal(err)
		}
		if r.Method != http.MethodGet || r.RequestURI != want || "http://"+r.Host != url || !r.Close {
			t.Errorf("path %q: got %s %s of %s, close %v, want GET %s of %s, close true", path, r.Method, r.RequestURI, r.Host, r.Close, want, url)
		}
	}
	if _, err := Status(t.Context(), url+"/a\r\nX: y", Plain); err == nil {
		t.Error("a line break in the path: got no error, want one")
	}
}

func TestRedirects(t *testing.T) {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	defer s.Close()
	mux.HandleFunc("/n/{n}", func(w http.ResponseWriter, r *http.Request) {
		if n, _ := strconv.Atoi(r.PathValue("n")); n > 0 {
			http.Redirect(w, r, "/n/"+strconv.Itoa(n-1), http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusTeapot)
	})
	for path, to := range map[string]string{
		"/absolute": s.URL + "/n/0", "/relative": "n/0", "/loop": "/loop", "/tls": "https://127.0.0.1:1/", "/bad": "http://[", "/nohost": "mailto:x",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["LOCATION"] = []string{to}
			w.WriteHeader(http.StatusPermanentRedirect)
		})
	}
	for _, c := range []struct {
		path string
		want int
		err  string
	}{
		{"/n/3", 418, ""},
		{"/n/50", 418, ""},
		{"/n/51", 0, "more than 50 redirects"},
		{"/loop", 0, "more than 50 redirects"},
		{"/absolute", 418, ""},
		{"/relative", 418, ""},
		{"/bad", 0, "redirect to"},
		{"/nohost", 0, "names no host"},
		{"/tls", 0, `unsupported scheme "https"`},
	} {
		got, err := Status(t.Context(), s.URL+c.path, Plain)
		if c.err == "" && (err != nil || got != c.want) {
			t.Errorf("%s: got %d, %v, want %d", c.path, got, err, c.want)
		}
		if c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
			t.Errorf("%s: got %d, %v, want an error with %q", c.path, got, err, c.err)
		}
	}
	if _, err := Status(t.Context(), s.URL+"/tls", Plain); !errors.Is(err, ErrScheme) {
		t.Errorf("redirect to https: got %v, want ErrScheme", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Status(ctx, s.URL, Plain); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want the context's error", err)
	}
}

// Whatever a server says gives a status of three digits or an error.
func FuzzAnswer(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\n\r\n")
	f.Add("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /x\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		status, location, err := answer(bufio.NewReader(strings.NewReader(text)))
		if err == nil && (status < 200 || status > 999) {
			t.Errorf("got status %d", status)
		}
		if (err != nil || status > 399) && location != "" {
			t.Errorf("got status %d, location %q, error %v", status, location, err)
		}
	})
}
