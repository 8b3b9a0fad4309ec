package master

import (
	"fmt"
	"net/http"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authorization"
	"mesos/actors/httpapi"
	"mesos/actors/operator"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/mesosjson"
)

// status waits for what the master and its allocator know of machines.
func (h *HTTP) status() (*maintenancev1.ClusterStatus, error) {
	m, told := h.master, make(chan *maintenancev1.ClusterStatus, 1)
	if _, err := actors.Call(m.p, func() struct{} {
		m.maintenanceStatus(func(s *maintenancev1.ClusterStatus) { told <- s })
		return struct{}{}
	}); err != nil {
		return nil, err
	}
	select {
	case s := <-told:
		return s, nil
	case <-m.p.Done():
		return nil, actors.ErrStopped
	}
}

// fillMaintenance answers the reads about maintenance; false for other calls.
func (h *HTTP) fillMaintenance(r *http.Request, t masterv1.Call_Type, a *masterv1.Response) (bool, error) {
	switch t {
	case masterv1.Call_GET_MAINTENANCE_STATUS:
		s, err := h.statusFor(r)
		a.Type, a.GetMaintenanceStatus = masterv1.Response_GET_MAINTENANCE_STATUS.Enum(), &masterv1.Response_GetMaintenanceStatus{Status: s}
		return true, err
	case masterv1.Call_GET_MAINTENANCE_SCHEDULE:
		s, err := h.scheduleFor(r)
		a.Type, a.GetMaintenanceSchedule = masterv1.Response_GET_MAINTENANCE_SCHEDULE.Enum(), &masterv1.Response_GetMaintenanceSchedule{Schedule: s}
		return true, err
	}
	return false, nil
}

// routeMaintenance registers the unversioned endpoints about maintenance.
func (h *HTTP) routeMaintenance() {
	h.router.HandleFunc("/maintenance/schedule", func(w http.ResponseWriter, r *http.Request) {
		if !h.leads(w, r, http.MethodGet, http.MethodHead, http.MethodPost) {
			return
		}
		if r.Method != http.MethodPost {
			h.told(w, func() (proto.Message, error) { return h.scheduleFor(r) })
			return
		}
		s := &maintenancev1.Schedule{}
		if h.recovered(w, r) && readJSON(w, r, "%s", s) && h.may(w, r, authorization.UpdateMaintenanceSchedules, "") {
			h.later(w, r, h.master.scheduleOrder("", s))
		}
	})
	h.router.HandleFunc("/maintenance/status", func(w http.ResponseWriter, r *http.Request) {
		if h.leads(w, r, http.MethodGet, http.MethodHead) {
			h.told(w, func() (proto.Message, error) { return h.statusFor(r) })
		}
	})
	h.machines("/machine/down", authorization.StartMaintenances, func(ids []*v1.MachineID) order {
		return h.master.machinesOrder("the list", ids, h.master.startMaintenance)
	})
	h.machines("/machine/up", authorization.StopMaintenances, func(ids []*v1.MachineID) order {
		return h.master.machinesOrder("the list", ids, h.master.stopMaintenance)
	})
}

// machines registers an endpoint that takes a JSON array of machines.
func (h *HTTP) machines(path string, a authorization.Action, of func([]*v1.MachineID) order) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.ready(w, r, http.MethodPost) {
			return
		}
		list := &masterv1.Call_StartMaintenance{}
		if readJSON(w, r, `{"machines":%s}`, list) && h.may(w, r, a, "") {
			h.later(w, r, of(list.Machines))
		}
	})
}

// readJSON reads a body into a message; form says where in its JSON the body stands.
func readJSON(w http.ResponseWriter, r *http.Request, form string, into proto.Message) bool {
	body, ok := httpapi.ReadBody(w, r, maxFormBytes)
	if !ok {
		return false
	}
	if err := mesosjson.Unmarshal(fmt.Appendf(nil, form, body), into); err != nil {
		httpapi.Errorf(w, http.StatusBadRequest, "The body is not what this endpoint takes: %v.", err)
		return false
	}
	return true
}

// told answers with a message as JSON.
func (h *HTTP) told(w http.ResponseWriter, ask func() (proto.Message, error)) {
	msg, err := ask()
	if err != nil {
		operator.WriteError(w, "master", err)
		return
	}
	httpapi.WriteMessage(w, httpapi.JSON, msg)
}
