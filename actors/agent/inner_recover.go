package agent

import (
	"os"
	"path/filepath"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	"mesos/messages/ordered"
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
	for key, c := range ordered.All(a.inner) {
		roots[rootKey(key)] = true
		p, ok := alive[key]
		if !ok && c.process.PID == 0 && a.neverStarted(c) {
			continue
		}
		if ok && c.process != p {
			c.process = p
			a.conf.Store.Commit(nil, store.PutContainer(c.row()))
		}
		a.attachInnerSandbox(c)
		a.watchEnd(c.key, a.endedInner(c))
		if c.session { // its connection is gone
			a.wg.Go(func() { a.conf.Containerizer.Destroy(c.key) })
		}
	}
	a.sweepRuntime(roots)
}

// neverStarted forgets a container whose launch was about to begin when the agent
// died: nobody was told that it is there, and whoever still waits for its launch
// asks for it again. One that did start and has ended is not meant.
func (a *Agent) neverStarted(c *inner) bool {
	select {
	case x, ok := <-a.conf.Containerizer.Wait(c.key):
		if ok {
			a.innerEnded(c, x)
			return true
		}
	default:
		return false
	}
	a.log.Info("container was never started", "container_id", c.key)
	delete(a.inner, c.key)
	a.conf.Store.Commit(nil, store.DeleteContainer(c.key))
	os.RemoveAll(a.runtimeDir(c.key)) // at once: the next launch uses it
	return true
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
