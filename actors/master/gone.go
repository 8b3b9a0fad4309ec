package master

import (
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/states"
)

// markGone gives an agent up for good by an operator's word: its tasks are
// gone, what still runs there is shut down, and its id never comes back to this
// master. Without a registry the next master does not know of it.
func (m *Master) markGone(id string) answer {
	const why = "an operator marked the agent gone"
	a := m.agents[id]
	switch {
	case m.away.gone[id]:
	case a != nil:
		m.away.gone[id] = true
		m.shutdownAgent(a, why)
		m.removeAgent(a, v1.TaskState_TASK_GONE_BY_OPERATOR, v1.TaskStatus_REASON_AGENT_REMOVED_BY_OPERATOR, why, nil)
	case m.away.unreachable[id] != nil:
		m.away.gone[id] = true
		delete(m.away.unreachable, id)
		m.log.Info("unreachable agent marked gone", "agent_id", id)
		for _, f := range m.frameworks {
			m.unreachableGone(f, id, why)
		}
	default:
		return answer{Code: http.StatusNotFound, Text: fmt.Sprintf("mark_agent_gone.agent_id: agent %.100q is not known", id)}
	}
	return answer{Code: http.StatusOK}
}

// shutdownAgent ends what runs on an agent and the agent itself.
func (m *Master) shutdownAgent(a *agent, why string) {
	on := map[string]struct{}{}
	for fid := range a.tasks {
		on[fid] = struct{}{}
	}
	for fid := range a.executors {
		on[fid] = struct{}{}
	}
	for fid := range on {
		m.send(a, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(fid)})
	}
	m.send(a, &internalpb.ShutdownMessage{Message: proto.String(why)})
}

// unreachableGone ends the tasks of f on an agent that will not come back. A
// framework without PARTITION_AWARE was told of their loss before.
func (m *Master) unreachableGone(f *framework, agentID, why string) {
	var over []*task
	f.unreachable.removeFunc(func(t *task) bool {
		if t.agentID == agentID {
			over = append(over, t)
		}
		return t.agentID == agentID
	})
	for _, old := range over {
		t := *old // the old one stays as snapshots show it
		s := masterStatus(t.id, states.For(f.caps.partitionAware, v1.TaskState_TASK_GONE_BY_OPERATOR), v1.TaskStatus_REASON_AGENT_REMOVED_BY_OPERATOR, "Agent lost: "+why, time.Now())
		s.AgentId = ids.Agent(agentID)
		if t.executorID != "" {
			s.ExecutorId = ids.Executor(t.executorID)
		}
		t.state, t.statusState, t.statusUUID = s.GetState(), s.GetState(), nil
		t.observe(s)
		m.metrics.terminal(s.GetState())
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
	m.removeFramework(f, "an operator asked for its teardown")
	return answer{Code: http.StatusOK}
}
