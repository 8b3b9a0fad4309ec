package master

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
)

// agentReads are the endpoints of agents that pages may read through the master.
// A browser often cannot reach agents, and pages that may load only from their
// own origin are easier to keep safe; so the master carries the bytes, on
// goroutines of its HTTP, never on its actor.
var agentReads = []string{"/files/browse", "/files/read", "/files/download", "/containers", "/state", "/version", "/flags"}

// maxAgentReads bounds the reads that are carried at a time.
const maxAgentReads = 256

// agentPages carries requests of pages to agents.
type agentPages struct {
	client *http.Client
	places chan struct{} // one for each read
}

func newAgentPages() agentPages {
	t := &http.Transport{
		DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, ResponseHeaderTimeout: 30 * time.Second,
		MaxConnsPerHost: 32, IdleConnTimeout: 30 * time.Second, DisableCompression: true,
	}
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return agentPages{&http.Client{Transport: t, CheckRedirect: refuse}, make(chan struct{}, maxAgentReads)}
}

// routeAgentPages registers what pages read of agents and the terminals. It is ours, not Mesos's.
func (h *HTTP) routeAgentPages() {
	h.router.HandleFunc("/agent", h.agentPage)
}

// agentPage serves /agent/ID/PATH: a read of that agent, or a terminal on it.
func (h *HTTP) agentPage(w http.ResponseWriter, r *http.Request) {
	if !h.gate.Pass(w, r) || !h.recovered(w, r) || !httpapi.AllowMethods(w, r, http.MethodGet) {
		return
	}
	id, rest, _ := strings.Cut(httpapi.Rest(r), "/")
	path := "/" + rest
	if path != terminalPath && !slices.Contains(agentReads, path) {
		httpapi.Errorf(w, http.StatusNotFound, "There is no page /agent/ID%.60s: there are %s and %s.", path, strings.Join(agentReads, ", "), terminalPath)
		return
	}
	addr, err := h.agentAddr(id)
	var a *answerError
	switch {
	case errors.As(err, &a):
		reply(w, a.answer, nil)
	case err != nil:
		reply(w, answer{}, err)
	case path == terminalPath:
		h.terminal(w, r, addr)
	default:
		h.carry(w, r, id, &url.URL{Scheme: "http", Host: addr, Path: path, RawQuery: r.URL.RawQuery})
	}
}

// agentAddr is host:port of an agent's HTTP.
func (h *HTTP) agentAddr(id string) (string, error) {
	m := h.master
	addr, err := actors.Call(m.p, func() string {
		if a := m.agents[id]; a != nil {
			return a.upid.Addr
		}
		return ""
	})
	if err == nil && addr == "" {
		err = refusal404("no agent %.100q is registered: it may be unreachable or gone, and its files with it", id)
	}
	return addr, err
}

// carry answers a request with the agent's answer.
func (h *HTTP) carry(w http.ResponseWriter, r *http.Request, id string, to *url.URL) {
	select {
	case h.agents.places <- struct{}{}:
		defer func() { <-h.agents.places }()
	default:
		httpapi.Errorf(w, http.StatusServiceUnavailable, "The master carries %d reads of agents already: try again soon.", maxAgentReads)
		return
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, to.String(), nil)
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The request cannot be carried to agent %.100s: %v.", id, err)
		return
	}
	for _, name := range []string{"Range", "If-Range"} {
		if v := r.Header.Get(name); v != "" {
			req.Header.Set(name, v)
		}
	}
	resp, err := h.agents.client.Do(req)
	if err != nil {
		if r.Context().Err() == nil {
			httpapi.Errorf(w, http.StatusBadGateway, "Agent %.100s does not answer at %s: %v.", id, to.Host, errors.Unwrap(err))
		}
		return
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up
	carryHeader(w.Header(), resp.Header)
	if to.Path == "/files/download" {
		httpapi.Raw(w) // ranges
	}
	w.WriteHeader(resp.StatusCode)
	if _, err := io.Copy(w, resp.Body); err != nil {
		panic(http.ErrAbortHandler) // the reader must not take half of it for the whole
	}
}

// carryHeader takes over what says what the body is. What comes from an agent is
// data of users: no browser may run it as a page of the master.
func carryHeader(to, from http.Header) {
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "Content-Disposition", "Last-Modified"} {
		if v := from.Get(name); v != "" {
			to.Set(name, v)
		}
	}
	to.Set("X-Content-Type-Options", "nosniff")
	to.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	to.Set("Cache-Control", "no-store")
}
