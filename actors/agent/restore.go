package agent

import (
	"fmt"
	"time"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/actors/sandbox"
	"mesos/actors/statusupdate"
	v1 "mesos/messages/mesos/v1"
)

// restore takes up what an earlier run of the agent left in its store, before
// the actor runs. addr is the agent's own address.
func (a *Agent) restore(s *store.State, addr string) error {
	if err := a.restoreOperations(s); err != nil {
		return fmt.Errorf("recovery of reservations and volumes: %w", err)
	}
	a.restoreProviders(s)
	if s.Empty() {
		return nil
	}
	a.id, a.rebooted = s.Agent.ID, s.Agent.BootID != a.conf.BootID
	if err := a.conf.Reconfigure.check(s.Agent.Info, a.infoAt(addr)); err != nil {
		return err
	}
	a.restoreDrain(s)
	for _, info := range s.Frameworks {
		a.framework(info).kept = true
	}
	for _, row := range s.Executors {
		if err := a.restoreExecutor(row); err != nil {
			return fmt.Errorf("recovery of executor %s: %w", row.ExecutorID, err)
		}
	}
	for _, row := range s.Containers {
		a.restoreInner(row)
	}
	for _, row := range s.Tasks {
		if err := a.restoreTask(row); err != nil {
			return fmt.Errorf("recovery of task %s: %w", row.Info.GetTaskId().GetValue(), err)
		}
	}
	for _, row := range s.Updates {
		a.restoreUpdate(row)
	}
	if err := a.restoreCompleted(s.Completed); err != nil {
		return fmt.Errorf("recovery of history: %w", err)
	}
	a.restoreGroups(s.Tasks)
	a.log.Info("agent recovers", "agent_id", a.id, "rebooted", a.rebooted, "frameworks", len(s.Frameworks),
		"executors", len(s.Executors), "tasks", len(s.Tasks), "updates_waiting", s.Waiting())
	return nil
}

func (a *Agent) restoreExecutor(row store.Executor) error {
	f := a.frameworks[row.FrameworkID]
	if f == nil {
		return fmt.Errorf("its framework %s is not in the agent's state", row.FrameworkID)
	}
	e := &executor{
		id: row.ExecutorID, f: f, info: row.Info, command: row.Command, untried: row.Untried, given: row.Container, containerID: row.ContainerID, tasks: map[string]*task{},
		process: containerizer.Process(row.Process), launched: true, recovered: true, started: time.Now(),
	}
	if row.Subscribed {
		e.state = running
	}
	if row.Driver != "" {
		pid, err := actors.ParseUPID(row.Driver)
		if err != nil {
			return fmt.Errorf("its driver: %w", err)
		}
		e.driver = pid
	}
	var err error
	e.sandbox, err = sandbox.Path(a.conf.WorkDir, a.run(e))
	f.executors[e.id] = e
	return err
}

func (a *Agent) restoreTask(row store.Task) error {
	var e *executor
	if f := a.frameworks[row.FrameworkID]; f != nil {
		e = f.executors[row.ExecutorID]
	}
	if e == nil {
		return fmt.Errorf("its executor %s of framework %s is not in the agent's state", row.ExecutorID, row.FrameworkID)
	}
	t := &task{frameworkID: row.FrameworkID, info: row.Info, state: v1.TaskState_TASK_STAGING, kept: true}
	if row.Sent {
		e.tasks[t.id()] = t
	} else {
		e.add(t)
	}
	return nil
}

func (a *Agent) restoreUpdate(row store.Update) {
	a.streams.Restore(row.Number, row.Acknowledged, row.Update)
	k, s := statusupdate.KeyOf(row.Update), row.Update.GetStatus()
	t := a.findTask(k.FrameworkID, k.TaskID)
	if t == nil || s.State == nil {
		return // the agent's own word on a task that never got here; or only seen
	}
	t.observe(s)
	if row.Acknowledged || t.sentUUID == nil {
		t.sentState, t.sentUUID = s.State, row.Update.Uuid
	}
	if t.queued { // it ended before it was sent
		e, _ := a.find(k.FrameworkID, k.TaskID)
		e.unqueue(t)
	}
}
