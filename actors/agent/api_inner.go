package agent

import (
	"net/http"

	"mesos/actors/agent/validation"
	"mesos/actors/httpapi"
	"mesos/messages/jsonwriter"
	agentv1 "mesos/messages/mesos/v1/agent"
)

// containerAPI serves the container calls of the operator API.
func (h *HTTP) containerAPI(w http.ResponseWriter, r *http.Request, call *agentv1.Call) {
	id, err := validation.Container(call)
	if err != nil {
		ans := refusal(err)
		httpapi.Errorf(w, ans.Code, "%s", ans.Text)
		return
	}
	if !h.mayContain(w, r, call, id) {
		return
	}
	form, ok := chooseForm(w, r, call)
	if !ok {
		return
	}
	switch call.GetType() {
	case agentv1.Call_ATTACH_CONTAINER_OUTPUT:
		h.attachOutput(w, r, call, form)
		return
	case agentv1.Call_ATTACH_CONTAINER_INPUT:
		httpapi.Errorf(w, http.StatusUnsupportedMediaType, "Expecting 'Content-Type' of %s for a call of type %s.", httpapi.MediaRecordIO, call.GetType())
		return
	}
	ans, ok := h.containerCall(w, r, call)
	switch {
	case !ok:
	case ans.Code == http.StatusAccepted:
		httpapi.Accepted(w)
	case ans.Code != http.StatusOK:
		httpapi.Errorf(w, ans.Code, "%s", ans.Text)
	case call.GetType() == agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION:
		h.session(w, r, call, form)
	default:
		writeResponseAs(w, form.kind, ans.response(call.GetType()))
	}
}

func writeResponseAs(w http.ResponseWriter, kind httpapi.Type, answer *agentv1.Response) {
	switch {
	case answer == nil:
		w.WriteHeader(http.StatusOK)
	case kind == httpapi.JSON:
		writeJSON(w, func(j *jsonwriter.Writer) { writeResponse(j, answer) })
	default:
		httpapi.WriteMessage(w, kind, answer)
	}
}

// containerCall has the actor carry out a call. It answers itself, and reports
// false, if that cannot be.
func (h *HTTP) containerCall(w http.ResponseWriter, r *http.Request, call *agentv1.Call) (containerAnswer, bool) {
	a := h.agent
	answered := make(chan containerAnswer, 1)
	a.p.Dispatch(func() {
		if a.recovering {
			answered <- containerAnswer{Code: http.StatusServiceUnavailable, Text: "The agent is recovering."}
			return
		}
		a.containerCall(r.Context(), call, func(ans containerAnswer) { answered <- ans })
	})
	select {
	case ans := <-answered:
		return ans, true
	case <-r.Context().Done():
	case <-a.p.Done():
		httpapi.Errorf(w, http.StatusServiceUnavailable, "The agent is stopping.")
	}
	return containerAnswer{}, false
}

// form is how an answer travels.
type form struct {
	kind     httpapi.Type
	recordIO bool // a stream says so in its Content-Type
}

// streams says which calls are answered by a stream.
func streams(t agentv1.Call_Type) bool {
	return t == agentv1.Call_ATTACH_CONTAINER_OUTPUT || t == agentv1.Call_LAUNCH_NESTED_CONTAINER_SESSION
}

// chooseForm reads what a client accepts; it answers 406 itself if there is
// nothing. A client that names recordio can read it, and may insist on it.
func chooseForm(w http.ResponseWriter, r *http.Request, call *agentv1.Call) (form, bool) {
	named := httpapi.AcceptsRecordIO(r.Header)
	kind, ok := httpapi.ParseAccept(r.Header).Best()
	switch {
	case named && streams(call.GetType()):
		kind, ok = httpapi.MessageAccept(r.Header).Best()
		if !ok {
			httpapi.Errorf(w, http.StatusNotAcceptable, "Nothing that the Message-Accept header allows can be sent: it must allow %s or %s.", httpapi.JSON, httpapi.Protobuf)
		}
		return form{kind: kind, recordIO: true}, ok
	case ok:
		return form{kind: kind}, true
	case named:
		httpapi.Errorf(w, http.StatusNotAcceptable, "A call of type %s is not answered by a stream: the Accept header must allow %s or %s.", call.GetType(), httpapi.JSON, httpapi.Protobuf)
		return form{}, false
	}
	_, ok = httpapi.ParseAccept(r.Header).Choose(w)
	return form{}, ok
}
