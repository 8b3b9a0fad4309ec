package agent

import (
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// installDriver installs the handlers for executors that are built on drivers
// of version 0. Each makes a call of what it gets.
func (a *Agent) installDriver(p *actors.Process) {
	actors.Install(p, a.driverRegisters)
	actors.Install(p, a.driverReregisters)
	actors.Install(p, a.driverUpdates)
	actors.Install(p, a.driverSendsMessage)
}

func (a *Agent) driverRegisters(from actors.UPID, msg *internalpb.RegisterExecutorMessage) {
	a.driverSubscribes(from, msg.GetFrameworkId(), msg.GetExecutorId(), &executorv1.Call_Subscribe{}, false)
}

func (a *Agent) driverReregisters(from actors.UPID, msg *internalpb.ReregisterExecutorMessage) {
	sub := &executorv1.Call_Subscribe{UnacknowledgedTasks: msg.GetTasks()}
	for _, u := range msg.GetUpdates() {
		sub.UnacknowledgedUpdates = append(sub.UnacknowledgedUpdates, &executorv1.Call_Update{Status: statusOf(u)})
	}
	a.driverSubscribes(from, msg.GetFrameworkId(), msg.GetExecutorId(), sub, true)
}

// driverSubscribes subscribes an executor. One that this agent does not know
// belongs to an agent that died here: it must not run on unseen.
func (a *Agent) driverSubscribes(from actors.UPID, framework *v1.FrameworkID, id *v1.ExecutorID, sub *executorv1.Call_Subscribe, again bool) {
	call := &executorv1.Call{Type: executorv1.Call_SUBSCRIBE.Enum(), FrameworkId: framework, ExecutorId: id, Subscribe: sub}
	e, ans := a.executorOf(call)
	if e != nil {
		ans = a.unprovenDriver(e)
	}
	if ans.Code == http.StatusOK {
		if !again && processOf(e.conn) == from {
			e.send(a.subscribedEvent(e)) // it came twice: what was sent meanwhile is not lost
			return
		}
		a.p.Link(from)
		moved := e.driver != from
		e.driver = from
		if ans = a.subscribe(call, &driverConn{a: a, to: from, e: e, again: again}, nil); ans.Code == http.StatusOK {
			if moved {
				a.keepExecutor(e)
			}
			return
		}
	}
	a.log.Warn("executor refused", "framework_id", framework.GetValue(), "executor_id", id.GetValue(), "from", from.String(), "error", ans.Text)
	a.p.Send(from, &internalpb.ShutdownExecutorMessage{ExecutorId: id, FrameworkId: framework})
}

// driverOf finds the executor that a driver is subscribed for, nil if it is not.
func (a *Agent) driverOf(from actors.UPID, framework *v1.FrameworkID, id *v1.ExecutorID, what string) *executor {
	e, ans := a.subscriber(&executorv1.Call{FrameworkId: framework, ExecutorId: id})
	if e == nil || processOf(e.conn) != from {
		a.log.Warn("call of an executor that is not subscribed", "framework_id", framework.GetValue(), "executor_id", id.GetValue(), "from", from.String(), "call", what, "error", ans.Text)
		return nil
	}
	return e
}

// statusOf is an update's status, completed from what stands around it.
func statusOf(u *internalpb.StatusUpdate) *v1.TaskStatus {
	s := proto.CloneOf(u.GetStatus())
	if len(u.GetUuid()) > 0 {
		s.Uuid = u.GetUuid()
	}
	if s.Timestamp == nil {
		s.Timestamp = u.Timestamp
	}
	return s
}

func (a *Agent) driverUpdates(from actors.UPID, msg *internalpb.StatusUpdateMessage) {
	u := msg.GetUpdate()
	e := a.driverOf(from, u.GetFrameworkId(), u.GetExecutorId(), "StatusUpdateMessage")
	if e == nil {
		return
	}
	call := &executorv1.Call{Type: executorv1.Call_UPDATE.Enum(), Update: &executorv1.Call_Update{Status: statusOf(u)}}
	if ans := a.call(e, call); ans.Text != "" {
		a.log.Warn("status update refused", "framework_id", e.f.id, "executor_id", e.id, "task_id", u.GetStatus().GetTaskId().GetValue(), "error", ans.Text)
	}
}

func (a *Agent) driverSendsMessage(from actors.UPID, msg *internalpb.ExecutorToFrameworkMessage) {
	if e := a.driverOf(from, msg.GetFrameworkId(), msg.GetExecutorId(), "ExecutorToFrameworkMessage"); e != nil {
		a.call(e, &executorv1.Call{Type: executorv1.Call_MESSAGE.Enum(), Message: &executorv1.Call_Message{Data: msg.GetData()}})
	}
}

// reconnectInterval is how often a driver is asked to register again.
const reconnectInterval = time.Second

// reconnect asks an executor that lived on while the agent was away to register
// again: unlike others, drivers of version 0 wait for that.
func (a *Agent) reconnect(e *executor) {
	if e.driver.IsZero() || e.conn != nil || e.state >= terminating {
		return
	}
	a.p.System().Remember(e.driver.Addr)
	a.p.Send(e.driver, &internalpb.ReconnectExecutorMessage{SlaveId: ids.Agent(a.id)})
	a.p.Delay(reconnectInterval, func() { a.reconnect(e) })
}
