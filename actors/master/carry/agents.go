package carry

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
)

// agentReads are the endpoints of agents that pages may read through the master.
var agentReads = []string{"/files/browse", "/files/read", "/files/download", "/containers", "/state", "/version", "/flags"}

const (
	// maxAgentReads bounds the reads of agents that are carried at a time.
	maxAgentReads = 256
	// maxReadsEach bounds those of one agent.
	maxReadsEach = 32
)

// Agent serves GET /agent/ID/PATH: a read of that agent, or a terminal on it.
func (c *Carrier) Agent(w http.ResponseWriter, r *http.Request) {
	id, rest, _ := strings.Cut(httpapi.Rest(r), "/")
	path := "/" + rest
	if path != terminalPath && !slices.Contains(agentReads, path) {
		httpapi.Errorf(w, http.StatusNotFound, "There is no page /agent/ID%.60s: there are %s and %s.", path, strings.Join(agentReads, ", "), terminalPath)
		return
	}
	addr, err := c.agentAddr(id)
	switch {
	case err != nil:
		operator.WriteError(w, "master", err)
	case path == terminalPath:
		c.terminal(w, r, addr)
	default:
		c.readAgent(w, r, id, &url.URL{Scheme: c.by.Scheme(), Host: addr, Path: path, RawQuery: r.URL.RawQuery})
	}
}

// agentAddr is host:port of an agent's HTTP.
func (c *Carrier) agentAddr(id string) (string, error) {
	addr, known, err := c.cluster.AgentAddr(id)
	if err == nil && !known {
		err = operator.Refuse(http.StatusNotFound, "no agent %.100q is registered: it may be unreachable or gone, and its files with it", id)
	}
	return addr, err
}

// readAgent answers a request with the agent's answer.
func (c *Carrier) readAgent(w http.ResponseWriter, r *http.Request, id string, to *url.URL) {
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
	if known := authentication.CredentialOf(r); known != nil {
		req.SetBasicAuth(known.Principal, known.Secret)
	}
	c.agents.carry(w, r, req, "Agent "+id, to.Path == "/files/download") // raw, for the sake of ranges
}
