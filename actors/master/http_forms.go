package master

import (
	"fmt"
	"net/http"
	"net/url"

	"mesos/actors/allocator"
	"mesos/actors/authentication"
	"mesos/actors/httpapi"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// orderForm serves an order that comes as a POSTed form; field is the one that it must have, by the principal who sends it.
func (h *HTTP) orderForm(path, field string, carryOut func(by, id string, form url.Values) answer) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.ready(w, r, http.MethodPost) {
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		id := r.PostFormValue(field)
		if id == "" {
			httpapi.Errorf(w, http.StatusBadRequest, "The form field %s is missing.", field)
			return
		}
		h.command(w, func() answer { return carryOut(authentication.Principal(r.Context()), id, r.PostForm) })
	})
}

// routeForms registers the orders that are forms. All but /teardown are ours, not
// Mesos's: an operator may kill any task, whichever framework launched it, and take
// an offer back that its framework does not answer, so that others get what it
// holds. /tasks/kill wants a frameworkId where a task id is used by several. Rules let
// those do so who may tear the framework down.
func (h *HTTP) routeForms() {
	h.orderForm("/teardown", "frameworkId", func(by, id string, _ url.Values) answer { return h.master.teardownBy(by, id) })
	h.orderForm("/tasks/kill", "taskId", func(by, id string, form url.Values) answer {
		return h.master.operatorKill(by, form.Get("frameworkId"), id)
	})
	h.orderForm("/offers/rescind", "offerId", func(by, id string, _ url.Values) answer { return h.master.operatorRescind(by, id) })
}

func (m *Master) operatorKill(by, frameworkID, taskID string) answer {
	var found []*framework
	for _, f := range m.frameworks {
		if t := f.tasks[taskID]; t != nil && !t.terminal() && (frameworkID == "" || f.id == frameworkID) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 0:
		return answer{Code: http.StatusNotFound, Text: fmt.Sprintf("taskId: no live task %.100q is known", taskID)}
	case 1:
		if denied := m.mayEnd(by, found[0]); denied != nil {
			return forbidden(denied)
		}
		m.kill(found[0], &schedulerv1.Call_Kill{TaskId: found[0].tasks[taskID].desc.TaskId})
		return accepted
	}
	return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("taskId: %d frameworks have a task %.100q: name one by frameworkId", len(found), taskID)}
}

// rescindSeconds is how long a framework is not offered again what an operator took from it.
const rescindSeconds = 30

func (m *Master) operatorRescind(by, id string) answer {
	if o := m.offers[id]; o != nil {
		if denied := m.mayEnd(by, m.frameworks[o.frameworkID]); denied != nil {
			return forbidden(denied)
		}
		m.log.Info("offer rescinded by an operator", "framework_id", o.frameworkID, "agent_id", o.agentID, "offer_id", o.id)
		m.rescind(o, &allocator.Refuse{Seconds: rescindSeconds})
		return accepted
	}
	if o := m.inverse[id]; o != nil {
		return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("offerId: %.100s is an inverse offer: change the maintenance schedule to take it back", id)}
	}
	return answer{Code: http.StatusNotFound, Text: fmt.Sprintf("offerId: no outstanding offer %.100q is known: it was answered or taken back", id)}
}
