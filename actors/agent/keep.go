package agent

import (
	"time"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/actors/statusupdate"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// commit makes writes durable and then runs then on the actor. What belongs to
// a framework that does not checkpoint is not kept, and does not wait; fw is nil
// where the framework is not known any more.
func (a *Agent) commit(fw *v1.FrameworkInfo, then func(), writes ...store.Write) {
	if fw != nil && !fw.GetCheckpoint() {
		then()
		return
	}
	a.conf.Store.Commit(func() { a.p.Dispatch(then) }, writes...)
}

// rowsOf is what must be durable before a task that just came is acted on.
func (a *Agent) rowsOf(e *executor, t *task, fresh bool) []store.Write {
	rows := []store.Write{store.PutTask(t.row(e.id))}
	if fresh {
		rows = append(rows, store.PutExecutor(e.row()))
	}
	if !e.f.kept {
		e.f.kept = true
		rows = append(rows, store.PutFramework(e.f.info))
	}
	return rows
}

// keepExecutor keeps what has changed of an executor. Nothing waits for it: at
// the next start it would be found out again.
func (a *Agent) keepExecutor(e *executor) {
	if e.f.info.GetCheckpoint() {
		a.conf.Store.Commit(nil, store.PutExecutor(e.row()))
	}
}

// forgetExecutor makes history of an executor that is over, and forgets its
// framework if it was the last.
func (a *Agent) forgetExecutor(e *executor) {
	rows := []store.Write{store.PutCompleted(e.completedRow(time.Now()))}
	if e.f.info.GetCheckpoint() {
		rows = append(rows, store.DeleteExecutor(e.f.id, e.id))
	}
	if e.f.info.GetCheckpoint() && len(e.f.executors) == 0 {
		e.f.kept = false
		rows = append(rows, store.DeleteFramework(e.f.id))
	}
	a.conf.Store.Commit(nil, rows...)
}

// firstTask is what must be durable, besides the task, before an executor gets its first.
func (e *executor) firstTask() []store.Write {
	if !e.untried {
		return nil
	}
	e.untried = false
	return []store.Write{store.PutExecutor(e.row())}
}

func (t *task) row(executorID string) store.Task {
	row := store.Task{FrameworkID: t.frameworkID, ExecutorID: executorID, Info: t.info}
	if t.group != nil {
		row.Group = t.group.ids
	}
	return row
}

func (e *executor) row() store.Executor {
	return store.Executor{
		FrameworkID: e.f.id, ExecutorID: e.id, ContainerID: e.containerID, Command: e.command, Subscribed: e.state >= running, Untried: e.untried,
		Process: store.Process(e.process), Driver: e.driver.String(), Info: e.info, Container: e.given,
	}
}

// known is the executor's container as a containerizer recovers it.
func (a *Agent) known(e *executor) containerizer.Known {
	k := containerizer.Known{ContainerID: e.containerID, Sandbox: e.sandbox, Process: e.process, Info: e.container(), Resources: e.holds(), Limits: e.limitsOf()}
	// Volumes of which it cannot be said where they are were refused at the launch.
	if res, err := resources.FromProto(e.info.GetResources()); err == nil {
		k.Persistent, _ = a.conf.Volumes.Mounts(res)
	}
	if e.container().GetTtyInfo() != nil {
		k.Runtime = a.runtimeDir(e.containerID)
	}
	return k
}

// acknowledgedRows is what changes with an acknowledgement: the state that the
// update told is kept until a later one is acknowledged; with the terminal one
// all of the task goes.
func acknowledgedRows(k statusupdate.Key, ack statusupdate.Ack) []store.Write {
	if ack.Over != nil {
		rows := []store.Write{store.DeleteTask(k.FrameworkID, k.TaskID)}
		for _, n := range ack.Over {
			rows = append(rows, store.DeleteUpdate(n))
		}
		return rows
	}
	rows := []store.Write{store.PutAcknowledged(ack.Number, ack.Update)}
	if ack.BeforeIt != nil {
		rows = append(rows, store.PutSeen(ack.Before, ack.BeforeIt))
	}
	return rows
}
