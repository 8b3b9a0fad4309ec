package master

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/master/validation"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// registerAgent admits an agent that has no id yet.
func (m *Master) registerAgent(from actors.UPID, msg *internalpb.RegisterSlaveMessage) {
	if a := m.agentAt[from]; a != nil {
		if a.connected {
			// It repeats itself: our answer is still on its way.
			m.p.Send(from, m.registeredMessage(a))
			return
		}
		// A program that lost its state started at the old one's address:
		// what ran there before is no longer under any agent.
		m.removeAgent(a, v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_REMOVED, "a new agent registered at the same address", nil)
	}
	info, total, err := m.checkAgent(msg.GetSlave())
	if err != nil {
		m.refuseAgent(from, err)
		return
	}
	info.Id = ids.Agent(fmt.Sprintf("%s-S%d", m.conf.ID, m.nextAgent))
	m.nextAgent++
	a := m.newAgent(from, info, total, msg.GetVersion(), msg.GetAgentCapabilities())
	a.registered = time.Now()
	m.addAgent(a)
	m.p.Send(from, m.registeredMessage(a))
}

// checkAgent validates what an agent says of itself.
func (m *Master) checkAgent(info *v1.AgentInfo) (*v1.AgentInfo, resources.Resources, error) {
	if err := validation.Agent(info); err != nil {
		return nil, resources.Resources{}, err
	}
	total, err := resources.FromProto(info.GetResources())
	if err != nil {
		return nil, resources.Resources{}, fmt.Errorf("slave.resources: %w", err)
	}
	return proto.CloneOf(info), total, nil
}

// refuseAgent tells an agent to stop: what it offers cannot be used.
func (m *Master) refuseAgent(to actors.UPID, why error) {
	m.log.Warn("agent refused", "pid", to.String(), "error", why)
	m.p.Send(to, &internalpb.ShutdownMessage{Message: proto.String(why.Error())})
}

func (m *Master) registeredMessage(a *agent) *internalpb.SlaveRegisteredMessage {
	return &internalpb.SlaveRegisteredMessage{SlaveId: ids.Agent(a.id), Connection: m.connection()}
}

func (m *Master) connection() *internalpb.MasterSlaveConnection {
	return &internalpb.MasterSlaveConnection{TotalPingTimeoutSeconds: proto.Float64((m.conf.AgentPingTimeout * time.Duration(m.conf.MaxAgentPingTimeouts)).Seconds())}
}

func (m *Master) newAgent(at actors.UPID, info *v1.AgentInfo, total resources.Resources, version string, caps []*v1.AgentInfo_Capability) *agent {
	m.agentRuns++
	a := &agent{
		run: m.agentRuns,
		id:  info.GetId().GetValue(), upid: at, info: info, total: total, version: version, connected: true,
		tasks: map[string]map[string]*task{}, executors: map[string]map[string]*executor{}, offers: map[string]*offer{},
	}
	for _, c := range caps {
		a.capabilities = append(a.capabilities, c.GetType())
	}
	return a
}

// addAgent makes an agent known, with what already runs on it.
func (m *Master) addAgent(a *agent) {
	delete(m.away.unreachable, a.id)
	m.agents[a.id] = a
	m.agentAt[a.upid] = a
	m.watch(a, a.upid)
	m.alloc.AddAgent(m.allocatorAgent(a), a.used())
	m.ping(a, a.session)
	m.announceAgent(a)
	m.log.Info("agent registered", "agent_id", a.id, "pid", a.upid.String(), "hostname", a.info.GetHostname(), "resources", a.total.String())
}

func (m *Master) allocatorAgent(a *agent) allocator.Agent {
	return allocator.Agent{
		ID: a.id, Run: a.run, Hostname: a.info.GetHostname(), Total: a.total, Attributes: a.info.GetAttributes(),
		Domain: a.info.GetDomain(), Remote: m.remote(a.info.GetDomain()),
	}
}

// used returns what tasks and executors on the agent hold, by framework.
func (a *agent) used() map[string]resources.Resources {
	used := map[string]resources.Resources{}
	for fid, tasks := range a.tasks {
		for _, t := range tasks {
			if !t.freed {
				used[fid] = used[fid].Add(t.resources)
			}
		}
	}
	for fid, executors := range a.executors {
		for _, e := range executors {
			used[fid] = used[fid].Add(e.resources)
		}
	}
	return used
}

// reregisterAgent takes back an agent that has an id: after a lost session,
// after this master started, or after it was unreachable.
func (m *Master) reregisterAgent(from actors.UPID, msg *internalpb.ReregisterSlaveMessage) {
	id := msg.GetSlave().GetId().GetValue()
	if err := ids.Check("slave.id", id); err != nil {
		m.refuseAgent(from, err)
		return
	}
	if m.away.gone[id] {
		m.refuseAgent(from, fmt.Errorf("agent %s was marked gone and cannot come back: start it with an empty work_dir", id))
		return
	}
	info, total, err := m.checkAgent(msg.GetSlave())
	if err != nil {
		m.refuseAgent(from, err)
		return
	}
	if other := m.agentAt[from]; other != nil && other.id != id {
		m.removeAgent(other, v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_REMOVED, "another agent registered at the same address", nil)
	}
	if a := m.agents[id]; a != nil {
		m.resumeAgent(a, from, info, total, msg)
		return
	}
	a := m.newAgent(from, info, total, msg.GetVersion(), msg.GetAgentCapabilities())
	a.registered, a.reregistered = time.Now(), time.Now()
	m.recoverFrom(a, msg)
	m.addAgent(a)
	m.afterReregistration(a, nil)
}

// resumeAgent reconnects an agent that the master still knows, and compares
// what both believe to run there.
func (m *Master) resumeAgent(a *agent, from actors.UPID, info *v1.AgentInfo, total resources.Resources, msg *internalpb.ReregisterSlaveMessage) {
	m.unwatch(a, a.upid.Addr)
	delete(m.agentAt, a.upid)
	a.upid, a.connected, a.reregistered, a.missedPings = from, true, time.Now(), 0
	a.info, a.total = info, total
	m.agentAt[from] = a
	m.watch(a, from)
	m.log.Info("agent re-registered", "agent_id", a.id, "pid", from.String(), "tasks", len(msg.GetTasks()))
	missing := m.compare(a, msg)
	m.alloc.UpdateAgent(m.allocatorAgent(a))
	m.alloc.ActivateAgent(a.id)
	a.session++
	m.ping(a, a.session)
	m.afterReregistration(a, missing)
}

// afterReregistration answers with the tasks that the agent must account for,
// and repeats the orders that a lost session may have swallowed.
func (m *Master) afterReregistration(a *agent, missing map[string][]*v1.TaskStatus) {
	answer := &internalpb.SlaveReregisteredMessage{SlaveId: ids.Agent(a.id), Connection: m.connection()}
	for fid, statuses := range missing {
		answer.Reconciliations = append(answer.Reconciliations, &internalpb.ReconcileTasksMessage{
			FrameworkId: ids.Framework(fid), Framework: m.frameworks[fid].info, Statuses: statuses,
		})
	}
	m.p.Send(a.upid, answer)
	for fid, tasks := range a.tasks {
		if f := m.frameworks[fid]; f != nil && f.removed {
			m.send(a, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(fid)})
			continue
		}
		for _, t := range tasks {
			if t.killWanted && !t.terminal() {
				m.sendKill(a, t)
			}
		}
	}
}

func (m *Master) unregisterAgent(from actors.UPID, msg *internalpb.UnregisterSlaveMessage) {
	a := m.agents[msg.GetSlaveId().GetValue()]
	if a == nil || a.upid != from {
		m.log.Warn("unregistration of an unknown agent", "agent_id", msg.GetSlaveId().GetValue(), "from", from.String())
		return
	}
	m.removeAgent(a, v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_REMOVED, "the agent unregistered", nil)
}
