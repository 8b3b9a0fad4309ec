package api

import (
	"math"
	"net/http"
	"strings"

	"mesos/actors/marathon"
	"mesos/actors/marathon/match"
	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
)

func (a *API) deployments(w http.ResponseWriter, r *http.Request, rest string) {
	id, action, _ := strings.Cut(rest, "/")
	switch {
	case rest == "":
		if !allow(w, r, http.MethodGet) {
			return
		}
		list, err := a.s.Deployments(r.Context())
		if err != nil {
			refuse(w, err)
			return
		}
		answer(w, http.StatusOK, list)
	case action == "promote":
		if allow(w, r, http.MethodPost) {
			result, err := a.s.Promote(r.Context(), id)
			done(w, http.StatusOK, result, err)
		}
	case action != "":
		fail(w, http.StatusNotFound, "There is no page "+r.URL.Path)
	case allow(w, r, http.MethodDelete):
		result, err := a.s.Cancel(r.Context(), id, force(r))
		if err == nil && force(r) {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		done(w, http.StatusOK, result, err)
	}
}

type queueJSON struct {
	App     *model.App   `json:"app,omitempty"`
	Pod     *model.Pod   `json:"pod,omitempty"`
	Count   int          `json:"count"`
	Delay   delayJSON    `json:"delay"`
	Since   string       `json:"since"`
	Summary summaryJSON  `json:"processedOffersSummary"`
	Offers  []unusedJSON `json:"lastUnusedOffers,omitempty"`
	Role    string       `json:"role,omitempty"`
}

type delayJSON struct {
	Left    int  `json:"timeLeftSeconds"`
	Overdue bool `json:"overdue"`
}

type summaryJSON struct {
	Processed int             `json:"processedOffersCount"`
	Unused    int             `json:"unusedOffersCount"`
	LastNot   model.Timestamp `json:"lastUnusedOfferAt"`
	LastUsed  model.Timestamp `json:"lastUsedOfferAt"`
	Last      []rejectJSON    `json:"rejectSummaryLastOffers"`
	Attempt   []rejectJSON    `json:"rejectSummaryLaunchAttempt"`
}

type rejectJSON struct {
	Reason    string `json:"reason"`
	Declined  int    `json:"declined"`
	Processed int    `json:"processed"`
}

type unusedJSON struct {
	Offer     offerJSON       `json:"offer"`
	Reasons   []string        `json:"reason"`
	Timestamp model.Timestamp `json:"timestamp"`
}

type offerJSON struct {
	ID         string          `json:"id"`
	Hostname   string          `json:"hostname"`
	AgentID    string          `json:"agentId"`
	Resources  []resourceJSON  `json:"resources"`
	Attributes []attributeJSON `json:"attributes"`
}

type resourceJSON struct {
	Name   string      `json:"name"`
	Role   string      `json:"role"`
	Scalar *float64    `json:"scalar,omitempty"`
	Ranges []rangeJSON `json:"ranges,omitempty"`
	Set    []string    `json:"set,omitempty"`
}

type rangeJSON struct {
	Begin uint64 `json:"begin"`
	End   uint64 `json:"end"`
}

type attributeJSON struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func (a *API) queue(w http.ResponseWriter, r *http.Request, rest string) {
	if id, more, ok := cut(rest, "delay"); ok && more == "" {
		if allow(w, r, http.MethodDelete) {
			if err := a.s.ResetDelay(r.Context(), model.Resolve(model.Root, id)); err != nil {
				refuse(w, err)
				return
			}
			w.WriteHeader(http.StatusNoContent)
		}
		return
	}
	if rest != "" {
		fail(w, http.StatusNotFound, "There is no page "+r.URL.Path)
		return
	}
	if !allow(w, r, http.MethodGet) {
		return
	}
	list, err := a.s.Queue(r.Context())
	if err != nil {
		refuse(w, err)
		return
	}
	out := []*queueJSON{}
	for _, x := range list {
		out = append(out, queued(x, embeds(r.URL.Query()).has("lastUnusedOffers") || r.URL.Query().Get("embed") == "lastUnusedOffers"))
	}
	answer(w, http.StatusOK, map[string]any{"queue": out})
}

func queued(x *marathon.Waiting, offers bool) *queueJSON {
	q := &queueJSON{
		App: x.Spec.App, Pod: x.Spec.Pod, Count: x.Count, Since: model.At(x.Since).String(),
		Delay: delayJSON{int(math.Ceil(x.Delay.Seconds())), x.Delay == 0}, Role: x.Spec.Role(),
		Summary: summaryJSON{
			Processed: x.Processed, Unused: x.Unused, LastNot: model.At(x.LastNot), LastUsed: model.At(x.LastUsed),
			Last: funnel(x.Agents, 0), Attempt: funnel(x.Attempt, x.Processed-x.Unused),
		},
	}
	if offers {
		for _, u := range x.Offers {
			q.Offers = append(q.Offers, unusedJSON{offered(u.Offer.Message), u.Reasons, model.At(u.At)})
		}
	}
	return q
}

// funnel counts offers by the first reason that turned them down: what is not turned
// down at one step comes to the next.
func funnel(by map[string]int, used int) []rejectJSON {
	left := used
	for _, n := range by {
		left += n
	}
	out := []rejectJSON{}
	for _, reason := range match.Reasons {
		out = append(out, rejectJSON{reason, by[reason], left})
		left -= by[reason]
	}
	return out
}

func offered(m *v1.Offer) offerJSON {
	o := offerJSON{ID: m.GetId().GetValue(), Hostname: m.GetHostname(), AgentID: m.GetAgentId().GetValue(), Resources: []resourceJSON{}, Attributes: []attributeJSON{}}
	for _, r := range m.GetResources() {
		x := resourceJSON{Name: r.GetName(), Role: "*", Set: r.GetSet().GetItem()}
		if n := len(r.GetReservations()); n > 0 {
			x.Role = r.GetReservations()[n-1].GetRole()
		}
		if r.Scalar != nil {
			v := r.GetScalar().GetValue()
			x.Scalar = &v
		}
		for _, g := range r.GetRanges().GetRange() {
			x.Ranges = append(x.Ranges, rangeJSON{g.GetBegin(), g.GetEnd()})
		}
		o.Resources = append(o.Resources, x)
	}
	if read, err := match.NewOffer(m); err == nil {
		for name, text := range read.Attributes {
			o.Attributes = append(o.Attributes, attributeJSON{name, text})
		}
	}
	return o
}
