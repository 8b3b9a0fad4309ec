package httpapi

import (
	"net/http"
	"strings"
	"time"
)

// Router sends each request to the handler with the longest registered path that is the request's path or leads to it
// on a segment border: /api/v1/operator reaches /api/v1. The path "/" answers only for itself.
//
// Routes are registered before the router serves; after that it is safe for concurrent use.
type Router struct {
	process string // "/master"
	own     map[string]http.Handler
	mounted map[string]http.Handler
}

// NewRouter makes the router of a program whose main actor has the given id, like "master" or "slave(1)". Paths under
// that id name the same routes as without it.
func NewRouter(process string) *Router {
	return &Router{process: "/" + process, own: map[string]http.Handler{}, mounted: map[string]http.Handler{}}
}

// Handle registers a route of the main actor, reachable as path and as /<process><path>. The handler finds what
// follows path in the request, without a leading slash, by [Rest]. The request's URL stays as the client wrote it.
func (r *Router) Handle(path string, h http.Handler) { r.own[path] = h }

// HandleFunc is Handle for a function.
func (r *Router) HandleFunc(path string, f http.HandlerFunc) { r.Handle(path, f) }

// Mount registers a route of another actor, like /files/browse or /metrics/snapshot, reachable only as path.
func (r *Router) Mount(path string, h http.Handler) { r.mounted[path] = h }

// Rest returns what follows the route's path in a request that came through a Router: "a/b" for /quota/a/b on /quota.
func Rest(r *http.Request) string { return r.PathValue("rest") }

// ServeHTTP implements http.Handler.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	out := newResponse(w, req)
	r.serve(out, req)
	// Not deferred: after a panic net/http must cut the connection, not see a well-ended body.
	out.finish()
}

func (r *Router) serve(out *response, req *http.Request) {
	path := req.URL.Path
	switch {
	case !strings.HasPrefix(path, "/"):
		Errorf(out, http.StatusBadRequest, "The request path %q is not absolute: it must begin with a slash.", path)
		return
	case strings.Contains(path, "/.."):
		Errorf(out, http.StatusNotFound, "There is no page %q: a path must not hold a segment that begins with two points.", path)
		return
	case out.badCallback:
		Errorf(out, http.StatusBadRequest, "The parameter jsonp is not the name of a JavaScript function.")
		return
	}
	h, rest := r.find(path, req.Method)
	if h == nil {
		Errorf(out, http.StatusNotFound, "There is no page %q: /help lists what there is.", path)
		return
	}
	req.SetPathValue("rest", rest)
	h.ServeHTTP(out, req)
}

// find looks a path up as written, then without a .json suffix (reads only: that is how version 0 clients spell them),
// then by its shorter prefixes.
func (r *Router) find(path, method string) (h http.Handler, rest string) {
	path = strings.TrimSuffix(path, "/")
	if h := r.at(path); h != nil {
		return h, ""
	}
	if method == http.MethodGet || method == http.MethodHead {
		if bare, ok := strings.CutSuffix(path, ".json"); ok {
			if h := r.at(bare); h != nil {
				return h, ""
			}
		}
	}
	for end := strings.LastIndexByte(path, '/'); end > 0; end = strings.LastIndexByte(path[:end], '/') {
		// The bare process prefix stands for "/", which answers only for itself.
		if path[:end] == r.process {
			break
		}
		if h := r.at(path[:end]); h != nil {
			return h, path[end+1:]
		}
	}
	return nil, ""
}

func (r *Router) at(path string) http.Handler {
	if h := r.own[orRoot(path)]; h != nil {
		return h
	}
	if h := r.mounted[orRoot(path)]; h != nil {
		return h
	}
	if inner, ok := strings.CutPrefix(path, r.process); ok && (inner == "" || inner[0] == '/') {
		return r.own[orRoot(inner)]
	}
	return nil
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// writeGrace is how long one write to a client may stay without progress before the connection is given up.
const writeGrace = 30 * time.Second
