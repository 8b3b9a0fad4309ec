package master

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/registry"
)

// awayAgents are the agents that left: those that may come back and those that may
// not. It mirrors the registry, where both are durable, and is pruned with it.
type awayAgents struct {
	unreachable map[string]*v1.TimeInfo // since when
	gone        map[string]bool
}

func newAwayAgents() awayAgents {
	return awayAgents{unreachable: map[string]*v1.TimeInfo{}, gone: map[string]bool{}}
}

// step takes an agent on its way, or says that it cannot go there now.
func (m *Master) step(id string, t life.Turn) bool {
	ok := m.lives.Step(id, t)
	if !ok {
		m.log.Debug("no step in an agent's life", "agent_id", id, "state", m.lives.Of(id).String(), "event", t.String())
	}
	return ok
}

// ping asks an agent for a sign of life every AgentPingTimeout, connected or
// not: a disconnected one that can be reached learns to register again.
func (m *Master) ping(a *agent, session int) {
	if m.agents[a.id] != a || a.session != session || m.lives.Of(a.id) != life.Registered {
		return
	}
	if a.missedPings >= m.conf.MaxAgentPingTimeouts {
		m.scheduleRemoval(a.id, func() { m.markUnreachable(a) })
	}
	if m.lives.Of(a.id) != life.Registered {
		return
	}
	a.missedPings++
	m.p.Send(a.upid, &internalpb.PingSlaveMessage{Connected: proto.Bool(a.connected)})
	a.cancelPing = m.p.Delay(m.conf.AgentPingTimeout, func() { m.ping(a, session) })
}

func (m *Master) pong(from actors.UPID, _ *internalpb.PongSlaveMessage) {
	if a := m.agentAt[from]; a != nil {
		a.missedPings = 0
		m.cancelRemoval(a.id)
	}
}

// disconnectAgent stops offering an agent whose session ended. Its tasks are
// presumed to run on; pings decide how long.
func (m *Master) disconnectAgent(a *agent, why string) {
	if !a.connected {
		return
	}
	a.connected = false
	m.log.Info("agent disconnected", "agent_id", a.id, "pid", a.upid.String(), "reason", why)
	m.alloc.DeactivateAgent(a.id)
	for _, o := range ordered.All(a.offers) {
		m.rescind(o, nil)
	}
}

// hold takes an agent off the offers while the registry writes what becomes of it.
func (m *Master) hold(a *agent) {
	m.alloc.DeactivateAgent(a.id)
	for _, o := range ordered.All(a.offers) {
		m.rescind(o, nil)
	}
}

// markUnreachable gives up on an agent that is silent.
func (m *Master) markUnreachable(a *agent) {
	m.giveUp(a, counters.Unhealthy, "the agent did not answer its pings")
}

// giveUp marks an agent unreachable: when that is durable its tasks are told
// unreachable, and it may come back with them.
func (m *Master) giveUp(a *agent, counted counters.RemovalReason, why string) {
	if m.agents[a.id] != a || !m.step(a.id, life.Lost) {
		return
	}
	m.hold(a)
	now := time.Now()
	m.keep(registry.MarkUnreachable(a.id, now), m.kept("mark unreachable", func() {
		m.lives.Must(a.id, life.MarkedUnreachable)
		since := &v1.TimeInfo{Nanoseconds: proto.Int64(now.UnixNano())}
		m.away.unreachable[a.id] = since
		m.metrics.AgentsUnreachable.Inc()
		m.metrics.Removal(counted)
		m.removeAgent(a, v1.TaskState_TASK_UNREACHABLE, v1.TaskStatus_REASON_AGENT_REMOVED, why, since)
	}))
}

// retireAgent forgets an agent that is not there any more; then runs when that is
// durable. An agent of which the registry writes something else stays; whoever
// wanted it to go asks again.
func (m *Master) retireAgent(a *agent, counted counters.RemovalReason, why string, then func()) {
	if !m.step(a.id, life.Leaves) {
		return
	}
	m.cancelRemoval(a.id)
	m.hold(a)
	m.keep(registry.Remove(a.id), m.kept("remove", func() {
		m.lives.Must(a.id, life.Removed)
		delete(m.withdrawn, a.id)
		m.metrics.Removal(counted)
		m.removeAgent(a, v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_REMOVED, why, nil)
		if then != nil {
			then()
		}
	}))
}

// removeAgent forgets an agent and ends its tasks in the given state.
func (m *Master) removeAgent(a *agent, state v1.TaskState, reason v1.TaskStatus_Reason, why string, since *v1.TimeInfo) {
	m.log.Info("agent removed", "agent_id", a.id, "pid", a.upid.String(), "reason", why)
	for _, o := range ordered.All(a.offers) {
		m.rescind(o, nil)
	}
	for _, o := range ordered.All(a.inverse) {
		m.rescindInverse(o)
	}
	if a.cancelPing != nil {
		a.cancelPing()
	}
	m.operationsLost(a, state)
	m.unwatch(a, a.upid.Addr)
	delete(m.agents, a.id)
	if m.agentAt[a.upid] == a {
		delete(m.agentAt, a.upid)
	}
	// Allocations go with the agent, before anything of it could be given back twice.
	m.alloc.RemoveAgent(a.id)
	concerned := map[string]*framework{}
	for fid, tasks := range ordered.All(a.tasks) {
		f := m.frameworks[fid]
		concerned[fid] = f
		for _, t := range ordered.All(tasks) {
			if t.terminal() {
				// Its own update may not have arrived: the master says the outcome it knows.
				m.tellAndForget(f, t, t.state, reason, "The task ended before its agent was lost: "+why, nil)
				continue
			}
			m.tellAndForget(f, t, state, reason, "Agent lost: "+why, since)
		}
	}
	for fid := range ordered.All(a.executors) {
		f := m.frameworks[fid]
		concerned[fid] = f
		delete(f.executors, a.id)
	}
	m.tellAgentLost(a.id)
	for _, f := range ordered.All(concerned) {
		m.forgetRemoved(f)
	}
	m.announceAgentRemoved(a.id)
}

func (m *Master) tellAgentLost(id string) {
	for _, f := range ordered.All(m.frameworks) {
		if f.conn != nil {
			f.send(agentLostEvent(id))
		}
	}
}
