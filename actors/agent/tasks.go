package agent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/logrotate"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
)

// runTask takes a task from the master: it goes to its executor, which is
// started first if need be.
func (a *Agent) runTask(from actors.UPID, msg *internalpb.RunTaskMessage) {
	if from != a.conf.Master {
		a.log.Warn("task from a master that is not ours", "from", from.String())
		return
	}
	info, fw := msg.GetTask(), msg.GetFramework()
	fid, id := fw.GetId().GetValue(), info.GetTaskId().GetValue()
	if a.findTask(fid, id) != nil {
		a.log.Warn("task was received twice", "framework_id", fid, "task_id", id)
		return
	}
	f := a.framework(fw)
	eid, command := info.GetExecutor().GetExecutorId().GetValue(), false
	if info.Executor == nil {
		eid, command = id, true
	}
	e := f.executors[eid]
	launch := msg.LaunchExecutor == nil || msg.GetLaunchExecutor()
	if reason, why := a.cannotRun(f, e, launch, msg.LaunchExecutor != nil); why != "" {
		a.ownUpdate(fid, fw, id, eid, v1.TaskState_TASK_DROPPED, reason, why)
		a.executorAbsent(fid, info.GetExecutor().GetExecutorId().GetValue())
		return
	}
	if why := a.lacks(info.GetResources(), info.GetExecutor().GetResources()); why != "" {
		a.ownUpdate(fid, fw, id, eid, v1.TaskState_TASK_DROPPED, v1.TaskStatus_REASON_INVALID_OFFERS, why)
		a.executorAbsent(fid, info.GetExecutor().GetExecutorId().GetValue())
		return
	}
	a.log.Info("task received", "framework_id", fid, "task_id", id, "executor_id", eid)
	t := &task{frameworkID: fid, info: info, state: v1.TaskState_TASK_STAGING, way: way{received: time.Now()}}
	fresh := e == nil
	if fresh {
		einfo := info.GetExecutor()
		if command {
			einfo = a.commandExecutor(fw, info)
		}
		e = a.newExecutor(f, eid, einfo, command)
	}
	e.add(t)
	a.commit(f.info, func() { a.taskKept(e, t, fresh) }, a.rowsOf(e, t, fresh)...)
}

// taskKept goes on with a task that is durable.
func (a *Agent) taskKept(e *executor, t *task, fresh bool) {
	t.kept = true
	if fresh && e.state == registering {
		a.startContainer(e)
	}
	a.giveTasks(e)
}

// cannotRun says why a task cannot be run as the master believes, "" if it can.
// The master knows whether a new executor is due; when the agent's truth
// differs, an executor ended while the task was on its way.
func (a *Agent) cannotRun(f *framework, e *executor, launch, said bool) (reason v1.TaskStatus_Reason, why string) {
	reason = v1.TaskStatus_REASON_EXECUTOR_TERMINATED
	switch {
	case a.drain.config != nil:
		return v1.TaskStatus_REASON_AGENT_DRAINING, "the agent drains"
	case f.terminating:
		why = "the framework is being removed from the agent"
	case e == nil && !launch:
		why = "the executor that the task was for has ended"
	case e != nil && e.state >= terminating:
		why = fmt.Sprintf("the executor that the task was for is %s", e.state)
	case e != nil && launch && said:
		why = "an executor of that id still runs on the agent"
	}
	return reason, why
}

// framework finds or makes the place of a framework.
func (a *Agent) framework(info *v1.FrameworkInfo) *framework {
	id := info.GetId().GetValue()
	f := a.frameworks[id]
	if f == nil {
		f = &framework{id: id, executors: map[string]*executor{}}
		a.frameworks[id] = f
		a.reviveHistory(f)
	}
	f.kept = f.kept && proto.Equal(f.info, info)
	f.info = info
	return f
}

// launch hands a task to its subscribed executor. That it may have run is
// durable before it can.
func (a *Agent) launch(e *executor, t *task) {
	t.queued, t.launching = false, true
	row := t.row(e.id)
	row.Sent = true
	a.commit(e.f.info, func() { a.withVolumes(e, t, func() { a.withAmounts(e, []*task{t}, func() { a.sendLaunch(e, t) }) }) }, append(e.firstTask(), store.PutTask(row))...)
}

func (a *Agent) sendLaunch(e *executor, t *task) {
	t.launching = false
	if e.conn == nil {
		return // it is found missing when the executor subscribes again
	}
	e.send(&executorv1.Event{Type: executorv1.Event_LAUNCH.Enum(), Launch: &executorv1.Event_Launch{Task: t.info}})
	a.log.Info("task sent to its executor", "framework_id", e.f.id, "task_id", t.id(), "executor_id", e.id)
	a.traceSent(e, t)
	if t.killWanted {
		a.sendKill(e, t)
	}
}

// find returns the executor that has a task.
func (a *Agent) find(frameworkID, taskID string) (*executor, *task) {
	if f := a.frameworks[frameworkID]; f != nil {
		// A command task's executor has the task's id.
		if e := f.executors[taskID]; e != nil && e.tasks[taskID] != nil {
			return e, e.tasks[taskID]
		}
		for _, e := range ordered.All(f.executors) {
			if t := e.tasks[taskID]; t != nil {
				return e, t
			}
		}
	}
	return nil, nil
}

func (a *Agent) findTask(frameworkID, taskID string) *task {
	_, t := a.find(frameworkID, taskID)
	return t
}

// killTask kills a task, wherever it has got to.
func (a *Agent) killTask(from actors.UPID, msg *internalpb.KillTaskMessage) {
	if from != a.conf.Master {
		return
	}
	fid, id := msg.GetFrameworkId().GetValue(), msg.GetTaskId().GetValue()
	e, t := a.find(fid, id)
	if t == nil {
		// It ended and its update is acknowledged, or its launch was lost: the
		// scheduler is told at re-registration or by reconciliation.
		a.log.Info("kill of a task that is not here", "framework_id", fid, "task_id", id)
		return
	}
	t.killWanted, t.killPolicy = true, msg.GetKillPolicy()
	switch {
	case t.terminal(), t.launching: // over; or killed as soon as it is sent
	case t.queued && t.group != nil:
		a.killGroup(e, t.group)
	case t.queued:
		a.killQueued(e, t)
	default:
		a.sendKill(e, t) // if the executor is away, it is told when it subscribes again
	}
}

func (e *executor) unqueue(t *task) {
	t.queued = false
	e.queued = slices.DeleteFunc(e.queued, func(q *task) bool { return q == t })
}

// killQueued ends a task that its executor never saw. An executor that was
// started for it alone goes too.
func (a *Agent) killQueued(e *executor, t *task) {
	e.unqueue(t)
	t.buried = true
	a.ownUpdate(e.f.id, e.f.info, t.id(), e.id, v1.TaskState_TASK_KILLED, v1.TaskStatus_REASON_TASK_KILLED_DURING_LAUNCH, "the task was killed before its executor could run it")
	switch {
	case len(e.queued) > 0:
	case e.state == registering:
		a.destroy(e)
	case e.conn != nil && e.shouldLeave():
		a.shutdown(e) // one that subscribes later is told so then
	}
}

func (a *Agent) sendKill(e *executor, t *task) {
	e.send(&executorv1.Event{Type: executorv1.Event_KILL.Enum(), Kill: &executorv1.Event_Kill{TaskId: t.info.TaskId, KillPolicy: t.killPolicy}})
}

func (a *Agent) shutdownExecutorMessage(from actors.UPID, msg *internalpb.ShutdownExecutorMessage) {
	f := a.frameworks[msg.GetFrameworkId().GetValue()]
	if from != a.conf.Master || f == nil {
		return
	}
	if e := f.executors[msg.GetExecutorId().GetValue()]; e != nil {
		a.log.Info("executor to be shut down", "framework_id", f.id, "executor_id", e.id)
		a.wantKilled(e)
		a.shutdown(e)
	}
}

func (a *Agent) shutdownFrameworkMessage(from actors.UPID, msg *internalpb.ShutdownFrameworkMessage) {
	f := a.frameworks[msg.GetFrameworkId().GetValue()]
	if from != a.conf.Master || f == nil {
		return
	}
	a.log.Info("framework to be shut down", "framework_id", f.id, "executors", len(f.executors))
	f.terminating = true
	for _, e := range ordered.All(f.executors) {
		a.wantKilled(e)
		a.shutdown(e)
	}
	a.archiveFramework(f)
}

// wantKilled marks the tasks of an executor that is stopped on purpose, so that
// they end as killed and not as failed.
func (a *Agent) wantKilled(e *executor) {
	for _, t := range ordered.All(e.tasks) {
		t.killWanted = true
	}
}

// frameworkMessage carries opaque bytes to an executor, at most once. It comes
// from the master, or from a driver of version 0, which sends it here itself.
func (a *Agent) frameworkMessage(_ actors.UPID, msg *internalpb.FrameworkToExecutorMessage) {
	f := a.frameworks[msg.GetFrameworkId().GetValue()]
	if msg.GetSlaveId().GetValue() != a.id || f == nil {
		a.metrics.invalidMessages.Inc()
		return
	}
	if e := f.executors[msg.GetExecutorId().GetValue()]; e != nil && e.conn != nil {
		a.metrics.validMessages.Inc()
		e.send(&executorv1.Event{Type: executorv1.Event_MESSAGE.Enum(), Message: &executorv1.Event_Message{Data: msg.GetData()}})
		return
	}
	a.metrics.invalidMessages.Inc()
	a.log.Debug("framework message without a receiver", "framework_id", msg.GetFrameworkId().GetValue(), "executor_id", msg.GetExecutorId().GetValue())
}

// commandExecutor is the executor that the agent makes for a task without one.
func (a *Agent) commandExecutor(fw *v1.FrameworkInfo, t *v1.TaskInfo) *v1.ExecutorInfo {
	id := t.GetTaskId().GetValue()
	shown := t.GetCommand().GetValue()
	if t.GetCommand().GetShell() {
		shown = "sh -c '" + shorten(shown, 12) + "'"
	} else {
		shown = shorten(shown, 15)
	}
	c := t.GetCommand()
	return &v1.ExecutorInfo{
		ExecutorId: ids.Executor(id), FrameworkId: fw.Id, Resources: t.Resources, Container: t.Container, Discovery: t.Discovery, Labels: t.Labels,
		Name: proto.String(fmt.Sprintf("Command Executor (Task: %s) (Command: %s)", id, shown)), Source: proto.String(id),
		Command: &v1.CommandInfo{
			Shell: proto.Bool(false), Value: proto.String(a.executorProgram()), Arguments: []string{executorProgram},
			Uris: c.GetUris(), User: c.User, Environment: executorVariables(c),
		},
	}
}

// executorVariables are those of a task's variables that its executor is to have:
// those that bound its output, which is the task's, and secrets that are looked
// up when its container is made.
func executorVariables(c *v1.CommandInfo) *v1.Environment {
	var out []*v1.Environment_Variable
	for _, v := range c.GetEnvironment().GetVariables() {
		if strings.HasPrefix(v.GetName(), logrotate.EnvPrefix) {
			out = append(out, v)
		}
	}
	if out = append(out, launch.References(c.GetEnvironment())...); out == nil {
		return nil
	}
	return &v1.Environment{Variables: out}
}

func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "..."
	}
	return s
}
