package master

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/httpapi"
	"mesos/actors/master/explain"
	"mesos/messages/resources"
)

// routeExplain registers what tells people why they get no offers. It is ours,
// not Mesos's.
func (h *HTTP) routeExplain() {
	h.router.HandleFunc("/explain", h.explain)
	h.router.Mount("/allocator/offer_constraints_debug", http.HandlerFunc(h.constraintsDebug))
}

// explain serves GET /explain/framework/ID, /explain/role/ROLE,
// /explain/agent/ID and /explain/request?role=R&cpus=4&mem=8192&attribute=rack:a.
// Agents may be named by their hostnames as well, frameworks by their names.
func (h *HTTP) explain(w http.ResponseWriter, r *http.Request) {
	if !h.ready(w, r, http.MethodGet, http.MethodHead) {
		return
	}
	picture, err := h.master.Snapshot()
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	kind, id, _ := strings.Cut(strings.Trim(httpapi.Rest(r), "/"), "/")
	e := &explainer{h: h, r: r, cluster: explain.From(picture, time.Now())}
	var x any
	switch kind {
	case "framework":
		x, err = e.framework(id)
	case "role":
		x, err = e.role(id)
	case "agent":
		x, err = e.agent(id)
	case "request":
		x, err = e.request(r.URL.Query())
	default:
		err = refusal404("there is no page /explain/%.60s: there are framework/ID, role/ROLE, agent/ID and request", httpapi.Rest(r))
	}
	var a *answerError
	switch {
	case errors.As(err, &a):
		reply(w, a.answer, nil)
	case errors.Is(err, actors.ErrStopped):
		reply(w, answer{}, err)
	case err != nil: // the caller has gone
	default:
		body, err := json.Marshal(x)
		if err != nil {
			reply(w, answer{Code: http.StatusInternalServerError, Text: err.Error()}, nil)
			return
		}
		httpapi.WriteBody(w, httpapi.MediaJSON, body)
	}
}

// answerError is an answer to a request that cannot be explained.
type answerError struct{ answer }

func (e *answerError) Error() string { return e.Text }

func refusal404(format string, args ...any) error {
	return &answerError{answer{Code: http.StatusNotFound, Text: fmt.Sprintf(format, args...)}}
}

func refusal400(format string, args ...any) error {
	return &answerError{answer{Code: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)}}
}

// explainer answers one request.
type explainer struct {
	h       *HTTP
	r       *http.Request
	cluster *explain.Cluster
}

// asked waits for what the allocator answers, beside its actor.
func asked[T any](e *explainer, ask func(answer func(T, bool))) (x T, known bool, err error) {
	type result struct {
		x     T
		known bool
	}
	told := make(chan result, 1)
	ask(func(x T, known bool) { told <- result{x, known} })
	select {
	case got := <-told:
		return got.x, got.known, nil
	case <-e.h.master.p.Done():
		return x, false, actors.ErrStopped
	case <-e.r.Context().Done():
		return x, false, e.r.Context().Err()
	}
}

func (e *explainer) framework(name string) (any, error) {
	id, roles := e.cluster.FindFramework(name)
	if id == "" {
		return nil, refusal404("no framework with the id or name %.100q is known", name)
	}
	var said []allocator.Explanation
	shares := map[string]float64{}
	for _, role := range roles {
		s, known, err := asked(e, func(answer func(allocator.Explanation, bool)) { e.h.master.alloc.Explain(id, role, answer) })
		if err != nil {
			return nil, err
		}
		if !known {
			continue // it left the role meanwhile
		}
		said = append(said, s)
		for _, n := range s.Reasons {
			for _, r := range n.Roles {
				shares[r] = 0
			}
		}
	}
	for role := range shares {
		s, _, err := asked(e, func(answer func(allocator.RoleExplanation, bool)) { e.h.master.alloc.ExplainRole(role, answer) })
		if err != nil {
			return nil, err
		}
		shares[role] = s.Share
	}
	x, _ := e.cluster.Framework(id, said, shares)
	return x, nil
}

func (e *explainer) role(role string) (any, error) {
	s, known, err := asked(e, func(answer func(allocator.RoleExplanation, bool)) { e.h.master.alloc.ExplainRole(role, answer) })
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, refusal404("role %.100q is not known: no framework is in it or below it, and it has no quota", role)
	}
	return e.cluster.Role(s), nil
}

func (e *explainer) agent(name string) (any, error) {
	id := e.cluster.FindAgent(name)
	s, known, err := asked(e, func(answer func(allocator.AgentExplanation, bool)) { e.h.master.alloc.ExplainAgent(id, answer) })
	if err != nil {
		return nil, err
	}
	if !known {
		return nil, refusal404("no agent with the id or hostname %.100q is registered", name)
	}
	return e.cluster.Agent(s), nil
}

// request reads a need: role, framework_id, attribute=NAME:TEXT (may be repeated)
// and a parameter for each scalar.
func (e *explainer) request(q url.Values) (any, error) {
	need := allocator.Request{Role: "*", FrameworkID: q.Get("framework_id"), Attributes: map[string]string{}}
	amounts := map[string]resources.Quantity{}
	for name, values := range q {
		switch name {
		case "framework_id":
		case "role":
			need.Role = values[0]
		case "attribute":
			for _, v := range values {
				key, text, ok := strings.Cut(v, ":")
				if !ok || key == "" {
					return nil, refusal400("The parameter attribute is %.60q: write NAME:TEXT", v)
				}
				need.Attributes[key] = text
			}
		default:
			f, err := strconv.ParseFloat(values[0], 64)
			if err != nil || !(f >= 0) || math.IsInf(f, 0) {
				return nil, refusal400("The parameter %.60s is %.60q: it must be a number from 0 on", name, values[0])
			}
			amounts[name] = resources.FromFloat(f)
		}
	}
	if err := resources.ValidateRole(need.Role); err != nil {
		return nil, refusal400("The parameter role: %v", err)
	}
	need.Quantities = resources.QuantitiesFrom(func(yield func(string, resources.Quantity) bool) {
		for name, n := range amounts {
			if !yield(name, n) {
				return
			}
		}
	})
	if need.Quantities.IsEmpty() {
		return nil, refusal400("No need is given: name amounts, like cpus=4&mem=8192")
	}
	need.Offered = e.cluster.OffersTo(need.FrameworkID, need.Role)
	s, _, err := asked(e, func(answer func(allocator.RequestExplanation, bool)) {
		e.h.master.alloc.ExplainRequest(need, func(x allocator.RequestExplanation) { answer(x, true) })
	})
	if err != nil {
		return nil, err
	}
	return e.cluster.Request(need, s), nil
}
