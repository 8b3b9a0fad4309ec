package master

import (
	"bytes"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/states"
)

// tellFramework sends a status that needs no acknowledgement.
func (m *Master) tellFramework(f *framework, s *v1.TaskStatus) {
	f.send(updateEvent(s))
}

// statusUpdate takes an agent's update, frees what an ended task held and
// forwards the update to the scheduler. The agent repeats it until the
// scheduler's acknowledgement comes back through the master.
func (m *Master) statusUpdate(from actors.UPID, msg *internalpb.StatusUpdateMessage) {
	m.metrics.StatusUpdates.Inc()
	u := msg.GetUpdate()
	a := m.agents[u.GetSlaveId().GetValue()]
	if a == nil || a.upid != from {
		// An agent that is not registered under this id will learn so and register again.
		m.metrics.InvalidUpdates.Inc()
		m.log.Warn("status update of an agent that is not registered", "agent_id", u.GetSlaveId().GetValue(), "from", from.String())
		return
	}
	m.metrics.ValidUpdates.Inc()
	status := u.GetStatus()
	fillStatus(status, u)
	f := m.frameworks[u.GetFrameworkId().GetValue()]
	taskID := status.GetTaskId().GetValue()
	var t *task
	if f != nil {
		t = f.tasks[taskID]
	}
	if t != nil && t.agentID == a.id {
		t.sayPreempted(status)
		m.observe(f, a, t, status, u)
	}
	m.log.Info("status update", "framework_id", u.GetFrameworkId().GetValue(), "agent_id", a.id, "task_id", taskID,
		"state", status.GetState().String(), "reason", reasonOf(status), "message", status.GetMessage())
	switch {
	case f == nil || f.removed:
		// Nobody is left to acknowledge: the master does.
		m.forwardAck(a, u.GetFrameworkId().GetValue(), taskID, u.GetUuid())
		if t != nil && t.terminal() {
			m.removeTask(f, t)
		}
	case f.conn != nil:
		m.tellFramework(f, status)
	}
}

// fillStatus completes a status from the update around it: what schedulers read is the status alone.
func fillStatus(s *v1.TaskStatus, u *internalpb.StatusUpdate) {
	s.Uuid = u.GetUuid()
	s.Timestamp = proto.Float64(u.GetTimestamp())
	s.AgentId = u.GetSlaveId()
	if u.ExecutorId != nil {
		s.ExecutorId = u.ExecutorId
	}
}

func reasonOf(s *v1.TaskStatus) string {
	if s.Reason == nil {
		return ""
	}
	return s.GetReason().String()
}

// observe brings a task up to date with an update from its agent.
func (m *Master) observe(f *framework, a *agent, t *task, status *v1.TaskStatus, u *internalpb.StatusUpdate) {
	latest := status.GetState()
	if u.LatestState != nil {
		latest = u.GetLatestState()
	}
	// An ended task stays ended: a late or repeated update cannot revive it.
	if !t.terminal() {
		t.state = latest
	}
	again := bytes.Equal(t.statusUUID, u.GetUuid()) // the agent repeats what is not acknowledged
	t.statusState, t.statusUUID = status.GetState(), u.GetUuid()
	t.observe(status)
	if !again {
		t.way.told = time.Now()
		m.announceUpdate(t, status)
	}
	if t.terminal() {
		m.free(f, a, t)
	}
}

// free gives the resources of an ended task back, once.
func (m *Master) free(f *framework, a *agent, t *task) {
	if t.freed {
		return
	}
	t.freed = true
	m.ended(f, t.lastStatus())
	m.alloc.Recover(f.id, a.id, t.resources, nil)
}

// acknowledge forwards a scheduler's acknowledgement to the agent and forgets
// a task whose terminal update it acknowledges.
func (m *Master) acknowledge(f *framework, ack *schedulerv1.Call_Acknowledge) {
	agentID, taskID := ack.GetAgentId().GetValue(), ack.GetTaskId().GetValue()
	a := m.agents[agentID]
	if a == nil || !a.connected {
		// The agent repeats the update when it is back; then it is acknowledged again.
		m.log.Debug("acknowledgement for an agent that is away", "framework_id", f.id, "agent_id", agentID, "task_id", taskID)
		m.metrics.InvalidAcks.Inc()
		return
	}
	m.metrics.ValidAcks.Inc()
	m.forwardAck(a, f.id, taskID, ack.GetUuid())
	if t := f.tasks[taskID]; t != nil && t.agentID == agentID && string(t.statusUUID) == string(ack.GetUuid()) {
		m.traceForward(t)
		if states.Terminal(t.statusState) {
			m.removeTask(f, t)
		}
	}
}

func (m *Master) forwardAck(a *agent, frameworkID, taskID string, uuid []byte) {
	m.send(a, &internalpb.StatusUpdateAcknowledgementMessage{
		SlaveId: ids.Agent(a.id), FrameworkId: ids.Framework(frameworkID), TaskId: ids.Task(taskID), Uuid: uuid,
	})
}

// removeTask moves an ended task to its framework's history.
func (m *Master) removeTask(f *framework, t *task) {
	delete(f.tasks, t.id)
	if a := m.agents[t.agentID]; a != nil {
		remove(a.tasks, f.id, t.id)
		m.free(f, a, t)
		m.checkDrained(a)
	}
	f.completed.add(t)
	m.traceEnd(t)
	m.forgetRemoved(f)
}

// exitedExecutor frees what a custom executor held and tells its framework.
func (m *Master) exitedExecutor(from actors.UPID, msg *internalpb.ExitedExecutorMessage) {
	m.metrics.ExitedExecutors.Inc()
	a := m.agents[msg.GetSlaveId().GetValue()]
	if a == nil || a.upid != from {
		return
	}
	fid, eid := msg.GetFrameworkId().GetValue(), msg.GetExecutorId().GetValue()
	f, e := m.frameworks[fid], a.executors[fid][eid]
	if f == nil || e == nil {
		return
	}
	m.log.Info("executor exited", "framework_id", fid, "agent_id", a.id, "executor_id", eid, "status", msg.GetStatus())
	m.removeExecutor(f, a, eid, e)
	f.send(executorLostEvent(a.id, eid, msg.Status))
	m.forgetRemoved(f)
}

func (m *Master) removeExecutor(f *framework, a *agent, id string, e *executor) {
	remove(a.executors, f.id, id)
	remove(f.executors, a.id, id)
	m.alloc.Recover(f.id, a.id, e.resources, nil)
}

// executorMessage carries opaque bytes to the scheduler, at most once.
func (m *Master) executorMessage(from actors.UPID, msg *internalpb.ExecutorToFrameworkMessage) {
	m.metrics.ExecutorToFramework.Inc()
	a := m.agents[msg.GetSlaveId().GetValue()]
	f := m.frameworks[msg.GetFrameworkId().GetValue()]
	if a == nil || a.upid != from || f == nil {
		m.metrics.InvalidToFramework.Inc()
		m.log.Debug("executor message without a receiver", "framework_id", msg.GetFrameworkId().GetValue(), "from", from.String())
		return
	}
	m.metrics.ValidToFramework.Inc()
	f.send(messageEvent(a.id, msg.GetExecutorId().GetValue(), msg.GetData()))
}

// tellAndForget ends a task by the master's own word: its agent is gone or away.
func (m *Master) tellAndForget(f *framework, t *task, state v1.TaskState, reason v1.TaskStatus_Reason, text string, unreachable *v1.TimeInfo) {
	s := masterStatus(t.id, states.For(f.caps.partitionAware, state), reason, text, time.Now())
	s.AgentId = ids.Agent(t.agentID)
	if t.executorID != "" {
		s.ExecutorId = ids.Executor(t.executorID)
	}
	if f.caps.partitionAware {
		s.UnreachableTime = unreachable
	}
	t.state, t.statusState, t.statusUUID = s.GetState(), s.GetState(), nil
	t.observe(s)
	if !t.freed {
		t.freed = true // with its agent
		m.ended(f, s)
	}
	delete(f.tasks, t.id)
	if s.GetState() == v1.TaskState_TASK_UNREACHABLE {
		f.unreachable.add(t)
	} else {
		f.completed.add(t)
	}
	m.traceEnd(t)
	m.tellFramework(f, s)
	m.announceUpdate(t, s)
}

// ended counts a task that ended, by its last status.
func (m *Master) ended(f *framework, s *v1.TaskStatus) {
	m.metrics.Ended(s)
	f.counts.Ended(s.GetState())
}
