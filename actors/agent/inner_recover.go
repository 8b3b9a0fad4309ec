package agent

import (
	"os"
	"path/filepath"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
)

// restoreInner takes up a nested or standalone container of an earlier run. What
// was nested in an executor that is over went with it.
func (a *Agent) restoreInner(row store.Container) {
	c := &inner{
		key: row.ID, call: row.Launch, session: row.Session, keep: true, state: innerRunning,
		process: containerizer.Process(row.Process), waiters: map[*waiter]struct{}{},
	}
	var err error
	if c.sandbox, err = a.innerSandbox(c.key); err != nil {
		a.log.Info("container is gone with what it was nested in", "container_id", c.key)
		a.conf.Store.Commit(nil, store.DeleteContainer(c.key))
		return
	}
	if c.session {
		c.sandbox = filepath.Dir(filepath.Dir(c.sandbox))
	}
	a.inner[c.key] = c
}

// innersRecovered waits for those that live, and learns how the others ended.
// It comes after executors that are gone took along what was nested in them.
func (a *Agent) innersRecovered(alive map[string]containerizer.Process) {
	roots := map[string]bool{}
	for _, e := range a.executors() {
		roots[e.containerID] = true
	}
	for key, c := range a.inner {
		roots[rootKey(key)] = true
		if p, ok := alive[key]; ok && c.process != p {
			c.process = p
			a.conf.Store.Commit(nil, store.PutContainer(c.row()))
		}
		a.attachInnerSandbox(c)
		a.wg.Go(func() { a.awaitInner(c) })
		if c.session { // its connection is gone
			a.wg.Go(func() { a.conf.Containerizer.Destroy(c.key) })
		}
	}
	a.sweepRuntime(roots)
}

// sweepRuntime removes the runtime directories that belong to nothing.
func (a *Agent) sweepRuntime(roots map[string]bool) {
	dir := filepath.Dir(a.runtimeDir("x"))
	a.wg.Go(func() {
		entries, _ := os.ReadDir(dir) // mostly there is none
		for _, e := range entries {
			if !roots[e.Name()] {
				os.RemoveAll(filepath.Join(dir, e.Name()))
			}
		}
	})
}
