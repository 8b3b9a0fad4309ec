package operator

import (
	"context"
	"net/http"

	"mesos/actors/authentication"
	"mesos/actors/authorization"
	"mesos/actors/httpapi"
)

// need is a right that an endpoint is for; object is "" for any.
type need struct {
	action authorization.Action
	object string
}

// needs are the rights that endpoints of both daemons are for, each of them. Endpoints of their own kind ask for
// themselves. /metrics and what tells of actors tell what /metrics/snapshot does, in another form.
var needs = map[string][]need{
	"/flags":              {{authorization.ViewFlags, ""}},
	"/files/debug":        {{authorization.GetEndpoints, "/files/debug"}},
	"/logging/toggle":     {{authorization.GetEndpoints, "/logging/toggle"}, {authorization.SetLogLevel, ""}},
	"/metrics":            {{authorization.GetEndpoints, "/metrics/snapshot"}},
	"/metrics/snapshot":   {{authorization.GetEndpoints, "/metrics/snapshot"}},
	"/__processes__":      {{authorization.GetEndpoints, "/metrics/snapshot"}},
	"/containers":         {{authorization.GetEndpoints, "/containers"}},
	"/monitor/statistics": {{authorization.GetEndpoints, "/monitor/statistics"}},
	"/faults":             {{authorization.GetEndpoints, "/faults"}},
}

// all are the endpoints, ours and not Mesos's, that tell everything at once: they are for those who may see everything.
var all = []string{"/live/state", "/live/changes", "/live/task", "/explain", "/allocator/offer_constraints_debug", "/registrar(1)/registry", "/containerizer/debug"}

// views are the rights to see everything.
var views = []authorization.Action{authorization.ViewFrameworks, authorization.ViewTasks, authorization.ViewExecutors, authorization.ViewRoles}

var wholes = func() map[string]bool {
	out := map[string]bool{}
	for _, p := range all {
		out[p] = true
	}
	return out
}()

// authorize lets requests through to an endpoint if rules give those who send them the rights for it. Others are answered
// by 403, which names the rule.
func (c *Common) authorize(path string, h http.Handler) http.Handler {
	rules, needs, whole := c.Rules, needs[path], wholes[path]
	file := path == "/files/browse" || path == "/files/read" || path == "/files/download"
	if rules == nil || len(needs) == 0 && !whole && !file {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		principal := authentication.Principal(r.Context())
		for _, n := range needs {
			if denied := rules.Check(n.action, principal, n.object); denied != nil {
				Forbid(w, denied)
				return
			}
		}
		if whole {
			for _, a := range views {
				if denied := rules.CheckAll(a, principal); denied != nil {
					Forbid(w, denied)
					return
				}
			}
		}
		if file {
			if denied := c.mayRead(r.Context(), r.URL.Query().Get("path")); denied != nil {
				Forbid(w, denied)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// logs are the paths under which daemons show theirs.
var logs = map[string]bool{"/master/log": true, "/slave/log": true}

// mayRead says why a principal may not read a file that the daemon shows: a log, or something in a sandbox.
func (c *Common) mayRead(ctx context.Context, virtual string) error {
	if c.Rules == nil {
		return nil
	}
	principal, shown := authentication.Principal(ctx), c.Files.Shown(virtual)
	switch {
	case shown == "":
		return nil // there is no such file
	case logs[shown]:
		return c.Rules.Check(authorization.AccessMesosLogs, principal, "")
	case c.SandboxUser != nil:
		if user, known := c.SandboxUser(shown); known {
			return c.Rules.Check(authorization.AccessSandboxes, principal, user)
		}
	}
	return c.Rules.CheckAll(authorization.AccessSandboxes, principal)
}

// Forbid answers who may not do what he asks for.
func Forbid(w http.ResponseWriter, denied error) {
	httpapi.Errorf(w, http.StatusForbidden, "%v.", denied)
}
