package webui

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// maxBundle is what all files of the bundle may weigh, compressed by gzip, in bytes.
const maxBundle = 300_000

// own is the bundle that this build has; without it there is nothing to test.
func own(t *testing.T) site {
	t.Helper()
	s := load(built, fallback)
	if s["fallback.css"] != nil {
		t.Skip("dist is empty: make webui builds the pages")
	}
	return s
}

func TestBundleIsSmall(t *testing.T) {
	sum := 0
	for _, f := range own(t) {
		sum += len(f.gzip)
	}
	if sum > maxBundle {
		t.Errorf("the bundle has %d bytes compressed, want at most %d", sum, maxBundle)
	}
}

// TestBundleIsWhole keeps the pages working where nothing but the master can be reached.
func TestBundleIsWhole(t *testing.T) {
	s := own(t)
	for name, f := range s {
		for _, m := range regexp.MustCompile(`(?:src|href)="(assets/[^"]+)"`).FindAllSubmatch(f.plain, -1) {
			if code := ask(t, s, "GET", "/"+string(m[1])).Code; strings.HasSuffix(name, ".html") && code != http.StatusOK {
				t.Errorf("%s refers to %s: got %d, want 200", name, m[1], code)
			}
		}
		for _, m := range regexp.MustCompile(`import\(?"\./([^"]+)"|from"\./([^"]+)"|url\(([^)"']+)\)`).FindAllSubmatch(f.plain, -1) {
			to := string(m[1]) + string(m[2]) + string(m[3])
			if code := ask(t, s, "GET", "/assets/"+to).Code; code != http.StatusOK {
				t.Errorf("%s loads %s: got %d, want 200", name, to, code)
			}
		}
	}
}

// inline matches what the policy would block in a page.
var inline = regexp.MustCompile(`<script>|<style|\sstyle="|\son[a-z]+="`)

func TestPageHasNothingInline(t *testing.T) {
	for name, f := range own(t) {
		if found := inline.FindAll(f.plain, -1); strings.HasSuffix(name, ".html") && found != nil {
			t.Errorf("%s has %q: the policy allows files only", name, found)
		}
	}
}
