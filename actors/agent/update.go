package agent

import (
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/statusupdate"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/states"
)

// executorUpdate takes a status from an executor: it is kept, and when it is
// durable acknowledged to the executor and forwarded.
func (a *Agent) executorUpdate(e *executor, s *v1.TaskStatus) {
	ack := &executorv1.Event{Type: executorv1.Event_ACKNOWLEDGED.Enum(), Acknowledged: &executorv1.Event_Acknowledged{TaskId: s.TaskId, Uuid: s.Uuid}}
	t := e.tasks[s.GetTaskId().GetValue()]
	if t == nil {
		a.metrics.invalidUpdates.Inc()
		// Its scheduler has the last update of the task; only our
		// acknowledgement did not reach the executor.
		a.log.Info("status update of a task that is over", "framework_id", e.f.id, "task_id", s.GetTaskId().GetValue(), "state", s.GetState().String())
		e.send(ack)
		return
	}
	a.metrics.validUpdates.Inc()
	s = proto.CloneOf(s)
	s.Source = v1.TaskStatus_SOURCE_EXECUTOR.Enum()
	s.AgentId, s.ExecutorId = ids.Agent(a.id), ids.Executor(e.id)
	s.ContainerStatus = a.completeStatus(e, s.ContainerStatus)
	if s.Timestamp == nil {
		s.Timestamp = proto.Float64(seconds(time.Now()))
	}
	a.explainFailure(e, s, func() { a.take(e.f.id, e.f.info, t, s, func() { e.send(ack) }) })
}

// ownUpdate is a status that the agent itself makes, delivered as reliably as
// an executor's. executorID may be "".
func (a *Agent) ownUpdate(frameworkID string, fw *v1.FrameworkInfo, taskID, executorID string, state v1.TaskState, reason v1.TaskStatus_Reason, text string) {
	a.ownLimitedUpdate(frameworkID, fw, taskID, executorID, state, reason, text, nil)
}

// ownLimitedUpdate is ownUpdate of a task that was ended for what it used, if l is not nil.
func (a *Agent) ownLimitedUpdate(frameworkID string, fw *v1.FrameworkInfo, taskID, executorID string, state v1.TaskState, reason v1.TaskStatus_Reason, text string, l *v1.TaskResourceLimitation) {
	s := &v1.TaskStatus{
		Limitation: l,
		TaskId:     ids.Task(taskID), State: states.For(partitionAware(fw), state).Enum(), Reason: reason.Enum(), Message: proto.String(text),
		Source: v1.TaskStatus_SOURCE_AGENT.Enum(), Uuid: a.newUUIDBytes(), Timestamp: proto.Float64(seconds(time.Now())), AgentId: ids.Agent(a.id),
	}
	if executorID != "" {
		s.ExecutorId = ids.Executor(executorID)
	}
	e, t := a.find(frameworkID, taskID)
	if e != nil && e.process.PID != 0 {
		s.ContainerStatus = a.containerStatus(e)
	}
	a.take(frameworkID, fw, t, s, func() {})
}

func partitionAware(fw *v1.FrameworkInfo) bool {
	for _, c := range fw.GetCapabilities() {
		if c.GetType() == v1.FrameworkInfo_Capability_PARTITION_AWARE {
			return true
		}
	}
	return false
}

// take makes a status durable; then it is in its stream, the task is brought up
// to date and then is called. t is nil for tasks that never got here.
func (a *Agent) take(frameworkID string, fw *v1.FrameworkInfo, t *task, s *v1.TaskStatus, then func()) {
	a.explainDrain(s, fw)
	u := &internalpb.StatusUpdate{
		FrameworkId: ids.Framework(frameworkID), ExecutorId: s.ExecutorId, SlaveId: ids.Agent(a.id),
		Status: s, Timestamp: s.Timestamp, Uuid: s.Uuid,
	}
	number, err := a.streams.Accept(u)
	switch {
	case errors.Is(err, statusupdate.ErrDuplicate):
		a.commit(fw, then) // when the first of it is durable
	case err != nil:
		a.log.Warn("status update ignored", "framework_id", frameworkID, "task_id", s.GetTaskId().GetValue(), "error", err)
		then()
	default:
		a.commit(fw, func() {
			a.taken(number, u, t)
			then()
		}, store.PutUpdate(number, u))
	}
}

// taken goes on with an update that is durable.
func (a *Agent) taken(number uint64, u *internalpb.StatusUpdate, t *task) {
	s := u.GetStatus()
	a.log.Info("status update", "framework_id", u.GetFrameworkId().GetValue(), "task_id", s.GetTaskId().GetValue(), "state", s.GetState().String(), "message", s.GetMessage())
	if t != nil {
		t.observe(s)
		a.traceStatus(t, s)
	}
	if states.Terminal(s.GetState()) {
		a.releaseProvided()
		a.metrics.terminal(s.GetState())
		a.shrink(u.GetFrameworkId().GetValue(), s.GetTaskId().GetValue())
	}
	if send := a.streams.Add(number, u); send != nil {
		a.forward(send, 0)
	}
}

func (t *task) observe(s *v1.TaskStatus) {
	t.state = s.GetState()
	t.statuses = append(t.statuses[:len(t.statuses):len(t.statuses)], s)
}

// forward sends an update to the master and again while it stays unacknowledged.
// n counts the sendings so far.
func (a *Agent) forward(u *internalpb.StatusUpdate, n int) {
	if !a.registered {
		return // sent when the agent is registered
	}
	k := statusupdate.Key{FrameworkID: u.GetFrameworkId().GetValue(), TaskID: u.GetStatus().GetTaskId().GetValue()}
	if t := a.findTask(k.FrameworkID, k.TaskID); t != nil {
		t.sentState, t.sentUUID = u.GetStatus().State, u.Uuid
	}
	a.p.Send(a.conf.Master, &internalpb.StatusUpdateMessage{Update: u, Pid: proto.String(a.p.Self().String())})
	a.p.Delay(statusupdate.Backoff(n), func() {
		if h := a.streams.Head(k); h != nil && string(h.GetUuid()) == string(u.GetUuid()) {
			a.log.Info("status update sent again", "framework_id", k.FrameworkID, "task_id", k.TaskID, "state", h.GetStatus().GetState().String())
			a.forward(h, n+1)
		}
	})
}

// acknowledged removes an update that its scheduler has, and sends the next.
func (a *Agent) acknowledged(from actors.UPID, msg *internalpb.StatusUpdateAcknowledgementMessage) {
	if from != a.conf.Master {
		return
	}
	k := statusupdate.Key{FrameworkID: msg.GetFrameworkId().GetValue(), TaskID: msg.GetTaskId().GetValue()}
	head := a.streams.Head(k)
	ack, err := a.streams.Acknowledge(k, msg.GetUuid())
	if err != nil {
		a.log.Debug("acknowledgement ignored", "framework_id", k.FrameworkID, "task_id", k.TaskID, "error", err)
		return
	}
	var fw *v1.FrameworkInfo
	if f := a.frameworks[k.FrameworkID]; f != nil {
		fw = f.info
	}
	a.commit(fw, func() {
		a.traceUpdate(head)
		next, done := a.streams.Acknowledged(k)
		if next != nil {
			a.forward(next, 0)
		}
		if done {
			a.taskOver(k)
		}
	}, acknowledgedRows(k, ack)...)
}

// taskOver forgets a task whose terminal update its scheduler has.
func (a *Agent) taskOver(k statusupdate.Key) {
	e, t := a.find(k.FrameworkID, k.TaskID)
	if t == nil {
		return
	}
	delete(e.tasks, k.TaskID)
	e.completed = append(e.completed, t)
	if n := len(e.completed) - maxCompletedTasks; n > 0 {
		e.completed = append([]*task(nil), e.completed[n:]...)
	}
	a.archive(e)
	a.checkDrained()
}

// maxCompletedTasks bounds the history of one executor.
const maxCompletedTasks = 200

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }
