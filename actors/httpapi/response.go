package httpapi

import (
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// gzipMinimum is the size in bytes from which a body is worth compressing.
const gzipMinimum = 1024

// Level 1: pages of cluster state shrink about as well as with the default level, at a third of its time.
var gzipPool = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for a level that does not exist
	return z
}}

// response is the writer that a Router hands to its handlers. It holds back the first bytes of a body to decide on
// compression, wraps JSON for jsonp, and gives every write a fresh deadline, so that a client that stopped reading
// cannot hold a handler.
type response struct {
	http.ResponseWriter
	control *http.ResponseController

	gzipAllowed bool
	callback    string // jsonp
	badCallback bool

	status    int // 0 until the handler sets one
	head      []byte
	committed bool // status and headers are on their way
	wrapped   bool // the body stands inside callback( )
	zip       *gzip.Writer
}

func newResponse(w http.ResponseWriter, r *http.Request) *response {
	out := &response{ResponseWriter: w, control: http.NewResponseController(w), gzipAllowed: acceptsGzip(r.Header)}
	if strings.Contains(r.URL.RawQuery, "jsonp=") && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		out.callback = r.URL.Query().Get("jsonp")
		out.badCallback = !functionName(out.callback)
	}
	return out
}

// functionName reports whether name is one that a script tag may call: words joined by points. Anything else would let
// a link run the caller's own script on our pages.
func functionName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		ok := c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || i > 0 && (c == '.' || '0' <= c && c <= '9')
		if !ok {
			return false
		}
	}
	return len(name) <= 256
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	if status < 200 {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.committed {
		if len(w.head)+len(p) < gzipMinimum {
			w.head = append(w.head, p...)
			return len(p), nil
		}
		if err := w.commit(true); err != nil {
			return 0, err
		}
	}
	return w.body(p)
}

// commit decides how the body travels, sends the headers and what was held back.
func (w *response) commit(long bool) error {
	w.committed = true
	w.extend()
	h := w.Header()
	if w.callback != "" && w.status == http.StatusOK && h.Get("Content-Type") == MediaJSON {
		w.wrapped = true
		h.Set("Content-Type", "text/javascript")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Del("Content-Length")
	}
	if long && w.gzipAllowed && w.status != http.StatusPartialContent && h.Get("Content-Encoding") == "" {
		w.zip = gzipPool.Get().(*gzip.Writer)
		w.zip.Reset(w.ResponseWriter)
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding")
		h.Del("Content-Length")
	}
	w.ResponseWriter.WriteHeader(w.status)
	head := w.head
	w.head = nil
	if w.wrapped {
		head = append([]byte(w.callback+"("), head...)
	}
	if len(head) == 0 {
		return nil
	}
	_, err := w.body(head)
	return err
}

func (w *response) body(p []byte) (int, error) {
	w.extend()
	if w.zip != nil {
		return w.zip.Write(p)
	}
	return w.ResponseWriter.Write(p)
}

// extend gives the next write its time. A writer without deadlines (a recorder in a test) has nothing to extend.
func (w *response) extend() { _ = w.control.SetWriteDeadline(time.Now().Add(writeGrace)) }

// FlushError sends what is held back. A handler that flushes is streaming, so nothing is compressed from there on.
func (w *response) FlushError() error {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.committed {
		w.gzipAllowed = false
		if err := w.commit(false); err != nil {
			return err
		}
	}
	if w.zip != nil {
		if err := w.zip.Flush(); err != nil {
			return err
		}
	}
	return w.control.Flush()
}

// finish ends the body once the handler has returned. Errors mean that the client has gone; there is nobody to tell.
func (w *response) finish() {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if !w.committed {
		_ = w.commit(false)
	}
	if w.wrapped {
		_, _ = w.body([]byte(")"))
	}
	if w.zip != nil {
		_ = w.zip.Close()
		w.zip.Reset(nil)
		gzipPool.Put(w.zip)
		w.zip = nil
	}
}

// Raw tells the Router that the body about to be written must travel as it is: no compression, no jsonp. Event streams
// and downloads that serve ranges need it. Outside of a Router it does nothing.
func Raw(w http.ResponseWriter) {
	if out, ok := w.(*response); ok {
		out.gzipAllowed, out.callback = false, ""
	}
}

// acceptsGzip reads Accept-Encoding: gzip or * with a weight above zero, gzip's own word going before that of *.
func acceptsGzip(h http.Header) bool {
	allowed := false
	for _, line := range h["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			name, weight := parseWeighted(item)
			switch name {
			case "gzip":
				return weight > 0
			case "*":
				allowed = weight > 0
			}
		}
	}
	return allowed
}

// parseWeighted cuts "name;q=0.5" apart. The weight is 1 without q, and 0 for a q that cannot be read.
func parseWeighted(item string) (name string, weight float64) {
	name, parameters, _ := strings.Cut(item, ";")
	weight = 1
	for p := range strings.SplitSeq(parameters, ";") {
		key, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if !ok || !strings.EqualFold(strings.TrimSpace(key), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			q = 0
		}
		weight = q
	}
	return strings.ToLower(strings.TrimSpace(name)), weight
}
