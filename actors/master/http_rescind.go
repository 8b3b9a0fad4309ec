package master

import (
	"fmt"
	"net/http"

	"mesos/actors/allocator"
	"mesos/actors/httpapi"
)

// rescindSeconds is how long a framework is not offered again what an operator took from it.
const rescindSeconds = 30

// rescindOffer serves POST /offers/rescind with the form field offerId. It is
// ours, not Mesos's: an operator takes an offer back that its framework does not
// answer, so that others get what it holds.
func (h *HTTP) rescindOffer(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r, http.MethodPost) {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	id := r.PostFormValue("offerId")
	if id == "" {
		httpapi.Errorf(w, http.StatusBadRequest, "The form field offerId is missing.")
		return
	}
	h.command(w, func() answer { return h.master.operatorRescind(id) })
}

func (m *Master) operatorRescind(id string) answer {
	if o := m.offers[id]; o != nil {
		m.log.Info("offer rescinded by an operator", "framework_id", o.frameworkID, "agent_id", o.agentID, "offer_id", o.id)
		m.rescind(o, &allocator.Refuse{Seconds: rescindSeconds})
		return accepted
	}
	if o := m.inverse[id]; o != nil {
		return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("offerId: %.100s is an inverse offer: change the maintenance schedule to take it back", id)}
	}
	return answer{Code: http.StatusNotFound, Text: fmt.Sprintf("offerId: no outstanding offer %.100q is known: it was answered or taken back", id)}
}
