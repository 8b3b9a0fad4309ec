package agent

import (
	"fmt"
	"time"

	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
)

// recoverContainers has the containerizer look, beside the actor, which
// containers of an earlier run still live, and kill what belongs to none of
// them. Executors may subscribe meanwhile; the master hears of the agent only
// afterwards, when what it has free is free indeed.
func (a *Agent) recoverContainers() {
	a.recovering = true
	var known []containerizer.Known
	for _, e := range a.executors() {
		if !a.rebooted {
			known = append(known, a.known(e))
			a.openDoor(e.containerID, e.sandbox)
		}
	}
	for _, c := range ordered.All(a.inner) {
		if !a.rebooted {
			known = append(known, a.knownInner(c))
		}
	}
	a.wg.Go(func() {
		alive, err := a.conf.Containerizer.Recover(a.conf.WorkDir, known)
		a.p.Dispatch(func() { a.containersRecovered(alive, err) })
	})
}

// executors are all that are not over.
func (a *Agent) executors() (out []*executor) {
	for _, f := range ordered.All(a.frameworks) {
		for _, e := range ordered.All(f.executors) {
			out = append(out, e)
		}
	}
	return out
}

// containersRecovered goes on with what lives and ends what does not.
func (a *Agent) containersRecovered(alive map[string]containerizer.Process, err error) {
	a.recovering = false
	a.metrics.recoveryTime.Store(int64(max(time.Since(a.start), 1)))
	if err != nil {
		a.metrics.recoveryErrors.Inc()
		a.conf.OnFailed(fmt.Errorf("recovery of containers: %w", err))
		return
	}
	a.endBrokenGroups()
	for _, e := range a.executors() {
		if p, ok := alive[e.containerID]; ok {
			a.resume(e, p)
		} else {
			a.bury(e)
		}
	}
	a.innersRecovered(alive)
	if a.id != "" { // after the updates on what did not survive a reboot
		a.conf.Store.Commit(nil, store.PutAgent(store.Agent{ID: a.id, BootID: a.conf.BootID, Info: a.info()}))
	}
	a.collectGarbage()
	a.drainTasks()
	a.resumeOperations()
	a.register()
}

// afterRecovery holds back an order of the master, which may not know yet that
// the agent was restarted: what is launched or killed during recovery could be
// taken for something that an earlier run left. Orders also wait for the disks
// to follow an operation: a task may need the volume that is being created.
func afterRecovery[M any](a *Agent, carryOut func(from actors.UPID, msg M)) func(actors.UPID, M) {
	return func(from actors.UPID, msg M) {
		if a.recovering || a.acting > 0 {
			a.held = append(a.held, func() { carryOut(from, msg) })
			return
		}
		carryOut(from, msg)
	}
}

// resume goes on with an executor that lives. It must subscribe again in time.
func (a *Agent) resume(e *executor, p containerizer.Process) {
	if e.process != p {
		e.process = p
		a.keepExecutor(e)
	}
	a.attachSandbox(e)
	a.watchEnd(e.containerID, a.ended(e))
	if e.conn != nil {
		return // it was quicker
	}
	a.reconnect(e)
	limit, timedOut := a.conf.ExecutorReregistrationTimeout, a.reregistrationTimedOut
	if e.state == registering {
		limit, timedOut = a.conf.ExecutorRegistrationTimeout, a.registrationTimedOut
	}
	e.cancelTimeout = a.p.Delay(limit, func() { timedOut(e) })
}

func (a *Agent) reregistrationTimedOut(e *executor) {
	if e.conn != nil || e.state >= terminating {
		return
	}
	a.log.Warn("executor did not subscribe again in time", "framework_id", e.f.id, "executor_id", e.id, "container_id", e.containerID)
	e.verdict = &verdict{
		v1.TaskState_TASK_FAILED, v1.TaskStatus_REASON_EXECUTOR_REREGISTRATION_TIMEOUT,
		fmt.Sprintf("the executor did not subscribe again within %s of the agent's restart", a.conf.ExecutorReregistrationTimeout),
	}
	a.destroy(e)
}

// bury ends an executor that did not survive the agent's absence, or begins it
// anew if none of its tasks can have run.
func (a *Agent) bury(e *executor) {
	switch {
	case a.rebooted:
		e.verdict = &verdict{v1.TaskState_TASK_GONE, v1.TaskStatus_REASON_AGENT_RESTARTED, "the machine of the agent was restarted"}
	case e.onlyWaits():
		a.beginAnew(e)
		return
	}
	a.attachSandbox(e)
	a.containerExited(e, containerizer.Exit{Status: containerizer.UnknownStatus, Message: "the executor ended while its agent was down"})
}

// onlyWaits says that there are tasks, and that those which are not over were
// never sent.
func (e *executor) onlyWaits() bool {
	for _, t := range ordered.All(e.tasks) {
		if !t.queued && !t.terminal() {
			return false
		}
	}
	return len(e.queued) > 0
}

// beginAnew starts another container for an executor that was given nothing to
// do by the time the agent died.
func (a *Agent) beginAnew(e *executor) {
	a.sandboxOver(e.sandbox)
	a.closeDoor(e.sandbox)
	a.dropInner(e.containerID)
	e.containerID, e.process, e.networks, e.state, e.launched, e.recovered = a.newUUID(), containerizer.Process{}, nil, registering, false, false
	a.commit(e.f.info, func() {
		if e.state == registering {
			a.startContainer(e)
		}
	}, store.PutExecutor(e.row()))
}
