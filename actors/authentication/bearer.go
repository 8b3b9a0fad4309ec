package authentication

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mesos/actors/httpapi"
)

// bearer is the token that a request shows, "" if it shows none.
func bearer(r *http.Request) string {
	const scheme = "Bearer "
	if h := r.Header.Get("Authorization"); len(h) > len(scheme) && strings.EqualFold(h[:len(scheme)], scheme) {
		return strings.TrimSpace(h[len(scheme):])
	}
	return ""
}

// guardExecutors lets an executor through that shows a good token, to what is for executors.
func (s *Realms) guardExecutors(kind Access, realm, token string, h http.Handler, w http.ResponseWriter, r *http.Request) {
	challenge := fmt.Sprintf("Bearer realm=%q", realm)
	if token == "" {
		w.Header().Set("WWW-Authenticate", challenge)
		httpapi.Errorf(w, http.StatusUnauthorized, "This endpoint wants what the agent gave to the executor in MESOS_EXECUTOR_AUTHENTICATION_TOKEN, by the header Authorization: Bearer (realm %s).", realm)
		return
	}
	who, err := s.Key.Verify(token, time.Now())
	switch {
	case err != nil:
		w.Header().Set("WWW-Authenticate", challenge+fmt.Sprintf(", error=\"invalid_token\", error_description=%q", err.Error()))
		httpapi.Errorf(w, http.StatusUnauthorized, "The executor is not known: %v (realm %s).", err, realm)
	case kind != Executors && kind != Containers:
		httpapi.Errorf(w, http.StatusForbidden, "This endpoint is not for executors.")
	default:
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), executorKey{}, who)))
	}
}

type executorKey struct{}

// ExecutorOf is which executor a request comes from that came through a [Realms.Guard]; false if it is none's, or nobody
// was asked for.
func ExecutorOf(ctx context.Context) (Executor, bool) {
	e, is := ctx.Value(executorKey{}).(Executor)
	return e, is
}
