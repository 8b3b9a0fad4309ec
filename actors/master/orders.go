package master

import (
	"net/http"

	"mesos/actors/master/validation"
	v1 "mesos/messages/mesos/v1"
	maintenancev1 "mesos/messages/mesos/v1/maintenance"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/registry"
)

// order is a call of an operator that changes something, and is answered when that
// is durable or on its way. It runs on the actor, and calls done once.
type order func(done func(answer))

// orderOf is what a call of a principal asks for, nil for one that changes nothing here.
func (m *Master) orderOf(principal string, c *masterv1.Call) order {
	switch c.GetType() {
	case masterv1.Call_TEARDOWN:
		return func(done func(answer)) { done(m.teardownBy(principal, c.GetTeardown().GetFrameworkId().GetValue())) }
	case masterv1.Call_MARK_AGENT_GONE:
		return func(done func(answer)) { m.markGone(c.GetMarkAgentGone().GetAgentId().GetValue(), done) }
	case masterv1.Call_DRAIN_AGENT:
		config, err := validation.Drain(c.GetDrainAgent())
		return unless(err, func(done func(answer)) { m.drain(c.GetDrainAgent().GetAgentId().GetValue(), config, done) })
	case masterv1.Call_DEACTIVATE_AGENT:
		return func(done func(answer)) { m.deactivate(c.GetDeactivateAgent().GetAgentId().GetValue(), done) }
	case masterv1.Call_REACTIVATE_AGENT:
		return func(done func(answer)) { m.reactivate(c.GetReactivateAgent().GetAgentId().GetValue(), done) }
	case masterv1.Call_UPDATE_MAINTENANCE_SCHEDULE:
		return m.scheduleOrder("update_maintenance_schedule.schedule.", c.GetUpdateMaintenanceSchedule().GetSchedule())
	case masterv1.Call_START_MAINTENANCE:
		return m.machinesOrder("start_maintenance.machines", c.GetStartMaintenance().GetMachines(), m.startMaintenance)
	case masterv1.Call_STOP_MAINTENANCE:
		return m.machinesOrder("stop_maintenance.machines", c.GetStopMaintenance().GetMachines(), m.stopMaintenance)
	case masterv1.Call_UPDATE_WEIGHTS:
		return func(done func(answer)) { m.setWeights(c.GetUpdateWeights().GetWeightInfos(), done) }
	}
	if agentID, op := operationOf(c); op != nil {
		return func(done func(answer)) { m.operateFor(principal, "agent_id", agentID, op, done) }
	}
	return nil
}

// unless is o, or a refusal if there is an error.
func unless(err error, o order) order {
	if err != nil {
		return func(done func(answer)) { done(answer{Code: http.StatusBadRequest, Text: err.Error()}) }
	}
	return o
}

func (m *Master) scheduleOrder(field string, s *maintenancev1.Schedule) order {
	return unless(validation.Schedule(field, s, registry.MachineKey), func(done func(answer)) { m.updateSchedule(s, done) })
}

func (m *Master) machinesOrder(field string, machines []*v1.MachineID, carryOut func([]*v1.MachineID, func(answer))) order {
	return unless(validation.Machines(field, machines, registry.MachineKey), func(done func(answer)) { carryOut(machines, done) })
}
