package master

import (
	"encoding/json"
	"net/http"
	"time"

	"mesos/actors/httpapi"
	"mesos/actors/master/explain"
	"mesos/actors/operator"
	"mesos/messages/jsonwriter"
)

// routeExplain registers what tells people why they get no offers. It is ours,
// not Mesos's.
func (h *HTTP) routeExplain() {
	h.router.HandleFunc("/explain", h.explain)
	h.router.Mount("/allocator/offer_constraints_debug", http.HandlerFunc(h.constraintsDebug))
}

// explain serves GET /explain/PATH, see [explain.Asker.Ask].
func (h *HTTP) explain(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	picture, err := h.master.Snapshot()
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	e := &explain.Asker{Cluster: explain.From(picture, time.Now()), Allocator: h.master.alloc, Stopped: h.master.p.Done()}
	x, err := e.Ask(r.Context(), httpapi.Rest(r), r.URL.Query())
	if r.Context().Err() != nil {
		return // the caller has gone
	}
	var body []byte
	if err == nil {
		body, err = json.Marshal(x)
	}
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

// constraintsDebug serves /allocator/offer_constraints_debug: the offer
// constraints of each framework that has some, by framework id.
func (h *HTTP) constraintsDebug(w http.ResponseWriter, r *http.Request) {
	if !h.leads(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	c, err := h.master.Snapshot()
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	var j jsonwriter.Writer
	j.Object(func() {
		for _, f := range c.Frameworks {
			if f.OfferConstraints != nil {
				j.Field(f.ID, f.OfferConstraints)
			}
		}
	})
	body, err := j.Bytes()
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}
