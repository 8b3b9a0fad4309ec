package agent

import (
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
)

// executorCall serves executors that are actors, and show nothing.
func (a *Agent) executorCall(from actors.UPID, call *executorv1.Call) { a.linkCall(from, call, "") }

// linkCall serves executors that are actors. One that this agent does not
// know belongs to an agent that died here: it must not run on unseen.
func (a *Agent) linkCall(from actors.UPID, call *executorv1.Call, token string) {
	conn := linkConn{a.p, from}
	if call.GetType() == executorv1.Call_SUBSCRIBE {
		a.p.Link(from)
		prove := func(e *executor) answer { return a.unproven(e, token) }
		if ans := a.subscribe(call, conn, prove); ans.Code != http.StatusOK {
			a.log.Warn("executor refused", "framework_id", call.GetFrameworkId().GetValue(), "executor_id", call.GetExecutorId().GetValue(), "from", from.String(), "error", ans.Text)
			conn.Send(refusalEvent(ans))
		}
		return
	}
	e, ans := a.subscriber(call)
	if e != nil {
		ans = a.unproven(e, token)
	}
	if e == nil || e.conn != executorConn(conn) || ans.Code != http.StatusOK {
		a.log.Warn("call of an executor that is not subscribed", "executor_id", call.GetExecutorId().GetValue(), "from", from.String(), "error", ans.Text)
		return
	}
	a.call(e, call)
}

type answer = httpapi.Answer

// executorOf finds who a call is from.
func (a *Agent) executorOf(call *executorv1.Call) (*executor, answer) {
	fid, eid := call.GetFrameworkId().GetValue(), call.GetExecutorId().GetValue()
	f := a.frameworks[fid]
	if f == nil {
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("framework_id: framework %q is not on this agent", fid)}
	}
	e := f.executors[eid]
	if e == nil || e.state == terminated {
		return nil, answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("executor_id: executor %q of framework %s is not on this agent", eid, fid)}
	}
	return e, answer{Code: http.StatusOK}
}

// subscriber is executorOf for calls that need a subscription first.
func (a *Agent) subscriber(call *executorv1.Call) (*executor, answer) {
	e, ans := a.executorOf(call)
	if e != nil && e.conn == nil {
		if e.recovered {
			return nil, answer{Code: http.StatusServiceUnavailable, Text: fmt.Sprintf("The agent is recovering: executor %q must subscribe first.", e.id)}
		}
		return nil, answer{Code: http.StatusForbidden, Text: fmt.Sprintf("executor %q is not subscribed", e.id)}
	}
	return e, ans
}

// subscribe connects an executor, takes what it could not tell before, and
// gives it the tasks that wait. prove says whether it is who it says; nil: that is known.
func (a *Agent) subscribe(call *executorv1.Call, conn executorConn, prove func(*executor) answer) answer {
	e, ans := a.executorOf(call)
	if e == nil {
		return ans
	}
	if prove != nil {
		if ans := prove(e); ans.Code != http.StatusOK {
			return ans
		}
	}
	first := e.state == registering
	e.recovered = false
	if e.conn != nil && e.conn != conn {
		e.conn.Close()
	}
	e.conn = conn
	a.log.Info("executor subscribed", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID, "after", time.Since(e.started))
	for _, u := range call.GetSubscribe().GetUnacknowledgedUpdates() {
		a.executorUpdate(e, u.GetStatus())
	}
	if e.state == terminating || first && len(e.queued) == 0 || e.shouldLeave() {
		// Told to stop while away, or all it was started for was killed.
		if e.state != terminating {
			e.state = running
			a.shutdown(e)
		} else {
			e.send(&executorv1.Event{Type: executorv1.Event_SHUTDOWN.Enum()})
		}
		return ans
	}
	a.stopTimeout(e)
	if first {
		e.state, e.start.subscribed = running, time.Now()
		a.keepExecutor(e)
		e.send(a.subscribedEvent(e))
	} else {
		unseen := e.unseen(call.GetSubscribe())
		e.send(a.subscribedEvent(e))
		a.repeat(e, unseen)
	}
	a.giveTasks(e)
	return ans
}

// giveTasks launches what waited and is durable.
func (a *Agent) giveTasks(e *executor) {
	if e.state != running || e.conn == nil {
		return
	}
	queued := e.queued
	e.queued = nil
	for _, t := range queued {
		switch {
		case !t.queued: // given with the first of its group
		case !t.kept, t.group != nil && !t.group.waits():
			e.queued = append(e.queued, t)
		case t.group != nil:
			a.launchGroup(e, t.group)
		default:
			a.launch(e, t)
		}
	}
}

// unseen finds the tasks that were sent to an executor and never reached it:
// those that it has, it lists until one of their updates is acknowledged.
func (e *executor) unseen(s *executorv1.Call_Subscribe) (out []*task) {
	seen := map[string]bool{}
	for _, t := range s.GetUnacknowledgedTasks() {
		seen[t.GetTaskId().GetValue()] = true
	}
	for _, u := range s.GetUnacknowledgedUpdates() {
		seen[u.GetStatus().GetTaskId().GetValue()] = true
	}
	for id, t := range ordered.All(e.tasks) {
		if t.state == v1.TaskState_TASK_STAGING && !t.queued && !t.launching && !seen[id] {
			out = append(out, t)
		}
	}
	return out
}

// repeat makes good what a lost session may have swallowed: launches and
// kills. Drivers of ours keep their list of tasks exactly, so a task that is
// not on it can be sent again; of other executors one cannot be sure, and the
// task is told dropped, as Mesos does.
func (a *Agent) repeat(e *executor, unseen []*task) {
	_, driver := e.conn.(linkConn)
	groups := map[*group]bool{}
	for _, t := range unseen {
		switch {
		case !driver:
			a.dropUnseen(e, t)
		case t.group != nil:
			a.repeatGroup(e, t, groups)
		default:
			a.sendLaunch(e, t)
		}
	}
	for _, t := range ordered.All(e.tasks) {
		if t.killWanted && !t.terminal() && !t.queued && !t.launching {
			a.sendKill(e, t)
		}
	}
}

func (a *Agent) dropUnseen(e *executor, t *task) {
	a.ownUpdate(e.f.id, e.f.info, t.id(), e.id, v1.TaskState_TASK_DROPPED, v1.TaskStatus_REASON_AGENT_RESTARTED, "the task was sent to its executor and did not arrive")
}

func (a *Agent) subscribedEvent(e *executor) *executorv1.Event {
	return &executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{
		ExecutorInfo: e.info, FrameworkInfo: e.f.info, AgentInfo: a.info(), ContainerId: ids.Container(e.containerID),
	}}
}

// call carries out a call of a subscribed executor.
func (a *Agent) call(e *executor, c *executorv1.Call) answer {
	switch c.GetType() {
	case executorv1.Call_UPDATE:
		if len(c.GetUpdate().GetStatus().GetUuid()) != 16 {
			a.metrics.invalidUpdates.Inc()
			return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("update.status.uuid has %d bytes: it must have 16", len(c.GetUpdate().GetStatus().GetUuid()))}
		}
		if c.GetUpdate().GetStatus().GetState() == v1.TaskState_TASK_STAGING {
			a.metrics.invalidUpdates.Inc()
			return answer{Code: http.StatusBadRequest, Text: "update.status.state must not be TASK_STAGING: that state is the master's"}
		}
		a.executorUpdate(e, c.GetUpdate().GetStatus())
	case executorv1.Call_MESSAGE:
		if a.registered {
			a.p.Send(a.conf.Master, &internalpb.ExecutorToFrameworkMessage{
				SlaveId: ids.Agent(a.id), FrameworkId: ids.Framework(e.f.id), ExecutorId: ids.Executor(e.id), Data: c.GetMessage().GetData(),
			})
		}
	case executorv1.Call_HEARTBEAT:
	default:
		return answer{Code: http.StatusNotImplemented, Text: fmt.Sprintf("type: call %s is not known", c.GetType())}
	}
	return answer{Code: http.StatusAccepted}
}

// checkCall says what is missing in a call; "" if nothing is.
func checkCall(c *executorv1.Call) string {
	switch c.GetType() {
	case executorv1.Call_UNKNOWN:
		return "Expecting 'type' to be present"
	case executorv1.Call_SUBSCRIBE:
		if c.Subscribe == nil {
			return "Expecting 'subscribe' to be present in a call of type SUBSCRIBE"
		}
	case executorv1.Call_UPDATE:
		if c.Update == nil {
			return "Expecting 'update' to be present in a call of type UPDATE"
		}
	case executorv1.Call_MESSAGE:
		if c.Message == nil {
			return "Expecting 'message' to be present in a call of type MESSAGE"
		}
	}
	return ""
}

// completeStatus fills in what an executor leaves open about where its task runs: the
// executor's container, and what all containers nested in it share.
func (a *Agent) completeStatus(e *executor, s *v1.ContainerStatus) *v1.ContainerStatus {
	own := a.containerStatus(e)
	switch {
	case s == nil:
		return own
	case s.ContainerId == nil:
		s.ContainerId = own.ContainerId
	}
	if len(s.NetworkInfos) == 0 {
		s.NetworkInfos = own.NetworkInfos
	}
	if s.ExecutorPid == nil {
		s.ExecutorPid = a.executorPid(s.ContainerId, own)
	}
	return s
}

// executorPid is the first process of a task's container: of the executor's own, or of one nested in it.
func (a *Agent) executorPid(id *v1.ContainerID, own *v1.ContainerStatus) *uint32 {
	if id.GetParent() == nil {
		return own.ExecutorPid
	}
	if c := a.inner[innerKey(id)]; c != nil && c.process.PID != 0 {
		return proto.Uint32(uint32(c.process.PID))
	}
	return nil
}

// containerStatus tells schedulers where a task runs.
func (a *Agent) containerStatus(e *executor) *v1.ContainerStatus {
	s := &v1.ContainerStatus{ContainerId: ids.Container(e.containerID), NetworkInfos: a.networksOf(e), CgroupInfo: a.cgroupsOf(e)}
	if e.process.PID != 0 {
		s.ExecutorPid = proto.Uint32(uint32(e.process.PID))
	}
	return s
}
