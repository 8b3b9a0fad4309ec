package simtest

import (
	"encoding/binary"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/executor"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
)

// V0Command is the command of executors that are modelled with a driver of version 0: it registers once, keeps what is
// not acknowledged, sends nothing again by itself, and when its agent is gone waits to be asked to register again.
const V0Command = "v0"

type v0Executor struct {
	p      *actors.Process
	conf   executor.Config
	end    func(status int)
	counts *taskCounts
	where  string // its container

	tasks   map[string]*v1.TaskInfo // until an update of theirs is acknowledged
	updates []*internalpb.StatusUpdate
	running map[string]func() // cancels a task's timer; nil for one that never ends
	made    uint64
}

func (x *v0Executor) Init(p *actors.Process) {
	x.p, x.tasks, x.running = p, map[string]*v1.TaskInfo{}, map[string]func(){}
	actors.Install(p, func(actors.UPID, *internalpb.ExecutorRegisteredMessage) {})
	actors.Install(p, func(actors.UPID, *internalpb.ExecutorReregisteredMessage) {})
	actors.Install(p, x.reconnect)
	actors.Install(p, x.run)
	actors.Install(p, func(_ actors.UPID, m *internalpb.KillTaskMessage) { x.finish(m.GetTaskId(), v1.TaskState_TASK_KILLED) })
	actors.Install(p, x.acknowledged)
	actors.Install(p, func(_ actors.UPID, m *internalpb.FrameworkToExecutorMessage) {
		p.Send(x.conf.Agent, &internalpb.ExecutorToFrameworkMessage{
			SlaveId: ids.Agent(x.conf.AgentID), FrameworkId: ids.Framework(x.conf.FrameworkID), ExecutorId: ids.Executor(x.conf.ExecutorID), Data: m.GetData(),
		})
	})
	actors.Install(p, func(actors.UPID, *internalpb.ShutdownExecutorMessage) { x.end(0) })
	p.OnExited(func(string) {
		if !x.conf.Checkpoint {
			x.end(0)
		}
	})
	p.Link(x.conf.Agent)
	p.Send(x.conf.Agent, &internalpb.RegisterExecutorMessage{FrameworkId: ids.Framework(x.conf.FrameworkID), ExecutorId: ids.Executor(x.conf.ExecutorID)})
}

func (x *v0Executor) reconnect(from actors.UPID, _ *internalpb.ReconnectExecutorMessage) {
	m := &internalpb.ReregisterExecutorMessage{
		ExecutorId: ids.Executor(x.conf.ExecutorID), FrameworkId: ids.Framework(x.conf.FrameworkID), Updates: x.updates,
	}
	for _, t := range x.tasks {
		m.Tasks = append(m.Tasks, t)
	}
	x.p.Link(from)
	x.p.Send(from, m)
}

func (x *v0Executor) run(_ actors.UPID, m *internalpb.RunTaskMessage) {
	t := m.GetTask()
	id := t.GetTaskId().GetValue()
	x.tasks[id] = t
	x.counts.start(id, x.where)
	x.update(t.GetTaskId(), v1.TaskState_TASK_RUNNING)
	x.running[id] = nil
	after, status := behaviour(commandOf(t))
	if after < 0 {
		return
	}
	last := v1.TaskState_TASK_FINISHED
	if status != 0 {
		last = v1.TaskState_TASK_FAILED
	}
	x.running[id] = x.p.Delay(after, func() { x.finish(t.GetTaskId(), last) })
}

func (x *v0Executor) finish(id *v1.TaskID, s v1.TaskState) {
	cancel, ok := x.running[id.GetValue()]
	if !ok {
		return
	}
	if cancel != nil {
		cancel()
	}
	delete(x.running, id.GetValue())
	x.counts.end(id.GetValue(), x.where)
	if s == v1.TaskState_TASK_FINISHED {
		x.counts.finish(id.GetValue())
	}
	x.update(id, s)
}

// update is sent once: only a re-registration repeats it.
func (x *v0Executor) update(id *v1.TaskID, s v1.TaskState) {
	x.made++
	now := float64(time.Now().UnixNano()) / 1e9
	u := &internalpb.StatusUpdate{
		FrameworkId: ids.Framework(x.conf.FrameworkID), ExecutorId: ids.Executor(x.conf.ExecutorID), SlaveId: ids.Agent(x.conf.AgentID),
		Status: &v1.TaskStatus{TaskId: id, State: s.Enum()}, Timestamp: proto.Float64(now),
		Uuid: append(make([]byte, 8), binary.BigEndian.AppendUint64(nil, x.made)...),
	}
	x.updates = append(x.updates, u)
	x.p.Send(x.conf.Agent, &internalpb.StatusUpdateMessage{Update: u, Pid: proto.String(x.p.Self().String())})
}

func (x *v0Executor) acknowledged(_ actors.UPID, m *internalpb.StatusUpdateAcknowledgementMessage) {
	delete(x.tasks, m.GetTaskId().GetValue())
	for i, u := range x.updates {
		if string(u.GetUuid()) == string(m.GetUuid()) {
			x.updates = append(x.updates[:i:i], x.updates[i+1:]...)
			return
		}
	}
}
