package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// named answers with its own name and what stands behind it in the path.
func named(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		WriteBody(w, "text/plain", []byte(name+" "+Rest(r)))
	})
}

func testRouter(process string) *Router {
	r := NewRouter(process)
	for _, p := range []string{"/", "/state", "/slaves", "/quota", "/api/v1", "/api/v1/scheduler", "/api/v1/executor", "/redirect"} {
		r.Handle(p, named(p))
	}
	for _, p := range []string{"/files/browse", "/system/stats.json", "/metrics/snapshot"} {
		r.Mount(p, named(p))
	}
	return r
}

func TestRouting(t *testing.T) {
	tests := []struct {
		process, method, path string
		want                  string // "" = 404
	}{
		{"master", "GET", "/", "/ "},
		{"master", "GET", "/master", "/ "},
		{"master", "GET", "/master/", "/ "},
		{"master", "GET", "/state", "/state "},
		{"master", "GET", "/state/", "/state "},
		{"master", "GET", "/master/state", "/state "},
		{"master", "GET", "/state.json", "/state "},
		{"master", "GET", "/master/state.json", "/state "},
		{"master", "HEAD", "/state.json", ""}, // checked by status below
		{"master", "POST", "/state.json", ""},
		{"master", "GET", "/slaves/S1", "/slaves S1"},
		{"master", "GET", "/slaves/S1.json", "/slaves S1.json"},
		{"master", "GET", "/quota/a/b", "/quota a/b"},
		{"master", "GET", "/master/quota/a/b", "/quota a/b"},
		{"master", "POST", "/api/v1", "/api/v1 "},
		{"master", "POST", "/api/v1/operator", "/api/v1 operator"},
		{"master", "POST", "/api/v1/scheduler", "/api/v1/scheduler "},
		{"master", "POST", "/api/v1/schedulers", "/api/v1 schedulers"},
		{"master", "POST", "/master/api/v1/scheduler", "/api/v1/scheduler "},
		{"master", "GET", "/system/stats.json", "/system/stats.json "},
		{"master", "GET", "/files/browse.json", "/files/browse "},
		{"master", "GET", "/master/files/browse", ""},
		{"master", "GET", "/nonsense", ""},
		{"master", "GET", "/master/nonsense", ""},
		{"master", "GET", "/master/master/state", ""},
		{"master", "GET", "/masterly/state", ""},
		{"master", "GET", "/statement", ""},
		{"master", "GET", "/api", ""},
		{"master", "GET", "/files/../state", ""},
		{"master", "GET", "/files/%2e%2e/state", ""},
		{"master", "GET", "/..", ""},
		{"slave(1)", "POST", "/slave(1)/api/v1/executor", "/api/v1/executor "},
		{"slave(1)", "POST", "/slave%281%29/api/v1/executor", "/api/v1/executor "},
		{"slave(1)", "POST", "/api/v1/executor", "/api/v1/executor "},
		{"slave(1)", "GET", "/slave(1)/state.json", "/state "},
		{"slave(1)", "GET", "/slave(2)/state", ""},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			testRouter(tt.process).ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
			if tt.method == "HEAD" {
				if w.Code != http.StatusOK {
					t.Fatalf("got %d, want 200", w.Code)
				}
				return
			}
			if tt.want == "" {
				if w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
					t.Fatalf("got %d %q (%s), want a plain 404", w.Code, w.Body, w.Header().Get("Content-Type"))
				}
				return
			}
			if w.Code != http.StatusOK || w.Body.String() != tt.want {
				t.Fatalf("got %d %q, want %q", w.Code, w.Body, tt.want)
			}
		})
	}
}

func TestRelativePath(t *testing.T) {
	for _, path := range []string{"", "*", "state"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path}
		testRouter("master").ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("path %q: got %d, want 400", path, w.Code)
		}
	}
}

// TestURLStays checks that a redirecting handler sees the path as the client wrote it.
func TestURLStays(t *testing.T) {
	r := NewRouter("master")
	var got string
	r.HandleFunc("/state", func(w http.ResponseWriter, r *http.Request) { got = r.URL.RequestURI() })
	r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/master/state.json?a=b%20c", nil))
	if want := "/master/state.json?a=b%20c"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func serve(h http.HandlerFunc, target string, header ...string) *httptest.ResponseRecorder {
	r := NewRouter("master")
	r.Handle("/page", h)
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

func jsonOf(size int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		WriteBody(w, MediaJSON, []byte(`"`+strings.Repeat("x", size-2)+`"`))
	}
}

func TestGzip(t *testing.T) {
	tests := []struct {
		size   int
		accept []string
		want   bool
	}{
		{1024, []string{"gzip"}, true},
		{5000, []string{"deflate, gzip;q=0.5"}, true},
		{5000, []string{"deflate", "gzip"}, true},
		{5000, []string{"*"}, true},
		{5000, []string{"GZIP"}, true},
		{5000, []string{"*, gzip;q=0"}, false},
		{5000, []string{"gzip;q=0"}, false},
		{5000, []string{"gzip; q=0.0"}, false},
		{5000, []string{"identity"}, false},
		{5000, nil, false},
		{1023, []string{"gzip"}, false},
	}
	for _, tt := range tests {
		var header []string
		for _, a := range tt.accept {
			header = append(header, "Accept-Encoding", a)
		}
		w := serve(jsonOf(tt.size), "/page", header...)
		got := w.Header().Get("Content-Encoding") == "gzip"
		if got != tt.want {
			t.Errorf("%d bytes, %q: got gzip %v, want %v", tt.size, tt.accept, got, tt.want)
			continue
		}
		var body io.Reader = w.Body
		if got {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
			if w.Header().Get("Content-Length") != "" {
				t.Errorf("%d bytes: Content-Length %q stayed on a compressed body", tt.size, w.Header().Get("Content-Length"))
			}
		}
		if b, err := io.ReadAll(body); err != nil || len(b) != tt.size {
			t.Errorf("%d bytes, %q: got %d, %v", tt.size, tt.accept, len(b), err)
		}
	}
}

func TestGzipInPieces(t *testing.T) {
	w := serve(func(w http.ResponseWriter, _ *http.Request) {
		for range 3000 {
			_, _ = w.Write([]byte("ab"))
		}
	}, "/page", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != strings.Repeat("ab", 3000) {
		t.Fatalf("got %d bytes, %v, want 6000", len(b), err)
	}
}

func TestJSONP(t *testing.T) {
	tests := []struct {
		target string
		size   int
		code   int
		prefix string
		media  string
	}{
		{"/page?jsonp=cb", 10, 200, "cb(\"", "text/javascript"},
		{"/page?x=1&jsonp=angular.callbacks._0", 5000, 200, "angular.callbacks._0(\"", "text/javascript"},
		{"/page.json?jsonp=cb", 10, 200, "cb(\"", "text/javascript"},
		{"/page?jsonp=", 10, 200, "\"", MediaJSON},
		{"/page?jsonp=alert(1)", 10, 400, "", "text/plain; charset=utf-8"},
		{"/page?jsonp=" + strings.Repeat("a", 300), 10, 400, "", "text/plain; charset=utf-8"},
	}
	for _, tt := range tests {
		w := serve(jsonOf(tt.size), tt.target)
		body := w.Body.String()
		if w.Code != tt.code || w.Header().Get("Content-Type") != tt.media || !strings.HasPrefix(body, tt.prefix) {
			t.Errorf("%s: got %d %s %.40q, want %d %s %q…", tt.target, w.Code, w.Header().Get("Content-Type"), body, tt.code, tt.media, tt.prefix)
		}
		if tt.media == "text/javascript" && len(body) != tt.size+len(tt.prefix)-1+1 {
			t.Errorf("%s: got %d bytes ending in %q, want the whole body in parentheses", tt.target, len(body), body[len(body)-1:])
		}
	}
	w := serve(func(w http.ResponseWriter, _ *http.Request) { Errorf(w, 503, "No.") }, "/page?jsonp=cb")
	if w.Body.String() != "No." {
		t.Errorf("error body: got %q, want it unwrapped", w.Body)
	}
}

// TestPanicCutsConnection checks that a handler's panic is not answered as if it had ended well.
func TestPanicCutsConnection(t *testing.T) {
	r := NewRouter("master")
	r.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic(http.ErrAbortHandler)
	})
	s := httptest.NewServer(r)
	defer s.Close()
	client := s.Client()
	defer client.CloseIdleConnections()
	if resp, err := client.Get(s.URL + "/page"); err == nil {
		_ = resp.Body.Close()
		t.Fatalf("got status %d, want a broken connection", resp.StatusCode)
	}
}

func FuzzRouter(f *testing.F) {
	for _, s := range []string{"/state", "/slave(1)/api/v1/executor", "/a/..", "//", "/state.json", "/api/v1//x", "/%2e%2e"} {
		f.Add(s)
	}
	r := testRouter("slave(1)")
	f.Fuzz(func(t *testing.T, path string) {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.URL.Path = path
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if strings.Contains(path, "/..") && w.Code == http.StatusOK {
			t.Fatalf("%q: got 200, want a refusal", path)
		}
		if w.Code != 200 && w.Code != 400 && w.Code != 404 {
			t.Fatalf("%q: got %d", path, w.Code)
		}
	})
}
