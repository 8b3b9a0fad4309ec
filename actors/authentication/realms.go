package authentication

import (
	"context"
	"fmt"
	"net/http"

	"mesos/actors/httpapi"
)

// Access is what an endpoint is for, by which it belongs to a realm.
type Access int

// The kinds of access.
const (
	Open       Access = iota // for everybody
	ReadOnly                 // it tells something
	ReadWrite                // it may change something
	Frameworks               // the API of frameworks
	Providers                // the API of resource providers
	Executors                // the API of executors, who show a token instead of a secret
	Containers               // as ReadWrite, and executors may ask, too: the handler looks at what for (see ExecutorOf)
)

// realms are what Mesos calls them, behind the name of the daemon.
var realms = map[Access]string{ReadOnly: "readonly", ReadWrite: "readwrite", Frameworks: "scheduler", Providers: "resource-provider", Executors: "executor", Containers: "readwrite"}

// Realms are the endpoints of a daemon for which a principal must be known.
type Realms struct {
	Daemon string          // "mesos-master"
	Asks   map[Access]bool // which kinds of access need a principal
	Known  Credentials
	Key    Key // of executors' tokens; nil: none is good
}

// Guard lets requests through to an endpoint: all of them if its realm asks for nobody, else those of principals that
// are known. Others are answered by 401.
func (s *Realms) Guard(kind Access, h http.Handler) http.Handler {
	if s == nil || !s.Asks[kind] && (kind != Containers || !s.Asks[ReadWrite]) {
		return h
	}
	realm := s.Daemon + "-" + realms[kind]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := bearer(r); kind == Executors || token != "" && s.Key != nil {
			s.guardExecutors(kind, realm, token, h, w, r)
			return
		}
		principal, secret, given := r.BasicAuth()
		if given && s.Known.Knows(principal, secret) {
			h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), principalKey{}, principal)))
			return
		}
		challenge := fmt.Sprintf("Basic realm=%q", realm)
		if s.Key != nil {
			challenge += fmt.Sprintf(", Bearer realm=%q", realm)
		}
		w.Header().Set("WWW-Authenticate", challenge)
		if !given {
			httpapi.Errorf(w, http.StatusUnauthorized, "This endpoint wants a principal and its secret, by HTTP Basic authentication (realm %s).", realm)
			return
		}
		httpapi.Errorf(w, http.StatusUnauthorized, "The principal %.100q is not known, or its secret is another (realm %s).", principal, realm)
	})
}

type principalKey struct{}

// Principal is whose request it is that came through a [Realms.Guard]; "" if nobody was asked for.
func Principal(ctx context.Context) string {
	p, _ := ctx.Value(principalKey{}).(string)
	return p
}
