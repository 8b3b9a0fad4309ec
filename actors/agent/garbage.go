package agent

import (
	"time"

	"mesos/actors/agent/gc"
	"mesos/actors/agent/store"
	"mesos/actors/sandbox"
)

// garbage is what the agent knows of sandboxes to be removed.
type garbage struct {
	gc.Schedule
	removing bool // a round is under way, beside the actor
}

// collectGarbage begins to remove sandboxes, with what earlier runs of the agent
// left. It comes after recovery: what is live is known then.
func (a *Agent) collectGarbage() {
	if a.conf.Garbage == nil {
		return
	}
	a.wg.Go(func() {
		found, err := a.conf.Garbage.Find()
		if err != nil {
			a.log.Warn("sandboxes of earlier runs of the agent cannot all be found", "error", err)
		}
		a.p.Dispatch(func() {
			for _, f := range found {
				if !a.live(f.Path) {
					a.garbage.Add(f)
				}
			}
			a.lookAtDisk()
		})
	})
}

// lookAtDisk does a round, now and after every interval.
func (a *Agent) lookAtDisk() {
	a.collect()
	a.p.Delay(a.conf.Collect.Interval, a.lookAtDisk)
}

// sandboxOver schedules a sandbox in which nothing runs any more.
func (a *Agent) sandboxOver(path string) {
	if a.conf.Garbage == nil || path == "" {
		return
	}
	now := time.Now()
	a.wg.Go(func() {
		if err := a.conf.Garbage.Touch(path, now); err != nil {
			a.log.Debug("the end of a sandbox cannot be noted", "path", path, "error", err)
		}
		a.p.Dispatch(func() {
			a.garbage.Add(gc.Found{Path: path, Ended: now})
			if a.conf.Collect.Delay < a.conf.Collect.Interval {
				a.p.Delay(a.conf.Collect.Delay, a.collect) // sooner than the next look
			}
		})
	})
}

// collect removes what is due, beside the actor.
func (a *Agent) collect() {
	if a.garbage.removing || a.garbage.Len() == 0 {
		return
	}
	a.garbage.removing = true
	a.wg.Go(func() {
		usage, err := a.conf.Garbage.Usage()
		if err != nil {
			a.log.Warn("sandboxes stay as long as if there was room", "error", err)
			usage = 0
		}
		a.p.Dispatch(func() {
			age := a.maxAge(usage, err)
			a.metrics.maxAge.Store(int64(age))
			a.removeDue(age, usage)
		})
	})
}

// maxAge is how old sandboxes may get.
func (a *Agent) maxAge(usage float64, unknown error) time.Duration {
	if unknown != nil {
		return a.conf.Collect.Delay
	}
	return a.conf.Collect.MaxAge(usage)
}

// removeDue removes what is older than that, one after the other.
func (a *Agent) removeDue(age time.Duration, usage float64) {
	var due []string
	for _, path := range a.garbage.Due(time.Now().Add(-age)) {
		if !a.live(path) { // an executor may not be over after all
			a.forgetSandbox(path)
			due = append(due, path)
		}
	}
	if len(due) == 0 {
		a.garbage.removing = false
		return
	}
	a.log.Info("old sandboxes are removed", "count", len(due), "older_than", age, "disk_usage", usage)
	a.metrics.removing.Store(int64(len(due)))
	a.wg.Go(func() {
		for _, path := range due {
			if a.ctx.Err() != nil {
				return
			}
			err := a.conf.Garbage.Remove(path)
			a.metrics.removing.Add(-1)
			a.p.Dispatch(func() { a.removed(path, err) })
		}
		a.p.Dispatch(func() {
			a.garbage.removing = false
			a.collect() // what became due meanwhile
		})
	})
}

// retryRemoval is how long a sandbox rests that could not be removed.
const retryRemoval = time.Hour

func (a *Agent) removed(path string, err error) {
	if err == nil {
		a.metrics.removalsSucceeded.Inc()
		a.log.Debug("sandbox removed", "path", path)
		return
	}
	a.metrics.removalsFailed.Inc()
	a.log.Warn("a sandbox cannot be removed; it will be tried again", "path", path, "after", retryRemoval, "error", err)
	a.p.Delay(retryRemoval, func() { a.garbage.Add(gc.Found{Path: path}) })
}

// live says that a sandbox belongs to a container that is not over.
func (a *Agent) live(path string) bool {
	if c := a.innerAt(path); c != nil {
		return c.state != innerEnded
	}
	r, ok := sandbox.Parse(a.conf.WorkDir, path)
	if ok && !a.isRun(r, path) {
		return false // of a container nested in it, which is forgotten
	}
	if f := a.frameworks[r.FrameworkID]; ok && f != nil {
		if e := f.executors[r.ExecutorID]; e != nil {
			return e.containerID == r.ContainerID
		}
	}
	return false
}

// isRun says that a path is the sandbox of an executor itself, not one below it.
func (a *Agent) isRun(r sandbox.Run, path string) bool {
	own, err := sandbox.Path(a.conf.WorkDir, r)
	return err == nil && own == path
}

// forgetSandbox stops to show a sandbox that goes, now and after a restart.
func (a *Agent) forgetSandbox(path string) {
	r, ok := sandbox.Parse(a.conf.WorkDir, path)
	if !ok && a.conf.Sandboxes != nil {
		a.conf.Sandboxes.Detach(path) // of a standalone container
	}
	if !ok || !a.isRun(r, path) {
		return // what is nested is served with what it is nested in
	}
	for _, e := range a.completedOf(r.FrameworkID) {
		if e.containerID == r.ContainerID {
			a.detachSandbox(e)
			a.conf.Store.Commit(nil, store.DeleteCompleted(e.f.id, e.containerID))
		}
	}
}
