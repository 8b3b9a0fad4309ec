package agent

import (
	"slices"
	"time"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
	"mesos/messages/ordered"
)

// group is a task group: its tasks are given to their executor all at once, or
// none of them ever is.
type group struct {
	ids   []string // of all its tasks, in their order
	tasks []*task  // those that are here; fewer than ids only after a restart
}

// waits says that all of a group waits to be given to its executor.
func (g *group) waits() bool {
	return len(g.tasks) == len(g.ids) && !slices.ContainsFunc(g.tasks, func(t *task) bool { return !t.queued })
}

func (g *group) infos() *v1.TaskGroupInfo {
	out := &v1.TaskGroupInfo{}
	for _, t := range g.tasks {
		out.Tasks = append(out.Tasks, t.info)
	}
	return out
}

// runTaskGroup takes a task group from the master.
func (a *Agent) runTaskGroup(from actors.UPID, msg *internalpb.RunTaskGroupMessage) {
	if from != a.conf.Master {
		a.log.Warn("task group from a master that is not ours", "from", from.String())
		return
	}
	fw, eid := msg.GetFramework(), msg.GetExecutor().GetExecutorId().GetValue()
	fid, infos := fw.GetId().GetValue(), msg.GetTaskGroup().GetTasks()
	for _, info := range infos {
		if id := info.GetTaskId().GetValue(); a.findTask(fid, id) != nil {
			a.log.Warn("task group was received twice", "framework_id", fid, "task_id", id)
			return
		}
	}
	f := a.framework(fw)
	e, fresh := f.executors[eid], false
	drop := func(reason v1.TaskStatus_Reason, why string) {
		for _, info := range infos {
			a.ownUpdate(fid, fw, info.GetTaskId().GetValue(), eid, v1.TaskState_TASK_DROPPED, reason, why)
		}
		a.executorAbsent(fid, eid)
	}
	launch := msg.LaunchExecutor == nil || msg.GetLaunchExecutor()
	if reason, why := a.cannotRun(f, e, launch, msg.LaunchExecutor != nil); why != "" {
		drop(reason, why)
		return
	}
	needs := [][]*v1.Resource{msg.GetExecutor().GetResources()}
	for _, info := range infos {
		needs = append(needs, info.GetResources())
	}
	if why := a.lacks(needs...); why != "" {
		drop(v1.TaskStatus_REASON_INVALID_OFFERS, why)
		return
	}
	a.log.Info("task group received", "framework_id", fid, "executor_id", eid, "tasks", len(infos))
	if e == nil {
		e, fresh = a.newExecutor(f, eid, msg.GetExecutor(), false), true
	}
	g := &group{}
	for _, info := range infos {
		t := &task{frameworkID: fid, info: info, state: v1.TaskState_TASK_STAGING, group: g, way: way{received: time.Now()}}
		g.ids, g.tasks = append(g.ids, t.id()), append(g.tasks, t)
		e.add(t)
	}
	var rows []store.Write
	for i, t := range g.tasks {
		rows = append(rows, a.rowsOf(e, t, fresh && i == 0)...)
	}
	a.commit(f.info, func() { a.groupKept(e, g, fresh) }, rows...)
}

// groupKept goes on with a task group that is durable.
func (a *Agent) groupKept(e *executor, g *group, fresh bool) {
	for _, t := range g.tasks {
		t.kept = true
	}
	if fresh && e.state == registering {
		a.startContainer(e)
	}
	a.giveTasks(e)
}

// launchGroup hands a task group to its subscribed executor. That it may have
// run is durable, of all its tasks at once, before it can.
func (a *Agent) launchGroup(e *executor, g *group) {
	rows := e.firstTask()
	for _, t := range g.tasks {
		t.queued, t.launching = false, true
		row := t.row(e.id)
		row.Sent = true
		rows = append(rows, store.PutTask(row))
	}
	var need []*v1.Resource
	for _, t := range g.tasks {
		need = append(need, t.info.GetResources()...)
	}
	a.commit(e.f.info, func() {
		a.publish(need, func(err error) {
			if err == nil {
				a.withAmounts(e, g.tasks, func() { a.sendGroup(e, g) })
				return
			}
			for _, t := range g.tasks {
				if !t.terminal() {
					a.volumesFailed(e, t, err)
				}
			}
		})
	}, rows...)
}

func (a *Agent) sendGroup(e *executor, g *group) {
	for _, t := range g.tasks {
		t.launching = false
	}
	if e.conn == nil {
		return // it is found missing when the executor subscribes again
	}
	e.send(&executorv1.Event{Type: executorv1.Event_LAUNCH_GROUP.Enum(), LaunchGroup: &executorv1.Event_LaunchGroup{TaskGroup: g.infos()}})
	a.log.Info("task group sent to its executor", "framework_id", e.f.id, "executor_id", e.id, "tasks", len(g.tasks))
	for _, t := range g.tasks {
		a.traceSent(e, t)
		if t.killWanted {
			a.sendKill(e, t)
		}
	}
}

// killGroup ends a task group that its executor never saw: the kill of one of
// its tasks is that of all.
func (a *Agent) killGroup(e *executor, g *group) {
	for _, t := range g.tasks {
		if t.queued {
			t.killWanted = true
			a.killQueued(e, t)
		}
	}
}

// restoreGroups puts the tasks of an earlier run of the agent together again.
func (a *Agent) restoreGroups(rows []store.Task) {
	for _, row := range rows {
		t := a.findTask(row.FrameworkID, row.Info.GetTaskId().GetValue())
		if len(row.Group) == 0 || t == nil || t.group != nil {
			continue
		}
		g := &group{ids: row.Group}
		for _, id := range row.Group {
			if member := a.findTask(row.FrameworkID, id); member != nil {
				member.group = g
				g.tasks = append(g.tasks, member)
			}
		}
	}
}

// endBrokenGroups ends what waits of groups that were being ended when the
// agent died: a part of a group is never launched.
func (a *Agent) endBrokenGroups() {
	for _, e := range a.executors() {
		for _, t := range slices.Clone(e.queued) {
			if t.group == nil || t.group.waits() {
				continue
			}
			e.unqueue(t)
			t.buried = true
			a.ownUpdate(e.f.id, e.f.info, t.id(), e.id, v1.TaskState_TASK_KILLED, v1.TaskStatus_REASON_TASK_KILLED_DURING_LAUNCH,
				"another task of its group ended before the group was launched")
			if e.conn != nil && e.shouldLeave() {
				a.shutdown(e)
			}
		}
	}
}

// shouldLeave says that an executor has nothing left to do: those of others may
// wait for tasks as long as they like once they had one, but not before: their
// framework may not know that they are there.
func (e *executor) shouldLeave() bool {
	for _, t := range ordered.All(e.tasks) {
		if !t.terminal() && !t.buried {
			return false
		}
	}
	return e.untried || e.command || e.info.GetType() == v1.ExecutorInfo_DEFAULT
}

// repeatGroup sends a group again that never reached its executor; sent knows
// those that were.
func (a *Agent) repeatGroup(e *executor, t *task, sent map[*group]bool) {
	g := t.group
	switch {
	case len(g.tasks) < len(g.ids): // some of it are over: the executor had it, and lost it
		a.dropUnseen(e, t)
	case !sent[g]:
		sent[g] = true
		a.sendGroup(e, g)
	}
}
