package master

import (
	"net/http"

	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
)

// constraintsDebug serves /allocator/offer_constraints_debug: the offer
// constraints of each framework that has some, by framework id.
func (h *HTTP) constraintsDebug(w http.ResponseWriter, r *http.Request) {
	if !h.leads(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	c, err := h.master.Snapshot()
	if err != nil {
		reply(w, answer{}, err)
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
		reply(w, answer{Code: http.StatusInternalServerError, Text: err.Error()}, nil)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}
