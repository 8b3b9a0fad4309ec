package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"

	"mesos/actors/checks"
	"mesos/actors/checks/httpget"
	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor/probing"
	v1 "mesos/messages/mesos/v1"
)

// Probe implements Processes.
func (t *Tree) Probe(task *v1.TaskInfo, p checks.Probe, done func(checks.Result)) (cancel func()) {
	finish := func(r checks.Result) {
		t.dispatch(func() {
			// A task that has just ended answers no probe; that is no sign of its health.
			if !t.over() {
				done(r)
			}
		})
	}
	switch {
	case p.Kind == v1.CheckInfo_COMMAND:
		return t.probeByCommand(task, p.Command, finish)
	case strings.HasPrefix(p.URL, "https:"):
		return t.probeByProgram(p.URL, finish)
	}
	return t.probeBySocket(p, finish)
}

// probeBySocket makes the probe itself. Where the server redirects to HTTPS
// the program takes over.
func (t *Tree) probeBySocket(p checks.Probe, finish func(checks.Result)) (cancel func()) {
	ctx, end := context.WithCancel(context.Background())
	stop := end // as cancel, for the dispatching goroutine alone
	t.busy.Go(func() {
		r := checks.Socket(ctx, p)
		if !errors.Is(r.Err, httpget.ErrScheme) {
			end()
			finish(r)
			return
		}
		t.dispatch(func() {
			if ctx.Err() != nil {
				finish(r)
				return
			}
			end()
			stop = t.probeByProgram(p.URL, finish)
		})
	})
	return func() { stop() }
}

// probeByCommand runs a command as the task runs. What it writes goes to the
// task's standard error.
func (t *Tree) probeByCommand(task *v1.TaskInfo, c *v1.CommandInfo, finish func(checks.Result)) (cancel func()) {
	spec, err := specFor(task, c, os.Environ())
	if err != nil {
		finish(checks.Result{Err: err})
		return func() {}
	}
	return t.probeBySide(spec, [2]uintptr{2, 2}, func(ws syscall.WaitStatus) checks.Result {
		if !ws.Exited() {
			return checks.Result{Err: errors.New("command " + proctree.Describe(ws))}
		}
		return checks.Result{Exit: ws.ExitStatus()}
	}, finish)
}

// probeByProgram has mesos-probe ask for a URL. It says little, so that the
// pipe holds it until the end.
func (t *Tree) probeByProgram(url string, finish func(checks.Result)) (cancel func()) {
	r, w, err := os.Pipe()
	if err != nil {
		finish(checks.Result{Err: fmt.Errorf("pipe for mesos-probe: %w", err)})
		return func() {}
	}
	defer w.Close()
	spec := launch.Spec{File: t.https, Argv: []string{"mesos-probe", url}}
	return t.probeBySide(spec, [2]uintptr{w.Fd(), w.Fd()}, func(ws syscall.WaitStatus) checks.Result {
		how := ""
		if !ws.Exited() || ws.ExitStatus() != 0 {
			how = proctree.Describe(ws)
		}
		return probing.Said(r, how)
	}, func(res checks.Result) { r.Close(); finish(res) })
}

// marks numbers the probes of this program.
var marks atomic.Uint64

// probeBySide starts a process and turns its end into a result. It must not
// outlive the program, and cancel kills all that it started.
func (t *Tree) probeBySide(spec launch.Spec, out [2]uintptr, result func(syscall.WaitStatus) checks.Result, finish func(checks.Result)) (cancel func()) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		finish(checks.Result{Err: err})
		return func() {}
	}
	defer null.Close()
	mark := fmt.Sprintf("MESOS_CHECK_ID=%d.%d", os.Getpid(), marks.Add(1))
	spec.Env = append(spec.Env, mark)
	spec.Files = [3]uintptr{null.Fd(), out[0], out[1]}
	spec.Session, spec.DieWithParent = true, true
	pid, err := t.sides.start(spec, func(ws syscall.WaitStatus) { finish(result(ws)) })
	if err != nil {
		finish(checks.Result{Err: err})
		return func() {}
	}
	return func() {
		t.busy.Go(func() { proctree.Kill(func() []int { return t.sides.find(pid, mark) }, patience) })
	}
}
