package master

import (
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/states"
	"mesos/registry"
)

// markGone gives an agent up for good by an operator's word. When that is durable
// its tasks are gone, what still runs there is shut down, and its id never comes
// back. done is told the answer.
func (m *Master) markGone(id string, done func(answer)) {
	switch {
	case m.lives.Of(id) == life.Gone:
		done(answer{Code: http.StatusOK})
	case m.lives.Of(id) == life.Unknown:
		done(answer{Code: http.StatusNotFound, Text: fmt.Sprintf("mark_agent_gone.agent_id: agent %.100q is not known", id)})
	case !m.step(id, life.GivenUp):
		done(answer{Code: http.StatusServiceUnavailable, Text: fmt.Sprintf("mark_agent_gone.agent_id: agent %s is %v: try again", id, m.lives.Of(id))})
	default:
		m.cancelRemoval(id)
		if a := m.agents[id]; a != nil {
			m.hold(a)
		}
		m.keep(registry.MarkGone(id, time.Now()), func(err error) {
			if err != nil { // it was unreachable, and its entry was pruned meanwhile
				m.lives.Must(id, life.Rejected)
				delete(m.away.unreachable, id)
				delete(m.withdrawn, id)
				done(answer{Code: http.StatusNotFound, Text: fmt.Sprintf("mark_agent_gone.agent_id: agent %.100q is not known any more: %v", id, err)})
				return
			}
			m.agentGone(id)
			done(answer{Code: http.StatusOK})
		})
	}
}

// agentGone goes on with an agent whose end is durable.
func (m *Master) agentGone(id string) {
	const why = "an operator marked the agent gone"
	m.lives.Must(id, life.MarkedGone)
	m.away.gone[id] = true
	delete(m.withdrawn, id)
	if a := m.agents[id]; a != nil {
		m.shutdownAgent(a, why)
		m.metrics.Removal(counters.ByOperator)
		m.removeAgent(a, v1.TaskState_TASK_GONE_BY_OPERATOR, v1.TaskStatus_REASON_AGENT_REMOVED_BY_OPERATOR, why, nil)
		return
	}
	m.log.Info("agent marked gone", "agent_id", id)
	delete(m.away.unreachable, id)
	if m.recovering[id] != nil {
		delete(m.recovering, id)
		m.metrics.Removal(counters.ByOperator)
		m.tellAgentLost(id)
	}
	for _, f := range ordered.All(m.frameworks) {
		m.unreachableGone(f, id, why)
	}
}

// shutdownAgent ends what runs on an agent and the agent itself.
func (m *Master) shutdownAgent(a *agent, why string) {
	on := map[string]struct{}{}
	for fid := range ordered.All(a.tasks) {
		on[fid] = struct{}{}
	}
	for fid := range ordered.All(a.executors) {
		on[fid] = struct{}{}
	}
	for fid := range ordered.All(on) {
		m.send(a, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(fid)})
	}
	m.send(a, &internalpb.ShutdownMessage{Message: proto.String(why)})
}

// unreachableGone ends the tasks of f on an agent that will not come back. A
// framework without PARTITION_AWARE was told of their loss before.
func (m *Master) unreachableGone(f *framework, agentID, why string) {
	for _, old := range f.takeUnreachable(agentID) {
		t := *old // the old one stays as snapshots show it
		s := masterStatus(t.id, states.For(f.caps.partitionAware, v1.TaskState_TASK_GONE_BY_OPERATOR), v1.TaskStatus_REASON_AGENT_REMOVED_BY_OPERATOR, "Agent lost: "+why, time.Now())
		s.AgentId = ids.Agent(agentID)
		if t.executorID != "" {
			s.ExecutorId = ids.Executor(t.executorID)
		}
		t.state, t.statusState, t.statusUUID = s.GetState(), s.GetState(), nil
		t.observe(s)
		m.ended(f, s)
		f.completed.add(&t)
		m.tellFramework(f, s)
		m.announceUpdate(&t, s)
	}
}

// teardown removes a framework by an operator's word.
func (m *Master) teardown(id string) answer {
	f := m.frameworks[id]
	if f == nil || f.removed {
		return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("framework_id: no framework %.100q is registered", id)}
	}
	const why = "an operator asked for its teardown"
	if link, ok := f.conn.(linkConn); ok {
		link.Send(errorEvent("framework has been removed: " + why)) // no stream ends by which it would see that
	}
	m.removeFramework(f, why)
	return answer{Code: http.StatusOK}
}
