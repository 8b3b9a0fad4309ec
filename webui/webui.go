// Package webui owns the pages of the cluster: the bundle that `make webui` builds into dist, embedded in the program,
// and the handler that serves it with strict headers.
//
// The master serves [Handler] at / and /assets. Everything that the pages show they read from their master in the
// browser; see README.md. Go builds without the bundle, too: then there is one plain page that says how to add it. The
// package never looks at the cluster itself, keeps no state, and imports nothing of ours.
package webui

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// Of dist the repository holds a .gitignore alone. all: is for that, since a folder without any file cannot be embedded.
//
//go:embed all:dist
var built embed.FS

//go:embed fallback
var fallback embed.FS

// types are the media types of what may be served. They are fixed here because the mime package asks the machine.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
}

// policy lets the pages load their own files and talk to their own master, and nothing else: no inline script or style,
// no frame, no form. Trusted types make the browser refuse text as HTML even if a bug should hand it some.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'%s; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

type mastersKey struct{}

// WithMasters names other masters, host:port each, that the page may ask who leads when its own is gone.
func WithMasters(ctx context.Context, masters []string) context.Context {
	return context.WithValue(ctx, mastersKey{}, masters)
}

func policyFor(r *http.Request) string {
	masters, _ := r.Context().Value(mastersKey{}).([]string)
	var more strings.Builder
	for _, m := range masters {
		more.WriteString(" http://" + m + "/live/leader")
	}
	return fmt.Sprintf(policy, more.String())
}

// file is one file, in the forms that there are of it.
type file struct {
	plain, gzip, brotli []byte
	contentType, etag   string
	forever             bool // its name changes with what is in it
}

// Handler serves the page at / and its files at /assets/<name>; any other path is 404. A leading /master is ignored,
// because every path of the master works with it. GET and HEAD only.
func Handler() http.Handler { return load(built, fallback) }

// site is the files by name.
type site map[string]*file

// load reads the bundle, or what there is instead. It panics for a file that could not be served, which a test finds
// before a user.
func load(built, fallback fs.FS) site {
	s := site{}
	s.add(built, "dist")
	if s["index.html"] == nil {
		s = site{}
		s.add(fallback, "fallback")
	}
	for name, f := range s {
		if f.plain == nil {
			f.plain = inflate(name, f.gzip)
		}
		if f.contentType = types[path.Ext(name)]; f.contentType == "" {
			panic("webui: no media type is known for " + name)
		}
		sum := sha256.Sum256(f.plain)
		f.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
	}
	return s
}

func (s site) add(from fs.FS, root string) {
	err := fs.WalkDir(from, root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		body, err := fs.ReadFile(from, p)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(p, root+"/")
		bare := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".br")
		f := s[bare]
		if f == nil {
			f = &file{forever: root == "dist" && bare != "index.html"}
			s[bare] = f
		}
		switch path.Ext(name) {
		case ".gz":
			f.gzip = body
		case ".br":
			f.brotli = body
		default:
			f.plain = body
		}
		return nil
	})
	if err != nil {
		panic("webui: embedded files: " + err.Error())
	}
}

func inflate(name string, zipped []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		panic("webui: " + name + ".gz: " + err.Error())
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		panic("webui: " + name + ".gz: " + err.Error())
	}
	return plain
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
	h.Set("Content-Security-Policy", policyFor(r))
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", "no-cache") // asked for again each time, so that after an upgrade page and files fit together
	if f.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, encoding := f.form(r.Header.Get("Accept-Encoding"))
	h.Set("Vary", "Accept-Encoding")
	etag := f.etag
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		etag = strings.TrimSuffix(etag, `"`) + "-" + encoding + `"`
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// form chooses the smallest form that a client takes.
func (f *file) form(accept string) (body []byte, encoding string) {
	if f.brotli != nil && accepts(accept, "br") {
		return f.brotli, "br"
	}
	if f.gzip != nil && accepts(accept, "gzip") {
		return f.gzip, "gzip"
	}
	return f.plain, ""
}

// accepts is strict: what names no weight, or one above zero.
func accepts(header, encoding string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) == encoding {
			return strings.Trim(strings.TrimPrefix(strings.TrimSpace(weight), "q="), "0.") != "" || weight == ""
		}
	}
	return false
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
