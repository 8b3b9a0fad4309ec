// Package webui owns the page of the cluster: the files under static, embedded in the program, and the handler that
// serves them with strict headers.
//
// The master serves [Handler] at / and /assets. The page reads everything it shows from the master's /state, in the
// browser. The package never looks at the cluster itself, keeps no state, and imports nothing of ours.
package webui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed static
var static embed.FS

// types are the media types of what static may hold. They are fixed here because the mime package asks the machine.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// policy lets the page load its own files and talk to its own master, and nothing else: no inline script or style, no
// frame, no form. Trusted types make the browser refuse text as HTML even if a bug should hand it some.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

type file struct {
	body        []byte
	contentType string
	etag        string
}

// Handler serves the page at / and its files at /assets/<name>; any other path is 404. A leading /master is ignored,
// because every path of the master works with it. GET and HEAD only.
func Handler() http.Handler { return load() }

// site is the files of static by name.
type site map[string]file

// load reads the embedded files. It panics for a file that could not be served, which a test finds before a user.
func load() site {
	s := site{}
	err := fs.WalkDir(static, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := static.ReadFile(p)
		if err != nil {
			return err
		}
		kind := types[path.Ext(p)]
		if kind == "" {
			panic("webui: no media type is known for " + p)
		}
		sum := sha256.Sum256(body)
		s[strings.TrimPrefix(p, "static/")] = file{body, kind, `"` + hex.EncodeToString(sum[:12]) + `"`}
		return nil
	})
	if err != nil {
		panic("webui: embedded files: " + err.Error())
	}
	return s
}

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	f, found := s[name(r.URL.Path)]
	if !found {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Only GET and HEAD are allowed here.", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Type", f.contentType)
	// Kept by the browser but asked for again each time, so that after an upgrade page and scripts fit together.
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.body))
}

// name is the file that a path asks for, "" for none.
func name(p string) string {
	if inner, ok := strings.CutPrefix(p, "/master"); ok && (inner == "" || inner[0] == '/') {
		p = inner
	}
	if p == "" || p == "/" {
		return "index.html"
	}
	asset, ok := strings.CutPrefix(p, "/assets/")
	if !ok || asset == "index.html" {
		return ""
	}
	return asset
}
