package dockertask

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"mesos/actors/checks"
	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/launch"
	"mesos/actors/executor/probing"
	v1 "mesos/messages/mesos/v1"
)

// Probe implements command.Processes. Commands are executed in the container,
// HTTP and TCP are tried from within its network.
func (t *Task) Probe(task *v1.TaskInfo, p checks.Probe, done func(checks.Result)) (cancel func()) {
	ctx, end := context.WithCancel(t.ctx)
	t.busy.Go(func() {
		defer end()
		r := t.probe(ctx, task, p)
		t.dispatch(func() {
			// A task that has just ended answers no probe; that is no sign of its health.
			if !t.c.isOver() {
				done(r)
			}
		})
	})
	return end
}

func (t *Task) probe(ctx context.Context, task *v1.TaskInfo, p checks.Probe) (r checks.Result) {
	if p.Kind == v1.CheckInfo_COMMAND {
		return t.probeByCommand(ctx, task, p.Command)
	}
	err := inNetwork(t.c.pid, func() { r = probing.Ask(ctx, p, t.https) })
	if err != nil {
		return checks.Result{Err: err}
	}
	return r
}

// inNetwork calls f in the network of a process. f may start programs, but no
// goroutine that uses the network.
func inNetwork(pid int, f func()) error {
	done := make(chan error)
	go func() {
		// The thread ends with the goroutine, so that nobody else is in that network.
		runtime.LockOSThread()
		fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			_ = unix.Close(fd)
		}
		if err == nil {
			f()
		} else {
			err = fmt.Errorf("network of the container: %w", err)
		}
		done <- err
	}()
	return <-done
}

// probeByCommand executes a command in the container. What it writes goes to the
// task's standard error. A probe that is cancelled is killed.
func (t *Task) probeByCommand(ctx context.Context, task *v1.TaskInfo, c *v1.CommandInfo) checks.Result {
	var words engine.Container
	docker.Command(&words, c)
	env, err := launch.Environ(t.order.Container.Env, task.GetCommand().GetEnvironment())
	if err == nil {
		env, err = launch.Environ(env, c.GetEnvironment())
	}
	if err != nil {
		return checks.Result{Err: err}
	}
	e := engine.Exec{Cmd: append(words.Entrypoint, words.Cmd...), Env: env, AttachStdout: true, AttachStderr: true}
	if !c.GetShell() && len(c.GetArguments()) > 0 {
		e.Cmd = append([]string{c.GetValue()}, c.GetArguments()[1:]...)
	}
	id, err := t.c.engine.NewExec(ctx, t.c.name, e)
	if err != nil {
		return checks.Result{Err: err}
	}
	out, err := t.c.engine.StartExec(ctx, id, false)
	if err != nil {
		return checks.Result{Err: err}
	}
	stop := context.AfterFunc(ctx, func() { t.killExec(id); out.Close() })
	err = out.Copy(t.c.stderr, t.c.stderr)
	out.Close()
	if !stop() {
		return checks.Result{Err: context.Cause(ctx)}
	}
	if err != nil {
		return checks.Result{Err: err}
	}
	code, err := execCode(ctx, t.c.engine, id)
	return checks.Result{Err: err, Exit: code}
}

// killExec kills a command in the container; the engine has no call for that.
func (t *Task) killExec(id string) {
	ctx, end := context.WithTimeout(context.Background(), killTimeout)
	defer end()
	x, err := t.c.engine.InspectExec(ctx, id)
	if err == nil && x.Running && x.Pid > 0 {
		err = syscall.Kill(x.Pid, syscall.SIGKILL)
	}
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		t.log.Warn("a check's command goes on", "error", err)
	}
}
