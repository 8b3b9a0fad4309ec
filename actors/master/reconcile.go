package master

import (
	"slices"
	"strings"
	"time"

	"mesos/actors/master/life"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
	"mesos/messages/states"
)

// reconcile tells a scheduler what is known of its tasks: of all (an empty
// list), or of each that it names.
func (m *Master) reconcile(f *framework, tasks []*schedulerv1.Call_Reconcile_Task) {
	now := time.Now()
	if len(tasks) == 0 {
		for _, t := range ordered.All(f.tasks) {
			m.tellKnown(f, t, now)
		}
		for _, t := range f.unreachable.values {
			m.tellKnown(f, t, now)
		}
		return
	}
	for _, t := range tasks {
		m.reconcileOne(f, t.GetTaskId().GetValue(), t.GetAgentId().GetValue(), now)
	}
}

// reconcileOne answers for one task id. agentID may be empty.
func (m *Master) reconcileOne(f *framework, taskID, agentID string, now time.Time) {
	if t := m.findTask(f, taskID, agentID); t != nil {
		m.tellKnown(f, t, now)
		return
	}
	if m.mayReturn(f, agentID, now) {
		return // silence: the agent that runs it may still register again
	}
	answer := unknownTask(agentID, m.agents[agentID] != nil, m.away.unreachable[agentID], m.away.gone[agentID])
	s := masterStatus(taskID, states.For(f.caps.partitionAware, answer.state), v1.TaskStatus_REASON_RECONCILIATION, answer.text, now)
	if agentID != "" {
		s.AgentId = ids.Agent(agentID)
	}
	if f.caps.partitionAware {
		s.UnreachableTime = answer.since
	}
	m.tellFramework(f, s)
}

// findTask looks a task up among the live ones and in the framework's history:
// an outcome that is remembered is told rather than guessed.
func (m *Master) findTask(f *framework, taskID, agentID string) *task {
	if t := f.tasks[taskID]; t != nil {
		return t
	}
	for _, past := range [][]*task{f.unreachable.values, f.completed.values} {
		for _, t := range slices.Backward(past) {
			if t.id == taskID && (agentID == "" || t.agentID == agentID) {
				return t
			}
		}
	}
	return nil
}

// mayReturn says that a task may run on an agent that registered with an
// earlier master and has not had the time to register with this one.
func (m *Master) mayReturn(f *framework, agentID string, now time.Time) bool {
	if agentID != "" && m.lives.Of(agentID) != life.Unknown {
		return m.recovering[agentID] != nil
	}
	if agentID == "" && len(m.recovering) > 0 {
		return true
	}
	// A registry that was empty does not know whom an earlier master admitted.
	if !m.fresh || now.Sub(m.start) >= m.conf.AgentReregisterTimeout {
		return false
	}
	if agentID == "" {
		return !strings.HasPrefix(f.id, m.conf.ID)
	}
	return !strings.HasPrefix(agentID, m.conf.ID)
}

func (m *Master) tellKnown(f *framework, t *task, now time.Time) {
	s := masterStatus(t.id, t.statusState, v1.TaskStatus_REASON_RECONCILIATION, "Reconciliation: latest task state", now)
	s.AgentId = ids.Agent(t.agentID)
	if t.executorID != "" {
		s.ExecutorId = ids.Executor(t.executorID)
	}
	if n := len(t.statuses); n > 0 {
		s.Healthy, s.ContainerStatus, s.CheckStatus = t.statuses[n-1].Healthy, t.statuses[n-1].ContainerStatus, t.statuses[n-1].CheckStatus
		s.ExecutorId = t.statuses[n-1].ExecutorId
	}
	if t.statusState == v1.TaskState_TASK_UNREACHABLE {
		s.UnreachableTime = m.away.unreachable[t.agentID]
	}
	m.tellFramework(f, s)
}

// verdict is what is told of a task that is not known.
type verdict struct {
	state v1.TaskState
	text  string
	since *v1.TimeInfo
}

// unknownTask says what is true of a task that the master does not know, by
// what it knows of the agent that the scheduler named.
func unknownTask(agentID string, registered bool, unreachable *v1.TimeInfo, gone bool) verdict {
	switch {
	case registered:
		return verdict{v1.TaskState_TASK_GONE, "Reconciliation: the agent is registered and does not run the task", nil}
	case unreachable != nil:
		return verdict{v1.TaskState_TASK_UNREACHABLE, "Reconciliation: the agent is unreachable", unreachable}
	case gone:
		return verdict{v1.TaskState_TASK_GONE_BY_OPERATOR, "Reconciliation: the agent was marked gone by an operator", nil}
	case agentID == "":
		return verdict{v1.TaskState_TASK_UNKNOWN, "Reconciliation: the task is unknown", nil}
	}
	return verdict{v1.TaskState_TASK_UNKNOWN, "Reconciliation: the task and its agent are unknown", nil}
}
