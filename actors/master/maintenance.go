package master

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/master/counters"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	"mesos/messages/ordered"
	"mesos/registry"
)

// maintenance is which machines are to be, or are, taken down. It mirrors the
// registry, where it is durable.
type maintenance struct {
	schedule *maintenancev1.Schedule // nil if there is none; replaced, never changed
	machines map[string]*v1.MachineInfo
}

func newMaintenance() maintenance { return maintenance{machines: map[string]*v1.MachineInfo{}} }

// recoverMaintenance takes up what an earlier master left.
func (m *Master) recoverMaintenance(s *registry.State) {
	m.maintenance.schedule = s.Schedule()
	for _, machine := range s.Machines() {
		m.maintenance.machines[registry.MachineKey(machine.GetId())] = machine
	}
}

// machineOf is the machine that an agent runs on: its hostname, and the address
// that it registered from.
func (m *Master) machineOf(a *agent) *v1.MachineID { return machineAt(a.upid, a.info) }

func machineAt(at actors.UPID, info *v1.AgentInfo) *v1.MachineID {
	host, _ := splitAddr(at.Addr)
	return &v1.MachineID{Hostname: proto.String(info.GetHostname()), Ip: proto.String(host)}
}

// downError says why an agent may not register, nil if it may: its machine is down.
func (m *Master) downError(at actors.UPID, info *v1.AgentInfo) error {
	id := machineAt(at, info)
	if m.maintenance.machines[registry.MachineKey(id)].GetMode() != v1.MachineInfo_DOWN {
		return nil
	}
	return fmt.Errorf("machine %s (%s) is down for maintenance: end that with STOP_MAINTENANCE, then start the agent again", id.GetHostname(), id.GetIp())
}

// keepMachines lets the registry change machines or schedule. When that is
// durable then is called with those that changed, before done is answered.
func (m *Master) keepMachines(op registry.Operation, then func(changed map[string]bool), done func(answer)) {
	var changes []registry.Change
	m.keep(func(s *registry.State) (_ []registry.Change, err error) {
		changes, err = op(s)
		return changes, err
	}, func(err error) {
		if err != nil {
			code := http.StatusBadRequest
			if errors.Is(err, registry.ErrTooLarge) {
				code = http.StatusRequestEntityTooLarge
			}
			done(answer{Code: code, Text: err.Error()})
			return
		}
		changed := map[string]bool{}
		for _, c := range changes {
			m.machineChanged(c, changed)
		}
		then(changed)
		done(answer{Code: http.StatusOK})
	})
}

func (m *Master) machineChanged(c registry.Change, changed map[string]bool) {
	switch v := c.Value.(type) {
	case *internalpb.Registry_Machine:
		m.maintenance.machines[c.Key] = v.GetInfo()
		changed[c.Key] = true
	case *maintenancev1.Schedule:
		m.maintenance.schedule = v
	default: // deleted
		if c.Table == registry.Schedule {
			m.maintenance.schedule = nil
			return
		}
		delete(m.maintenance.machines, c.Key)
		changed[c.Key] = true
	}
}

// agentsOn are the registered agents of machines, in the order of their ids.
func (m *Master) agentsOn(machines map[string]bool) (out []*agent) {
	for _, a := range m.agents {
		if machines[registry.MachineKey(m.machineOf(a))] {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(x, y *agent) int { return cmp.Compare(x.id, y.id) })
	return out
}

// updateSchedule replaces the maintenance schedule.
func (m *Master) updateSchedule(s *maintenancev1.Schedule, done func(answer)) {
	m.keepMachines(registry.UpdateSchedule(s), func(changed map[string]bool) {
		m.log.Info("maintenance schedule updated", "windows", len(s.GetWindows()), "machines", len(m.maintenance.machines))
		for _, a := range m.agentsOn(changed) {
			m.lookAtWindow(a)
		}
	}, done)
}

// startMaintenance takes machines down. What runs there is ended as far as it can
// be reached; whether it did end is known when the agents are back, until then
// they are unreachable. So a task that was out of reach cannot be told over and
// then be found running.
func (m *Master) startMaintenance(machines []*v1.MachineID, done func(answer)) {
	m.keepMachines(registry.MachinesDown(machines...), func(changed map[string]bool) {
		m.log.Info("machines go down", "machines", len(machines))
		for _, a := range m.agentsOn(changed) {
			m.takeDown(a)
		}
	}, done)
}

// takeDown ends an agent whose machine is down.
func (m *Master) takeDown(a *agent) {
	const why = "its machine is down for maintenance"
	m.shutdownAgent(a, why)
	m.cancelRemoval(a.id)
	m.giveUp(a, counters.Unregistered, why)
}

// refuseDown ends an agent whose machine went down while it registered.
func (m *Master) refuseDown(a *agent) {
	if m.downError(a.upid, a.info) != nil {
		m.takeDown(a)
	}
}

// stopMaintenance brings machines up: their agents may register, and they leave
// the schedule.
func (m *Master) stopMaintenance(machines []*v1.MachineID, done func(answer)) {
	m.keepMachines(registry.MachinesUp(machines...), func(changed map[string]bool) {
		m.log.Info("machines are up", "machines", len(machines))
		for _, a := range m.agentsOn(changed) {
			m.lookAtWindow(a)
		}
	}, done)
}

// lookAtWindow brings what frameworks know of an agent in line with the schedule:
// offers are made anew, with its unavailability, and who holds something of it is
// asked to leave.
func (m *Master) lookAtWindow(a *agent) {
	u := m.maintenance.machines[registry.MachineKey(m.machineOf(a))].GetUnavailability()
	if proto.Equal(u, a.unavailable) {
		return
	}
	a.unavailable = u
	for _, o := range ordered.All(a.offers) {
		m.rescind(o, nil)
	}
	for _, o := range ordered.All(a.inverse) {
		m.rescindInverse(o)
	}
	m.alloc.SetUnavailability(a.id, windowOf(u))
}

// maintenanceStatus tells which machines are draining, with what frameworks said
// to it, and which are down. done is called once, on any goroutine.
func (m *Master) maintenanceStatus(done func(*maintenancev1.ClusterStatus)) {
	status, byKey := &maintenancev1.ClusterStatus{}, map[string]*maintenancev1.ClusterStatus_DrainingMachine{}
	for _, key := range slices.Sorted(maps.Keys(m.maintenance.machines)) {
		machine := m.maintenance.machines[key]
		if machine.GetMode() == v1.MachineInfo_DOWN {
			status.DownMachines = append(status.DownMachines, machine.GetId())
			continue
		}
		byKey[key] = &maintenancev1.ClusterStatus_DrainingMachine{Id: machine.GetId()}
		status.DrainingMachines = append(status.DrainingMachines, byKey[key])
	}
	draining := map[string]bool{}
	for key := range byKey {
		draining[key] = true
	}
	agents := m.agentsOn(draining)
	if len(agents) == 0 {
		done(status)
		return
	}
	for i, a := range agents {
		to := byKey[registry.MachineKey(m.machineOf(a))]
		m.alloc.InverseStatuses(a.id, func(list []allocator.InverseStatus) {
			for _, s := range list {
				to.Statuses = append(to.Statuses, inverseStatusProto(s))
			}
			if i == len(agents)-1 { // the allocator answers in order
				done(status)
			}
		})
	}
}

func (m *Master) scheduleNow() *maintenancev1.Schedule {
	if m.maintenance.schedule == nil {
		return &maintenancev1.Schedule{}
	}
	return m.maintenance.schedule
}

// endAll tells an agent that must not come back to end what it runs, and itself.
func (m *Master) endAll(to actors.UPID, frameworks []*v1.FrameworkInfo, why error) {
	for _, f := range frameworks {
		m.p.Send(to, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(f.GetId().GetValue())})
	}
	m.refuseAgent(to, why)
}
