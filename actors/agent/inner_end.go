package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mesos/actors/agent/store"
	"mesos/actors/containerizer"
	v1 "mesos/messages/mesos/v1"
)

// innerEnded keeps the exit of a container and tells those who wait for it.
func (a *Agent) innerEnded(c *inner, x containerizer.Exit) {
	if c.state == innerEnded {
		return
	}
	c.state, c.exit = innerEnded, x
	a.log.Info("container exited", "container_id", c.key, "status", x.Status)
	for _, done := range c.launched { // its start was on the way to the disk
		done(containerAnswer{Code: http.StatusOK})
	}
	c.launched = nil
	for w := range c.waiters {
		w.done(containerAnswer{Code: http.StatusOK, Exit: &c.exit})
	}
	clear(c.waiters)
	a.dropInner(c.key)
	if c.gone {
		a.forgetInner(c)
	}
	a.innerOver(c)
}

// dropInner forgets what was nested in a container that has ended, each as soon
// as its own end was told.
func (a *Agent) dropInner(key string) {
	for _, c := range a.below(key) {
		c.gone = true
		if c.state == innerEnded {
			a.forgetInner(c)
		}
	}
}

// forgetInner forgets a container that has ended, or was never started.
func (a *Agent) forgetInner(c *inner) {
	if a.inner[c.key] != c {
		return
	}
	delete(a.inner, c.key)
	if c.keep {
		a.conf.Store.Commit(nil, store.DeleteContainer(c.key))
	}
	dir := a.runtimeDir(c.key)
	a.wg.Go(func() { os.RemoveAll(dir) })
}

// waitInner answers when a container has ended; ctx ends the interest in it.
func (a *Agent) waitInner(ctx context.Context, id *v1.ContainerID, done func(containerAnswer)) {
	c := a.inner[innerKey(id)]
	if c == nil {
		done(noContainer(id))
		return
	}
	if c.state == innerEnded {
		done(containerAnswer{Code: http.StatusOK, Exit: &c.exit})
		return
	}
	w := &waiter{done}
	c.waiters[w] = struct{}{}
	context.AfterFunc(ctx, func() {
		a.p.Dispatch(func() { delete(c.waiters, w) })
	})
}

// killInner sends a signal to a container; SIGKILL ends all of it.
func (a *Agent) killInner(id *v1.ContainerID, signal int32, done func(containerAnswer)) {
	c := a.inner[innerKey(id)]
	switch {
	case c == nil || c.state == innerEnded:
		done(noContainer(id))
		return
	case signal < 1 || signal > 64:
		done(containerAnswer{Code: http.StatusBadRequest, Text: fmt.Sprintf("signal: %d is none: it must be from 1 to 64.", signal)})
		return
	case c.state == innerStarting:
		c.signals = append(c.signals, signal) // once it runs
		if signal == int32(syscall.SIGKILL) {
			a.signalInner(c, signal) // which may give up the launch
		}
	default:
		a.signalInner(c, signal)
	}
	done(containerAnswer{Code: http.StatusOK})
}

// signalInner sends a signal beside the actor.
func (a *Agent) signalInner(c *inner, signal int32) {
	a.wg.Go(func() {
		if signal == int32(syscall.SIGKILL) {
			a.conf.Containerizer.Destroy(c.key)
			return
		}
		if err := a.conf.Containerizer.Signal(c.key, syscall.Signal(signal)); err != nil {
			a.log.Info("signal did not reach the container", "container_id", c.key, "signal", signal, "error", err)
		}
	})
}

// removeInner forgets a container that has ended, with its sandbox. One that is
// not there is removed already.
func (a *Agent) removeInner(id *v1.ContainerID, done func(containerAnswer)) {
	key := innerKey(id)
	c := a.inner[key]
	switch root := rootKey(key); {
	case c == nil && root != key && (a.executorWith(root) != nil || a.inner[root] != nil):
		done(containerAnswer{Code: http.StatusOK})
		return
	case c == nil:
		done(noContainer(id))
		return
	case c.state != innerEnded:
		done(containerAnswer{Code: http.StatusBadRequest, Text: fmt.Sprintf("container_id: %s has not ended: KILL it first.", key)})
		return
	}
	a.forgetInner(c)
	if outerKey(key) == "" && a.conf.Sandboxes != nil {
		a.conf.Sandboxes.Detach(c.sandbox)
	}
	a.wg.Go(func() {
		if !c.session { // the sandbox of a session is not its own
			if err := removeSandbox(key, c.sandbox); err != nil {
				a.log.Warn("sandbox cannot be removed", "container_id", key, "path", c.sandbox, "error", err)
			}
		}
		done(containerAnswer{Code: http.StatusOK})
	})
}

// removeSandbox removes a sandbox. No link that a user put above a nested one
// is followed out of the outermost sandbox.
func removeSandbox(key, dir string) error {
	depth := strings.Count(key, ".")
	if depth == 0 {
		return os.RemoveAll(dir)
	}
	outermost := dir
	for range depth {
		outermost = filepath.Dir(filepath.Dir(outermost))
	}
	inner, err := filepath.Rel(outermost, dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(outermost)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only read from
	return root.RemoveAll(inner)
}

func noContainer(id *v1.ContainerID) containerAnswer {
	return containerAnswer{Code: http.StatusNotFound, Text: fmt.Sprintf("Container %s cannot be found: it does not run on this agent.", innerKey(id))}
}
