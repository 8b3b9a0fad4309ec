package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// bundle is what a build makes, in small.
func bundle(t *testing.T) fstest.MapFS {
	t.Helper()
	fs := fstest.MapFS{"dist/.gitignore": {Data: []byte("*\n")}}
	for name, text := range map[string]string{
		"index.html": `<script type="module" src="assets/app-1.js"></script>`, "app-1.js": "render()", "style-1.css": "body{}", "icon.svg": "<svg/>",
	} {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		fs["dist/"+name+".gz"] = &fstest.MapFile{Data: z.Bytes()}
		fs["dist/"+name+".br"] = &fstest.MapFile{Data: []byte("brotli of " + text)}
	}
	return fs
}

func ask(t *testing.T, h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	site := load(bundle(t), fallback)
	for _, c := range []struct {
		method, path string
		code         int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/master", 200, "text/html; charset=utf-8"},
		{"GET", "/master/", 200, "text/html; charset=utf-8"},
		{"GET", "/?x=1", 200, "text/html; charset=utf-8"},
		{"GET", "/assets/app-1.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/master/assets/app-1.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/assets/style-1.css", 200, "text/css; charset=utf-8"},
		{"GET", "/assets/icon.svg", 200, "image/svg+xml"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/index.html", 404, ""},
		{"GET", "/assets", 404, ""},
		{"GET", "/assets/", 404, ""},
		{"GET", "/assets/index.html", 404, ""},
		{"GET", "/assets/app-1.js.gz", 404, ""},
		{"GET", "/assets/.gitignore", 404, ""},
		{"GET", "/assets/nothing.js", 404, ""},
		{"GET", "/assets/../webui.go", 404, ""},
		{"GET", "/masters", 404, ""},
		{"POST", "/below", 404, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/assets/app-1.js", 405, ""},
	} {
		w := ask(t, site, c.method, c.path)
		if w.Code != c.code {
			t.Errorf("%s %s: status: got %d, want %d", c.method, c.path, w.Code, c.code)
			continue
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%s %s: X-Content-Type-Options: got %q, want nosniff", c.method, c.path, got)
		}
		if c.code == http.StatusMethodNotAllowed && w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow: got %q, want %q", c.method, c.path, w.Header().Get("Allow"), "GET, HEAD")
		}
		if got := w.Header().Get("Content-Type"); c.code == http.StatusOK && got != c.kind {
			t.Errorf("%s %s: Content-Type: got %q, want %q", c.method, c.path, got, c.kind)
		}
	}
}

func TestEncodings(t *testing.T) {
	site := load(bundle(t), fallback)
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "gzip, deflate, br": "br", "br;q=0, gzip": "gzip", "br;q=1.0": "br", "gzip;q=0.5": "gzip", "gzip;q=0.0": "", "identity": "", "brx": "",
	} {
		w := ask(t, site, "GET", "/assets/app-1.js", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: Content-Encoding: got %q, want %q", accept, got, want)
		}
		if got := w.Header().Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("%q: Vary: got %q, want Accept-Encoding", accept, got)
		}
		body := w.Body.String()
		if want == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(b)
		}
		if want := map[string]string{"br": "brotli of render()"}[want]; body != want && body != "render()" {
			t.Errorf("%q: body: got %q", accept, body)
		}
	}
}

func TestCaching(t *testing.T) {
	site := load(bundle(t), fallback)
	for path, want := range map[string]string{"/": "no-cache", "/assets/app-1.js": "public, max-age=31536000, immutable"} {
		h := ask(t, site, "GET", path).Header()
		if got := h.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control: got %q, want %q", path, got, want)
		}
		zipped := ask(t, site, "GET", path, "Accept-Encoding", "gzip").Header().Get("ETag")
		if h.Get("ETag") == "" || zipped == h.Get("ETag") {
			t.Errorf("%s: ETag: got %q plain and %q compressed, want two different ones", path, h.Get("ETag"), zipped)
		}
		if w := ask(t, site, "GET", path, "If-None-Match", h.Get("ETag")); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s with its ETag: got %d and %d bytes, want 304 and none", path, w.Code, w.Body.Len())
		}
		if w := ask(t, site, "GET", path, "If-None-Match", `"of another version"`); w.Code != http.StatusOK {
			t.Errorf("%s with another ETag: got %d, want 200", path, w.Code)
		}
	}
}

func TestPolicyAllowsOnlyOwnFiles(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(WithMasters(r.Context(), []string{"m2:5050", "m3:5050"}))
	w := httptest.NewRecorder()
	load(bundle(t), fallback).ServeHTTP(w, r)
	got := map[string]string{}
	for d := range strings.SplitSeq(w.Header().Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(d), " ")
		got[name] = sources
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'",
		"connect-src": "'self' http://m2:5050/live/leader http://m3:5050/live/leader",
		"base-uri":    "'none'", "form-action": "'none'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
		delete(got, name)
	}
	for name, sources := range got {
		t.Errorf("%s %s is allowed besides", name, sources)
	}
}

// TestWithoutBundle wants a page that says how to get the others, where there is nothing but Go.
func TestWithoutBundle(t *testing.T) {
	site := load(fstest.MapFS{"dist/.gitignore": {Data: []byte("*\n")}}, fallback)
	w := ask(t, site, "GET", "/")
	if !strings.Contains(w.Body.String(), "make webui build") {
		t.Errorf("got %q, want a page that names the command", w.Body.String())
	}
	for _, m := range regexp.MustCompile(`href="(assets/[^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		if code := ask(t, site, "GET", "/"+m[1]).Code; code != http.StatusOK {
			t.Errorf("the page refers to %s: got %d, want 200", m[1], code)
		}
	}
}
