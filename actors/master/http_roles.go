package master

import (
	"io"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/actors/master/quota"
	"mesos/actors/master/validation"
	"mesos/messages/jsonwriter"
	masterv1 "mesos/messages/mesos/v1/master"
	quotav1 "mesos/messages/mesos/v1/quota"
	"mesos/messages/mesosjson"
)

// routeRoles registers the endpoints of quotas and weights.
func (h *HTTP) routeRoles() {
	h.router.HandleFunc("/weights", h.weights)
	h.router.HandleFunc("/quota", h.quota)
}

// maxSettings bounds the body of a request that sets quotas or weights.
const maxSettings = 4 << 20

// roleCall carries out the calls of the operator API that set or read what
// operators set for roles; false if the call is another one.
func (h *HTTP) roleCall(w http.ResponseWriter, r *http.Request, kind httpapi.Type, call *masterv1.Call) bool {
	a := &masterv1.Response{}
	switch call.GetType() {
	case masterv1.Call_GET_WEIGHTS:
		a.Type, a.GetWeights = masterv1.Response_GET_WEIGHTS.Enum(), &masterv1.Response_GetWeights{}
	case masterv1.Call_GET_QUOTA:
		a.Type, a.GetQuota = masterv1.Response_GET_QUOTA.Enum(), &masterv1.Response_GetQuota{}
	case masterv1.Call_UPDATE_QUOTA:
		q := call.GetUpdateQuota()
		h.setQuotas(w, r, quota.Change{Configs: q.GetQuotaConfigs()}, http.StatusBadRequest, q.GetForce())
		return true
	case masterv1.Call_SET_QUOTA:
		h.requestQuota(w, r, call.GetSetQuota().GetQuotaRequest())
		return true
	case masterv1.Call_REMOVE_QUOTA:
		h.removeQuota(w, r, call.GetRemoveQuota().GetRole())
		return true
	default:
		return false
	}
	s, err := h.settings(r)
	if err != nil {
		reply(w, answer{}, err)
		return true
	}
	if a.GetWeights != nil {
		a.GetWeights.WeightInfos = weightInfos(s.weights)
	} else {
		a.GetQuota.Status = quota.Status(s.quotas)
	}
	httpapi.WriteMessage(w, kind, a)
	return true
}

// setQuotas has quotas set. Unless that is forced, what the cluster has and uses
// is added up first, beside the actor.
func (h *HTTP) setQuotas(w http.ResponseWriter, r *http.Request, q quota.Change, tooMuch int, force bool) {
	for _, c := range q.Configs {
		if !h.may(w, r, authorization.UpdateQuotas, c.GetRole()) {
			return
		}
	}
	if !force {
		c, err := h.master.Snapshot()
		if err != nil {
			reply(w, answer{}, err)
			return
		}
		q.Usage = c.Usage()
	}
	h.later(w, r, func(done func(answer)) { h.master.setQuotas(q, tooMuch, done) })
}

// requestQuota sets a quota in the older form: what is guaranteed is the limit as well.
func (h *HTTP) requestQuota(w http.ResponseWriter, r *http.Request, q *quotav1.QuotaRequest) {
	amounts, err := validation.GuaranteeOf(q.GetGuarantee())
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "quota_request.%v.", err)
		return
	}
	c := &quotav1.QuotaConfig{Role: proto.String(q.GetRole()), Guarantees: amounts, Limits: amounts}
	h.setQuotas(w, r, quota.Change{Configs: []*quotav1.QuotaConfig{c}, Fresh: true}, http.StatusConflict, q.GetForce())
}

func (h *HTTP) removeQuota(w http.ResponseWriter, r *http.Request, role string) {
	h.setQuotas(w, r, quota.Change{Configs: []*quotav1.QuotaConfig{{Role: proto.String(role)}}, Known: true}, 0, true)
}

// weights serves /weights: GET, and PUT of the same array.
func (h *HTTP) weights(w http.ResponseWriter, r *http.Request) {
	if !h.leads(w, r, http.MethodGet, http.MethodHead, http.MethodPut) {
		return
	}
	if r.Method == http.MethodPut {
		body, ok := h.settingsBody(w, r)
		if !ok {
			return
		}
		call := &masterv1.Call_UpdateWeights{}
		if err := mesosjson.Unmarshal([]byte(`{"weight_infos":`+string(body)+`}`), call); err != nil {
			httpapi.Errorf(w, http.StatusBadRequest, "The body is no list of weights like [{\"role\":\"a\",\"weight\":2}]: %v.", err)
			return
		}
		if h.mayWeigh(w, r, call) {
			h.later(w, r, func(done func(answer)) { h.master.setWeights(call.GetWeightInfos(), done) })
		}
		return
	}
	s, err := h.settings(r)
	if err != nil {
		reply(w, answer{}, err)
		return
	}
	var j jsonwriter.Writer
	j.Array(func() {
		for _, x := range weightInfos(s.weights) {
			j.Object(func() {
				j.Field("role", x.GetRole())
				j.Field("weight", x.GetWeight())
			})
		}
	})
	body, err := j.Bytes()
	if err != nil {
		httpapi.Errorf(w, http.StatusInternalServerError, "%v.", err)
		return
	}
	httpapi.WriteBody(w, httpapi.MediaJSON, body)
}

// quota serves /quota: GET, POST of a request in the older form, DELETE of /quota/ROLE.
func (h *HTTP) quota(w http.ResponseWriter, r *http.Request) {
	if !h.leads(w, r, http.MethodGet, http.MethodHead, http.MethodPost, http.MethodDelete) {
		return
	}
	switch r.Method {
	case http.MethodPost:
		body, ok := h.settingsBody(w, r)
		if !ok {
			return
		}
		q := &quotav1.QuotaRequest{}
		if err := mesosjson.Unmarshal(body, q); err != nil {
			httpapi.Errorf(w, http.StatusBadRequest, "The body is no quota request: %v.", err)
			return
		}
		h.requestQuota(w, r, q)
	case http.MethodDelete:
		if h.recovered(w, r) {
			h.removeQuota(w, r, httpapi.Rest(r))
		}
	default:
		s, err := h.settings(r)
		if err != nil {
			reply(w, answer{}, err)
			return
		}
		httpapi.WriteMessage(w, httpapi.JSON, quota.Status(s.quotas))
	}
}

// settingsBody reads the body of a request that sets something.
func (h *HTTP) settingsBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	if !h.recovered(w, r) {
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSettings))
	if err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The body cannot be read: %v.", err)
		return nil, false
	}
	return body, true
}
