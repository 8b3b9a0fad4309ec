package master

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mesos/actors"
	"mesos/actors/httpapi"
)

// agentReads are the endpoints of agents that pages may read through the master.
var agentReads = []string{"/files/browse", "/files/read", "/files/download", "/containers", "/state", "/version", "/flags"}

const (
	// maxAgentReads bounds the reads of agents that are carried at a time.
	maxAgentReads = 256
	// maxReadsEach bounds those of one agent.
	maxReadsEach = 32
)

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
	switch {
	case err != nil:
		replyError(w, err)
	case path == terminalPath:
		h.terminal(w, r, addr)
	default:
		h.readAgent(w, r, id, &url.URL{Scheme: "http", Host: addr, Path: path, RawQuery: r.URL.RawQuery})
	}
}

// replyError answers why there is nothing to answer.
func replyError(w http.ResponseWriter, err error) {
	var a *answerError
	if errors.As(err, &a) {
		reply(w, a.answer, nil)
		return
	}
	reply(w, answer{}, err)
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

// readAgent answers a request with the agent's answer.
func (h *HTTP) readAgent(w http.ResponseWriter, r *http.Request, id string, to *url.URL) {
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
	h.agents.carry(w, r, req, "Agent "+id, to.Path == "/files/download") // raw, for the sake of ranges
}
