package carry

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"mesos/actors/httpapi"
	"mesos/actors/operator"
)

// frameworkPage is a part of the API of marathon or chronos that pages use through
// the master, at the address that the framework itself gave as its webui_url. It
// is no open proxy: no other address is asked, no other path, no redirect is
// followed, and nothing by which the user is known is passed on.
type frameworkPage struct {
	path    string // and what is below it
	changes bool   // by other methods than GET
	events  bool   // it has no end
}

var frameworkPages = []frameworkPage{
	{path: "/v2/apps", changes: true}, {path: "/v2/pods", changes: true}, {path: "/v2/groups", changes: true}, {path: "/v2/deployments", changes: true},
	{path: "/v2/tasks", changes: true}, {path: "/v2/queue", changes: true}, {path: "/v2/info"}, {path: "/v2/events", events: true},
	{path: "/v1/scheduler", changes: true},
}

const (
	// maxFrameworkCalls bounds the requests to frameworks that are carried at a time, and maxFrameworkStreams the streams of their events.
	maxFrameworkCalls, maxFrameworkStreams = 128, 256
	// maxFrameworkBody bounds what a page sends to a framework, in bytes.
	maxFrameworkBody = 1 << 20
	// frameworkPatience is how long a framework may take for what is no stream.
	frameworkPatience = time.Minute
)

// carriedHeader marks what the master carries, so that it never goes round in circles.
const carriedHeader = "Mesos-Carried"

// Framework serves /framework/ID/PATH: a call of the API of that framework.
func (c *Carrier) Framework(w http.ResponseWriter, r *http.Request) {
	if !httpapi.AllowMethods(w, r, http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete) {
		return
	}
	if r.Header.Get(carriedHeader) != "" {
		httpapi.Errorf(w, http.StatusLoopDetected, "A framework gave this master's own address as that of its page: nothing would ever answer.")
		return
	}
	id, rest, _ := strings.Cut(httpapi.Rest(r), "/")
	page, known := frameworkPageAt("/" + rest)
	if !known {
		httpapi.Errorf(w, http.StatusNotFound, "There is no page /framework/ID/%.60s: there is what marathon and chronos have below %s.", rest, frameworkPaths())
		return
	}
	if !page.changes && !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	to, err := c.frameworkAddr(id)
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	to.Path, to.RawQuery = strings.TrimSuffix(to.Path, "/")+"/"+rest, r.URL.RawQuery
	c.askFramework(w, r, id, to, page)
}

func frameworkPageAt(to string) (frameworkPage, bool) {
	for _, p := range frameworkPages {
		if rest, ok := strings.CutPrefix(to, p.path); ok && (rest == "" || rest[0] == '/') && path.Clean(to) == to {
			return p, true
		}
	}
	return frameworkPage{}, false
}

func frameworkPaths() string {
	var all []string
	for _, p := range frameworkPages {
		all = append(all, p.path)
	}
	return strings.Join(all, ", ")
}

// frameworkAddr is where a framework says that its page is.
func (c *Carrier) frameworkAddr(id string) (*url.URL, error) {
	said, known, err := c.cluster.FrameworkURL(id)
	switch {
	case err != nil:
		return nil, err
	case !known:
		return nil, operator.Refuse(http.StatusNotFound, "no framework %.100q is subscribed: it may have ended", id)
	}
	at, err := url.Parse(said)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" {
		return nil, operator.Refuse(http.StatusNotFound, "framework %.100s gave no address of its page at which it could be asked: its webui_url is %.100q", id, said)
	}
	return &url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}, nil
}

// askFramework answers a request with the framework's answer.
func (c *Carrier) askFramework(w http.ResponseWriter, r *http.Request, id string, to *url.URL, page frameworkPage) {
	ctx, cancel := c.untilStop(r.Context())
	defer cancel()
	if !page.events {
		ctx, cancel = context.WithTimeout(ctx, frameworkPatience)
		defer cancel()
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, to.String(), http.MaxBytesReader(w, r.Body, maxFrameworkBody))
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The request cannot be carried to framework %.100s: %v.", id, err)
		return
	}
	if r.Method == http.MethodGet {
		req.Body = nil
	} else {
		req.ContentLength = r.ContentLength
		c.log.Info("framework asked for a change by a page", "framework_id", id, "method", r.Method, "path", to.Path)
	}
	for _, name := range []string{"Accept", "Content-Type"} {
		if v := r.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	req.Header.Set(carriedHeader, "1")
	carrier := c.frameworks
	if page.events {
		carrier = c.streams
	}
	carrier.carry(w, r, req, "Framework "+id, false)
}
