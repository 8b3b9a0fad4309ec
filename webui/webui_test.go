package webui

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestPaths(t *testing.T) {
	for _, c := range []struct {
		method, path string
		code         int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/master", 200, "text/html; charset=utf-8"},
		{"GET", "/master/", 200, "text/html; charset=utf-8"},
		{"GET", "/?x=1", 200, "text/html; charset=utf-8"},
		{"GET", "/assets/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/master/assets/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/assets/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/assets/icon.svg", 200, "image/svg+xml"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/assets/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/index.html", 404, ""},
		{"GET", "/assets", 404, ""},
		{"GET", "/assets/", 404, ""},
		{"GET", "/assets/index.html", 404, ""},
		{"GET", "/assets/app.js/", 404, ""},
		{"GET", "/assets/nothing.js", 404, ""},
		{"GET", "/assets/../webui.go", 404, ""},
		{"GET", "/masters", 404, ""},
		{"GET", "/below", 404, ""},
		{"POST", "/below", 404, ""},
		{"POST", "/", 405, ""},
		{"DELETE", "/assets/app.js", 405, ""},
	} {
		w := get(t, c.method, c.path)
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
		if c.code != http.StatusOK {
			continue
		}
		if got := w.Header().Get("Content-Type"); got != c.kind {
			t.Errorf("%s %s: Content-Type: got %q, want %q", c.method, c.path, got, c.kind)
		}
		if got := w.Body.Len() > 0; got != (c.method == http.MethodGet) {
			t.Errorf("%s %s: body of %d bytes", c.method, c.path, w.Body.Len())
		}
		if got := w.Header().Get("Content-Length"); got == "" || got == "0" {
			t.Errorf("%s %s: Content-Length: got %q, want the size of the file", c.method, c.path, got)
		}
	}
}

func TestPolicyAllowsOnlyOwnFiles(t *testing.T) {
	got := map[string]string{}
	for d := range strings.SplitSeq(get(t, "GET", "/").Header().Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(d), " ")
		got[name] = sources
	}
	for name, want := range map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self'", "connect-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'", "require-trusted-types-for": "'script'", "trusted-types": "'none'",
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

func TestUnchangedFilesAreNotSentAgain(t *testing.T) {
	tags := map[string]string{}
	for _, path := range []string{"/", "/assets/app.js", "/assets/style.css"} {
		h := get(t, "GET", path).Header()
		if got := h.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control: got %q, want no-cache", path, got)
		}
		tag := h.Get("ETag")
		if other, taken := tags[tag]; taken || tag == "" {
			t.Errorf("%s: ETag %q is also that of %q", path, tag, other)
		}
		tags[tag] = path
		if w := get(t, "GET", path, "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
			t.Errorf("%s with its ETag: got %d and %d bytes, want 304 and none", path, w.Code, w.Body.Len())
		}
		if w := get(t, "GET", path, "If-None-Match", `"of another version"`); w.Code != http.StatusOK {
			t.Errorf("%s with another ETag: got %d, want 200", path, w.Code)
		}
	}
}

// reference matches what a page, a style or a script loads.
var reference = regexp.MustCompile(`(?:<(?:link|script)[^>]*(?:href|src)="|from "\./|url\()([^")]+)`)

// TestEveryReferenceIsServed keeps the page working where nothing but the master can be reached.
func TestEveryReferenceIsServed(t *testing.T) {
	found := map[string]bool{}
	for name, f := range load() {
		for _, m := range reference.FindAllSubmatch(f.body, -1) {
			asset := strings.TrimPrefix(string(m[1]), "assets/")
			found[asset] = true
			if code := get(t, "GET", "/assets/"+asset).Code; code != http.StatusOK {
				t.Errorf("%s refers to %s: got %d, want 200", name, m[1], code)
			}
		}
	}
	entries, err := fs.ReadDir(static, "static")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "index.html" && !found[e.Name()] {
			t.Errorf("static/%s is embedded, but nothing refers to it", e.Name())
		}
	}
}

// unsafe matches ways to turn text into markup or code, and what the policy would block.
var unsafe = regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|setHTML|\beval\(|new Function|createContextualFragment|` +
	`<script>|<style|\sstyle="|\son[a-z]+="`)

func TestTextIsNeverMarkup(t *testing.T) {
	for name, f := range load() {
		if found := unsafe.FindAll(f.body, -1); found != nil {
			t.Errorf("static/%s has %q: text of the cluster must only become text nodes", name, found)
		}
	}
	for bad, want := range map[string]bool{`e.innerHTML = x`: true, `<p onclick="x()">`: true, `<b style="x">`: true, `e.textContent = x`: false} {
		if got := unsafe.MatchString(bad); got != want {
			t.Errorf("%s: found unsafe: got %v, want %v", bad, got, want)
		}
	}
}
