package master

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	"mesos/actors/master/validation"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
	"mesos/registry"
)

// registerAgent admits an agent that has no id yet.
func (m *Master) registerAgent(from actors.UPID, msg *internalpb.RegisterSlaveMessage) {
	m.metrics.RegisterMessages.Inc()
	if a := m.agentAt[from]; a != nil {
		if a.connected && m.lives.Of(a.id) == life.Registered {
			// It repeats itself: our answer is still on its way.
			if total, err := m.checkAgent(msg.GetSlave(), msg.GetVersion(), msg.GetCheckpointedResources()); err == nil {
				m.resourcesTold(a, total, msg.GetResourceVersionUuid())
			}
			m.p.Send(from, m.registeredMessage(a))
			return
		}
		// A program that lost its state started at the old one's address:
		// what ran there before is no longer under any agent.
		m.retireAgent(a, counters.Replaced, "a new agent registered at the same address", func() { m.registerAgent(from, msg) })
		return
	}
	info := msg.GetSlave()
	total, err := m.checkAgent(info, msg.GetVersion(), msg.GetCheckpointedResources())
	if err == nil {
		err = m.downError(from, info)
	}
	if err == nil {
		err = m.conf.Rules.Agent(m.principalOf(from), total)
	}
	if err != nil {
		m.refuseAgent(from, err)
		return
	}
	if pending := m.admitting[from]; pending != nil {
		pending.msg, pending.total = msg, total // it repeats itself: its admission is being written
		return
	}
	id := fmt.Sprintf("%s-S%d", m.conf.ID, m.nextAgent)
	m.nextAgent++
	info.Id = ids.Agent(id)
	m.lives.Must(id, life.Registers)
	pending := &admission{msg, total}
	m.admitting[from] = pending
	m.keep(registry.Admit(info), func(err error) {
		delete(m.admitting, from)
		if err != nil {
			m.lives.Must(id, life.Rejected)
			m.refuseAgent(from, err)
			return
		}
		m.admitted(from, info, pending.total, pending.msg)
	})
}

// admission is the newest that a new agent said of itself while the registry writes.
type admission struct {
	msg   *internalpb.RegisterSlaveMessage
	total resources.Resources
}

// admitted goes on with a new agent whose admission is durable.
func (m *Master) admitted(from actors.UPID, info *v1.AgentInfo, total resources.Resources, msg *internalpb.RegisterSlaveMessage) {
	m.lives.Must(info.GetId().GetValue(), life.Admitted)
	m.metrics.AgentRegistrations.Inc()
	a := m.newAgent(from, info, total, msg.GetVersion(), msg.GetAgentCapabilities())
	a.registered, a.resourceVersion = time.Now(), string(msg.GetResourceVersionUuid().GetValue())
	m.addAgent(a)
	m.p.Send(from, m.registeredMessage(a))
	m.refuseDown(a)
}

// checkAgent validates what an agent says of itself, and returns what it has.
func (m *Master) checkAgent(info *v1.AgentInfo, version string, checkpointed []*v1.Resource) (resources.Resources, error) {
	if err := errors.Join(validation.Agent(info), validation.AgentVersion(version), m.checkDomain(info.GetDomain())); err != nil {
		return resources.Resources{}, err
	}
	total, err := resources.FromProto(info.GetResources())
	if err != nil {
		return resources.Resources{}, fmt.Errorf("slave.resources: %w", err)
	}
	made, err := resources.FromProto(checkpointed)
	if err == nil {
		total, err = total.WithCheckpointed(made)
	}
	if err != nil {
		return resources.Resources{}, fmt.Errorf("checkpointed_resources: %w", err)
	}
	return total, nil
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

// maxAcknowledged bounds how many operations of an agent are remembered that a report from before their
// acknowledgement could bring back.
const maxAcknowledged = 1000

func (m *Master) newAgent(at actors.UPID, info *v1.AgentInfo, total resources.Resources, version string, caps []*v1.AgentInfo_Capability) *agent {
	m.agentRuns++
	a := &agent{
		run: m.agentRuns,
		id:  info.GetId().GetValue(), upid: at, info: info, total: total, version: version, connected: true,
		tasks: map[string]map[string]*task{}, executors: map[string]map[string]*executor{}, offers: map[string]*offer{},
		operations: operations{}, acknowledged: ring[string]{max: maxAcknowledged}, providers: map[string]*provider{}, inverse: map[string]*inverseOffer{},
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
	if !m.offerable(a) {
		m.alloc.DeactivateAgent(a.id)
	}
	m.lookAtWindow(a)
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
	a.eachUse(func(frameworkID string, r resources.Resources) { used[frameworkID] = used[frameworkID].Add(r) })
	return used
}

// eachUse calls f for each task and executor on the agent that holds something.
func (a *agent) eachUse(f func(frameworkID string, r resources.Resources)) {
	for fid, tasks := range ordered.All(a.tasks) {
		for _, t := range ordered.All(tasks) {
			if !t.freed {
				f(fid, t.resources)
			}
		}
	}
	for fid, executors := range ordered.All(a.executors) {
		for _, e := range ordered.All(executors) {
			f(fid, e.resources)
		}
	}
}

// resumeAgent reconnects an agent that the master still knows, and compares
// what both believe to run there.
func (m *Master) resumeAgent(a *agent, from actors.UPID, info *v1.AgentInfo, total resources.Resources, msg *internalpb.ReregisterSlaveMessage) {
	m.metrics.AgentReregistrations.Inc()
	m.unwatch(a, a.upid.Addr)
	delete(m.agentAt, a.upid)
	a.upid, a.connected, a.reregistered, a.missedPings = from, true, time.Now(), 0
	a.info = info
	m.resourcesTold(a, total, msg.GetResourceVersionUuid())
	m.agentAt[from] = a
	m.watch(a, from)
	m.log.Info("agent re-registered", "agent_id", a.id, "pid", from.String(), "tasks", len(msg.GetTasks()))
	missing := m.compare(a, msg)
	m.alloc.UpdateAgent(m.allocatorAgent(a))
	m.activate(a)
	m.lookAtWindow(a)
	a.session++
	m.ping(a, a.session)
	m.afterReregistration(a, missing)
	m.endRemoved(a, msg)
}

// afterReregistration answers with the tasks that the agent must account for,
// and repeats the orders that a lost session may have swallowed.
func (m *Master) afterReregistration(a *agent, missing map[string][]*v1.TaskStatus) {
	answer := &internalpb.SlaveReregisteredMessage{SlaveId: ids.Agent(a.id), Connection: m.connection()}
	for fid, statuses := range ordered.All(missing) {
		answer.Reconciliations = append(answer.Reconciliations, &internalpb.ReconcileTasksMessage{
			FrameworkId: ids.Framework(fid), Framework: m.frameworks[fid].info, Statuses: statuses,
		})
	}
	m.p.Send(a.upid, answer)
	m.repeatDrain(a)
	for fid, tasks := range ordered.All(a.tasks) {
		if f := m.frameworks[fid]; f != nil && f.removed {
			m.send(a, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(fid)})
			continue
		}
		for _, t := range ordered.All(tasks) {
			if t.killWanted && !t.terminal() {
				m.sendKill(a, t)
			}
		}
	}
}

func (m *Master) unregisterAgent(from actors.UPID, msg *internalpb.UnregisterSlaveMessage) {
	m.metrics.UnregisterMessages.Inc()
	a := m.agents[msg.GetSlaveId().GetValue()]
	if a == nil || a.upid != from {
		m.log.Warn("unregistration of an unknown agent", "agent_id", msg.GetSlaveId().GetValue(), "from", from.String())
		return
	}
	m.retireAgent(a, counters.Unregistered, "the agent unregistered", nil)
}
