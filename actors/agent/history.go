package agent

import (
	"time"

	"mesos/actors/agent/store"
	"mesos/actors/sandbox"
	v1 "mesos/messages/mesos/v1"
)

// completedRow is what is kept of an executor that is over, for those who look
// at it after a restart of the agent. History of frameworks that do not
// checkpoint is kept, too: it binds nobody.
func (e *executor) completedRow(now time.Time) store.Completed {
	c := store.Completed{Framework: e.f.info, ExecutorID: e.id, ContainerID: e.containerID, Command: e.command, Ended: now, Info: e.info}
	for _, t := range e.completed {
		c.Tasks = append(c.Tasks, store.CompletedTask{Info: t.info, Statuses: t.statuses})
	}
	return c
}

// restoreCompleted takes up the history. A framework that has nothing live here
// is history itself.
func (a *Agent) restoreCompleted(rows []store.Completed) error {
	for _, row := range rows {
		id := row.Framework.GetId().GetValue()
		f := a.frameworks[id]
		if f == nil {
			f = a.completedFramework(id)
		}
		if f == nil {
			f = &framework{id: id, info: row.Framework, executors: map[string]*executor{}}
			a.completed = append(a.completed, f)
		}
		e := &executor{
			id: row.ExecutorID, f: f, info: row.Info, command: row.Command, containerID: row.ContainerID, tasks: map[string]*task{},
			state: terminated, launched: true, started: row.Ended,
		}
		for _, t := range row.Tasks {
			e.completed = append(e.completed, historicTask(id, t))
		}
		var err error
		if e.sandbox, err = sandbox.Path(a.conf.WorkDir, a.run(e)); err != nil {
			return err
		}
		f.completed = append(f.completed, e)
		a.attachSandbox(e)
	}
	return nil
}

func historicTask(frameworkID string, row store.CompletedTask) *task {
	t := &task{frameworkID: frameworkID, info: row.Info, statuses: row.Statuses, state: v1.TaskState_TASK_STAGING, kept: true}
	if n := len(row.Statuses); n > 0 {
		t.state = row.Statuses[n-1].GetState()
	}
	return t
}

func (a *Agent) completedFramework(id string) *framework {
	for _, f := range a.completed {
		if f.id == id {
			return f
		}
	}
	return nil
}

// completedOf are the executors of a framework that are over, wherever the
// framework stands.
func (a *Agent) completedOf(frameworkID string) (out []*executor) {
	if f := a.frameworks[frameworkID]; f != nil {
		out = append(out, f.completed...)
	}
	for _, f := range a.completed {
		if f.id == frameworkID {
			out = append(out, f.completed...)
		}
	}
	return out
}

// reviveHistory gives a framework that has something to run again what it had
// here before.
func (a *Agent) reviveHistory(f *framework) {
	for i, old := range a.completed {
		if old.id != f.id {
			continue
		}
		f.completed = append(old.completed, f.completed...)
		for _, e := range f.completed {
			e.f = f
		}
		a.completed = append(a.completed[:i:i], a.completed[i+1:]...)
		return
	}
}

// dropHistory forgets an executor of which there are too many. Its sandbox stays
// until its time, and is not shown.
func (a *Agent) dropHistory(e *executor) {
	a.detachSandbox(e)
	a.conf.Store.Commit(nil, store.DeleteCompleted(e.f.id, e.containerID))
}
