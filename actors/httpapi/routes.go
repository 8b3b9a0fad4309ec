package httpapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Routes are the paths that are registered, in order: those of the main actor, which also lie below Process, and those
// of others.
func (r *Router) Routes() (own, others []string) {
	return slices.Sorted(maps.Keys(r.own)), slices.Sorted(maps.Keys(r.mounted))
}

// Process is the path of the main actor, like "/master".
func (r *Router) Process() string { return r.process }

// Wrap puts something before the handlers of all routes that are registered by now.
func (r *Router) Wrap(wrap func(path string, h http.Handler) http.Handler) {
	for _, routes := range []map[string]http.Handler{r.own, r.mounted} {
		for path, h := range routes {
			routes[path] = wrap(path, h)
		}
	}
}

// Disable has paths, and what would be reached below them, answered by 403, in every spelling. It comes after their
// registration; a path that leads nowhere is refused, too.
func (r *Router) Disable(paths ...string) {
	for _, path := range paths {
		path = strings.TrimSuffix(path, "/")
		h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			Errorf(w, http.StatusForbidden, "The endpoint %q is disabled (--firewall_rules).", path)
		})
		inner, ofProcess := strings.CutPrefix(path, r.process)
		if ofProcess = ofProcess && (inner == "" || inner[0] == '/'); !ofProcess {
			inner = path
		}
		switch {
		case r.own[orRoot(inner)] != nil:
			r.own[orRoot(inner)] = h
		case ofProcess:
			r.own[orRoot(inner)] = h
		default:
			r.mounted[path] = h
		}
	}
}
