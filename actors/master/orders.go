package master

import (
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/httpapi"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/mesosjson"
	"mesos/registry"
)

// order is a call of an operator that is answered when it is durable. It runs on the actor.
type order func(done func(answer))

// orderOf is what a call about the availability of agents and machines asks for,
// nil for other calls.
func (m *Master) orderOf(c *masterv1.Call) order {
	switch c.GetType() {
	case masterv1.Call_DRAIN_AGENT:
		return m.drainOrder(c.GetDrainAgent())
	case masterv1.Call_DEACTIVATE_AGENT:
		return func(done func(answer)) { m.deactivate(c.GetDeactivateAgent().GetAgentId().GetValue(), done) }
	case masterv1.Call_REACTIVATE_AGENT:
		return func(done func(answer)) { m.reactivate(c.GetReactivateAgent().GetAgentId().GetValue(), done) }
	case masterv1.Call_UPDATE_MAINTENANCE_SCHEDULE:
		return m.scheduleOrder("update_maintenance_schedule.schedule.", c.GetUpdateMaintenanceSchedule().GetSchedule())
	case masterv1.Call_START_MAINTENANCE:
		return machinesOrder("start_maintenance.machines", c.GetStartMaintenance().GetMachines(), m.startMaintenance)
	case masterv1.Call_STOP_MAINTENANCE:
		return machinesOrder("stop_maintenance.machines", c.GetStopMaintenance().GetMachines(), m.stopMaintenance)
	}
	return nil
}

// orderPart is the part that such a call must have, "" for other calls.
func orderPart(c *masterv1.Call) (field string, there bool) {
	switch c.GetType() {
	case masterv1.Call_DRAIN_AGENT:
		return "drain_agent", c.DrainAgent != nil
	case masterv1.Call_DEACTIVATE_AGENT:
		return "deactivate_agent", c.DeactivateAgent != nil
	case masterv1.Call_REACTIVATE_AGENT:
		return "reactivate_agent", c.ReactivateAgent != nil
	case masterv1.Call_UPDATE_MAINTENANCE_SCHEDULE:
		return "update_maintenance_schedule", c.UpdateMaintenanceSchedule != nil
	case masterv1.Call_START_MAINTENANCE:
		return "start_maintenance", c.StartMaintenance != nil
	case masterv1.Call_STOP_MAINTENANCE:
		return "stop_maintenance", c.StopMaintenance != nil
	}
	return "", true
}

func refused(format string, args ...any) order {
	return func(done func(answer)) {
		done(answer{Code: http.StatusBadRequest, Text: fmt.Sprintf(format, args...)})
	}
}

func (m *Master) drainOrder(d *masterv1.Call_DrainAgent) order {
	config := &v1.DrainConfig{MarkGone: proto.Bool(d.GetMarkGone())}
	if g := d.GetMaxGracePeriod(); g != nil {
		if err := g.CheckValid(); err != nil || g.AsDuration() < 0 {
			return refused("drain_agent.max_grace_period of %ds %dns is no time to wait: it must be from 0 on", g.GetSeconds(), g.GetNanos())
		}
		config.MaxGracePeriod = &v1.DurationInfo{Nanoseconds: proto.Int64(int64(g.AsDuration()))}
	}
	return func(done func(answer)) { m.drain(d.GetAgentId().GetValue(), config, done) }
}

// scheduleOrder checks a schedule: each window has machines, no machine is named
// twice, and no unavailability ends before it begins.
func (m *Master) scheduleOrder(field string, s *maintenancev1.Schedule) order {
	var all []*v1.MachineID
	for i, w := range s.GetWindows() {
		at := fmt.Sprintf("%swindows[%d]", field, i)
		if len(w.GetMachineIds()) == 0 {
			return refused("%s.machine_ids is empty: a window is of one machine at least", at)
		}
		if d := w.GetUnavailability().GetDuration(); d.GetNanoseconds() < 0 {
			return refused("%s.unavailability.duration of %v is negative", at, time.Duration(d.GetNanoseconds()))
		}
		all = append(all, w.GetMachineIds()...)
	}
	if why := checkMachines(all); why != "" {
		return refused("%swindows: %s", field, why)
	}
	return func(done func(answer)) { m.updateSchedule(s, done) }
}

func machinesOrder(field string, machines []*v1.MachineID, carryOut func([]*v1.MachineID, func(answer))) order {
	if len(machines) == 0 {
		return refused("%s is empty: name one machine at least", field)
	}
	if why := checkMachines(machines); why != "" {
		return refused("%s: %s", field, why)
	}
	return func(done func(answer)) { carryOut(machines, done) }
}

// checkMachines says what is wrong with names of machines, "" if nothing is.
func checkMachines(machines []*v1.MachineID) string {
	seen := map[string]bool{}
	for _, id := range machines {
		name := fmt.Sprintf("machine %.100q (%.100s)", id.GetHostname(), id.GetIp())
		switch _, err := netip.ParseAddr(id.GetIp()); {
		case id.GetHostname() == "" && id.GetIp() == "":
			return "a machine has neither hostname nor ip: both are those that its agent registers with"
		case id.GetIp() != "" && err != nil:
			return fmt.Sprintf("%s: the ip is no IP address", name)
		case seen[registry.MachineKey(id)]:
			return name + " is named twice"
		}
		seen[registry.MachineKey(id)] = true
	}
	return ""
}

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
func (h *HTTP) fillMaintenance(t masterv1.Call_Type, a *masterv1.Response) (bool, error) {
	switch t {
	case masterv1.Call_GET_MAINTENANCE_STATUS:
		s, err := h.status()
		a.Type, a.GetMaintenanceStatus = masterv1.Response_GET_MAINTENANCE_STATUS.Enum(), &masterv1.Response_GetMaintenanceStatus{Status: s}
		return true, err
	case masterv1.Call_GET_MAINTENANCE_SCHEDULE:
		s, err := actors.Call(h.master.p, h.master.scheduleNow)
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
			h.told(w, func() (proto.Message, error) { return actors.Call(h.master.p, h.master.scheduleNow) })
			return
		}
		s := &maintenancev1.Schedule{}
		if h.recovered(w, r) && readJSON(w, r, "%s", s) {
			h.later(w, r, h.master.scheduleOrder("", s))
		}
	})
	h.router.HandleFunc("/maintenance/status", func(w http.ResponseWriter, r *http.Request) {
		if h.leads(w, r, http.MethodGet, http.MethodHead) {
			h.told(w, func() (proto.Message, error) { return h.status() })
		}
	})
	h.machines("/machine/down", func(ids []*v1.MachineID) order { return machinesOrder("the list", ids, h.master.startMaintenance) })
	h.machines("/machine/up", func(ids []*v1.MachineID) order { return machinesOrder("the list", ids, h.master.stopMaintenance) })
}

// machines registers an endpoint that takes a JSON array of machines.
func (h *HTTP) machines(path string, of func([]*v1.MachineID) order) {
	h.router.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		if !h.ready(w, r, http.MethodPost) {
			return
		}
		list := &masterv1.Call_StartMaintenance{}
		if readJSON(w, r, `{"machines":%s}`, list) {
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
		reply(w, answer{}, err)
		return
	}
	httpapi.WriteMessage(w, httpapi.JSON, msg)
}
