package master

import (
	"errors"
	"net/http"
	"time"

	"mesos/actors/httpapi"
	"mesos/registry"
)

// recoveryPatience is how long a v1 call waits for the registry to be read.
const recoveryPatience = 5 * time.Second

// recovered waits for the registry to be read. It answers 503 itself and reports
// false if that takes too long.
func (h *HTTP) recovered(w http.ResponseWriter, r *http.Request) bool {
	select {
	case <-h.master.Recovered():
		return true
	default:
	}
	late := time.NewTimer(h.patience)
	defer late.Stop()
	select {
	case <-h.master.Recovered():
		return true
	case <-r.Context().Done():
	case <-h.master.p.Done():
	case <-late.C:
	}
	httpapi.Errorf(w, http.StatusServiceUnavailable, "The master has not finished recovery: its registry is being read.")
	return false
}

// registry serves /registrar(1)/registry: all that is durable, as Mesos's Registry.
func (h *HTTP) registry(w http.ResponseWriter, r *http.Request) {
	if h.gate.StandsBy() {
		httpapi.Errorf(w, http.StatusServiceUnavailable, "This master does not lead: it has not read the registry.")
		return
	}
	if !h.leads(w, r, http.MethodGet, http.MethodHead) || !h.recovered(w, r) {
		return
	}
	type result struct {
		state *registry.State
		err   error
	}
	seen := make(chan result, 1)
	h.master.registry.View(func(s *registry.State, err error) { seen <- result{s, err} })
	select {
	case got := <-seen:
		if got.err != nil {
			reply(w, answer{Code: http.StatusServiceUnavailable, Text: got.err.Error()}, nil)
			return
		}
		body, err := httpapi.Marshal(httpapi.JSON, got.state.Proto(h.master.info))
		if err != nil {
			err = errors.Join(errors.New("the registry as JSON"), err)
			reply(w, answer{Code: http.StatusInternalServerError, Text: err.Error()}, nil)
			return
		}
		httpapi.WriteBody(w, httpapi.MediaJSON, body)
	case <-r.Context().Done():
	}
}
