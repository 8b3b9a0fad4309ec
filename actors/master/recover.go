package master

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// recoverFrom learns frameworks, executors and tasks from an agent that this
// master did not know: it was unreachable, or the master is new.
func (m *Master) recoverFrom(a *agent, msg *internalpb.ReregisterSlaveMessage) {
	for _, info := range msg.GetFrameworks() {
		m.recoverFramework(info)
	}
	for _, info := range msg.GetExecutorInfos() {
		m.recoverExecutor(a, info)
	}
	for _, desc := range msg.GetTasks() {
		m.recoverTask(a, desc)
	}
}

// recoverFramework makes a framework known that only an agent remembers. Its
// scheduler has the time to find this master that an agent has, or its own
// failover timeout if that is longer.
func (m *Master) recoverFramework(info *v1.FrameworkInfo) {
	id := info.GetId().GetValue()
	if id == "" || m.frameworks[id] != nil {
		return
	}
	if m.removedFrameworks[id] {
		m.takeRemoved(proto.CloneOf(info))
		return
	}
	f := m.newFramework(proto.CloneOf(info))
	f.recovered, f.registered = true, time.Now()
	m.frameworks[id] = f
	m.addToAllocator(f, nil)
	timeout := max(time.Duration(info.GetFailoverTimeout()*float64(time.Second)), m.conf.AgentReregisterTimeout)
	m.log.Info("framework recovered from an agent", "framework_id", id, "name", info.GetName(), "failover_timeout", timeout)
	m.keepDeadline(f, timeout)
	m.awaitFailover(f, timeout)
	m.announceFramework(f, false)
}

func (m *Master) recoverExecutor(a *agent, info *v1.ExecutorInfo) {
	f, id := m.frameworks[info.GetFrameworkId().GetValue()], info.GetExecutorId().GetValue()
	if f == nil {
		return
	}
	res, err := resources.FromProto(info.GetResources())
	if err != nil {
		m.log.Error("executor with unusable resources re-registered", "framework_id", f.id, "agent_id", a.id, "executor_id", id, "error", err)
		return
	}
	e := &executor{info: info, resources: res}
	put(a.executors, f.id, id, e)
	put(f.executors, a.id, id, e)
}

// recoverTask takes over a task that the agent runs. A framework that was told
// of its loss for good, as those without PARTITION_AWARE are, gets no task back
// from the dead: it is killed.
func (m *Master) recoverTask(a *agent, desc *v1.Task) {
	f := m.frameworks[desc.GetFrameworkId().GetValue()]
	t, err := recoveredTask(desc)
	if f == nil || err != nil {
		m.log.Error("task that cannot be recovered", "agent_id", a.id, "task_id", desc.GetTaskId().GetValue(), "error", err)
		return
	}
	if t.terminal() && slices.ContainsFunc(f.completed.values, func(c *task) bool { return c.id == t.id && c.agentID == a.id && c.state == t.state }) {
		return // its end was acknowledged; the agent spoke before it heard so
	}
	wasUnreachable := m.away.unreachable[a.id] != nil
	toldLost := wasUnreachable && !f.caps.partitionAware // by this master, or by one before
	f.unreachable.removeFunc(func(u *task) bool { return u.id == t.id })
	if wasUnreachable {
		for _, c := range f.completed.values {
			toldLost = toldLost || c.id == t.id && c.agentID == a.id && c.state == v1.TaskState_TASK_LOST
		}
	}
	t.killWanted = toldLost
	f.tasks[t.id] = t
	put(a.tasks, f.id, t.id, t)
	if t.terminal() {
		t.freed = true // it ended while away; its update is on the way
	}
	if wasUnreachable && !toldLost && !f.removed {
		s := masterStatus(t.id, t.statusState, v1.TaskStatus_REASON_AGENT_REREGISTERED, "the agent of the task is back", time.Now())
		s.AgentId = ids.Agent(a.id)
		m.tellFramework(f, s)
	}
}

// recoverMissing takes back the tasks that were told unreachable with the agent and that it does not report, and returns
// them, by framework: their launch was lost when the agent was, and the agent must say so.
func (m *Master) recoverMissing(a *agent) map[string][]*v1.TaskStatus {
	if m.away.unreachable[a.id] == nil {
		return nil
	}
	missing := map[string][]*v1.TaskStatus{}
	for fid, f := range ordered.All(m.frameworks) {
		for _, t := range f.takeUnreachable(a.id) {
			back := *t // snapshots show the old one
			back.state, back.freed, back.seen = t.stateBefore(v1.TaskState_TASK_UNREACHABLE), false, nil
			f.tasks[t.id] = &back
			put(a.tasks, fid, t.id, &back)
			missing[fid] = append(missing[fid], missingStatus(a, &back))
		}
	}
	return missing
}

// executorVanished tells a framework of an executor that its agent does not
// run any more: it ended while the agent or its word could not reach us.
func (m *Master) executorVanished(f *framework, a *agent, id string, e *executor) {
	m.log.Info("executor vanished", "framework_id", f.id, "agent_id", a.id, "executor_id", id)
	m.removeExecutor(f, a, id, e)
	f.send(executorLostEvent(a.id, id, nil))
}

// compare brings the master's picture of a returning agent in line with the
// agent's own, and returns the tasks, by framework, that the agent does not
// run: its launch was lost with the session, and the agent must say so.
func (m *Master) compare(a *agent, msg *internalpb.ReregisterSlaveMessage) map[string][]*v1.TaskStatus {
	for _, info := range msg.GetFrameworks() {
		m.recoverFramework(info)
	}
	has := map[[2]string]bool{}
	for _, desc := range msg.GetTasks() {
		fid, id := desc.GetFrameworkId().GetValue(), desc.GetTaskId().GetValue()
		has[[2]string{fid, id}] = true
		if t := a.tasks[fid][id]; t == nil {
			m.recoverTask(a, desc)
			if t = a.tasks[fid][id]; t != nil {
				m.announceTask(t)
			}
		} else if s := desc.GetState(); states.Terminal(s) && !t.terminal() {
			t.state = s
			m.free(m.frameworks[fid], a, t)
		} else if !t.terminal() {
			t.state = s
		}
	}
	runs := map[[2]string]bool{}
	for _, info := range msg.GetExecutorInfos() {
		runs[[2]string{info.GetFrameworkId().GetValue(), info.GetExecutorId().GetValue()}] = true
	}
	missing := map[string][]*v1.TaskStatus{}
	var over []*task
	inFlight := map[[2]string]bool{}
	for fid, tasks := range ordered.All(a.tasks) {
		for id, t := range ordered.All(tasks) {
			if has[[2]string{fid, id}] {
				continue
			}
			if t.terminal() {
				// An agent keeps what ended until that is acknowledged, so it was; or the agent was restarted without it,
				// and nobody else can tell.
				over = append(over, t)
				continue
			}
			missing[fid] = append(missing[fid], missingStatus(a, t))
			if t.executorID != "" && t.state == v1.TaskState_TASK_STAGING {
				inFlight[[2]string{fid, t.executorID}] = true
			}
		}
	}
	for _, t := range over {
		f := m.frameworks[t.frameworkID]
		remove(a.tasks, t.frameworkID, t.id)
		m.tellAndForget(f, t, t.state, v1.TaskStatus_REASON_RECONCILIATION, "Reconciliation: latest task state", nil)
		m.forgetRemoved(f)
	}
	for fid, executors := range ordered.All(a.executors) {
		for id, e := range ordered.All(executors) {
			// One whose launch the agent had not seen when it spoke may be there by now: the agent accounts for its task,
			// and for the executor with it.
			if k := [2]string{fid, id}; !runs[k] && !inFlight[k] {
				m.executorVanished(m.frameworks[fid], a, id, e)
			}
		}
	}
	return missing
}

// missingStatus says what the master believes of a task that its agent did not report.
func missingStatus(a *agent, t *task) *v1.TaskStatus {
	s := &v1.TaskStatus{TaskId: ids.Task(t.id), State: t.state.Enum(), AgentId: ids.Agent(a.id)}
	if t.executorID != "" {
		s.ExecutorId = ids.Executor(t.executorID)
	}
	return s
}
