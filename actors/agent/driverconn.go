package agent

import (
	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// driverConn is the subscription of an executor that is built on a driver of version 0: its events are sent as the
// messages that stand for them.
type driverConn struct {
	a     *Agent
	to    actors.UPID
	e     *executor
	again bool // it re-registered
}

func (c *driverConn) Send(ev *executorv1.Event) {
	if msg := c.message(ev); msg != nil {
		c.a.p.Send(c.to, msg)
	}
}

func (c *driverConn) Close() {}

// processOf is the process of an executor that is subscribed by conn, zero for a subscription over HTTP.
func processOf(conn executorConn) actors.UPID {
	switch c := conn.(type) {
	case linkConn:
		return c.to
	case *driverConn:
		return c.to
	}
	return actors.UPID{}
}

// message translates an event; nil for one that such executors have no message for.
func (c *driverConn) message(ev *executorv1.Event) proto.Message {
	agentID, frameworkID := ids.Agent(c.a.id), ids.Framework(c.e.f.id)
	switch ev.GetType() {
	case executorv1.Event_SUBSCRIBED:
		s := ev.GetSubscribed()
		if c.again {
			return &internalpb.ExecutorReregisteredMessage{SlaveId: agentID, SlaveInfo: s.GetAgentInfo()}
		}
		return &internalpb.ExecutorRegisteredMessage{
			ExecutorInfo: s.GetExecutorInfo(), FrameworkId: frameworkID, FrameworkInfo: s.GetFrameworkInfo(), SlaveId: agentID, SlaveInfo: s.GetAgentInfo(),
		}
	case executorv1.Event_LAUNCH:
		return &internalpb.RunTaskMessage{
			FrameworkId: frameworkID, Framework: c.e.f.info, Task: ev.GetLaunch().GetTask(), Pid: proto.String(c.a.conf.Master.String()),
		}
	case executorv1.Event_KILL:
		return &internalpb.KillTaskMessage{FrameworkId: frameworkID, TaskId: ev.GetKill().GetTaskId(), KillPolicy: ev.GetKill().GetKillPolicy()}
	case executorv1.Event_ACKNOWLEDGED:
		ack := ev.GetAcknowledged()
		return &internalpb.StatusUpdateAcknowledgementMessage{SlaveId: agentID, FrameworkId: frameworkID, TaskId: ack.GetTaskId(), Uuid: ack.GetUuid()}
	case executorv1.Event_MESSAGE:
		return &internalpb.FrameworkToExecutorMessage{
			SlaveId: agentID, FrameworkId: frameworkID, ExecutorId: ids.Executor(c.e.id), Data: ev.GetMessage().GetData(),
		}
	case executorv1.Event_SHUTDOWN:
		return &internalpb.ShutdownExecutorMessage{ExecutorId: ids.Executor(c.e.id), FrameworkId: frameworkID}
	case executorv1.Event_ERROR:
		return &internalpb.FrameworkErrorMessage{Message: proto.String(ev.GetError().GetMessage())}
	}
	return nil // HEARTBEAT: the connection itself tells
}
