package dockertask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/launch"
)

// killTimeout bounds a signal on its way to a container.
const killTimeout = 30 * time.Second

// handedOn are the signals that are meant for what runs in the container.
var handedOn = []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}

// Run makes the container of an Order, and returns its exit code when it ends.
func Run(ctx context.Context, o *docker.Order, e *engine.Client) (code int, err error) {
	c := newContainer(o, e)
	stop := handOn(func(s syscall.Signal) error { return c.signal(ctx, strconv.Itoa(int(s))) })
	defer stop()
	_, out, err := c.start(ctx, o.Container)
	if err != nil {
		return 0, err
	}
	if o.Container.Tty && terminal() {
		defer c.interact(ctx, out)()
	}
	return c.await(ctx, out, o.Container.Tty)
}

// Exec executes what an Order says in the container that it names, and returns its
// exit code.
func Exec(ctx context.Context, o *docker.Order, e *engine.Client) (code int, err error) {
	id, err := e.NewExec(ctx, o.Name, *o.Exec)
	if err != nil {
		return 0, err
	}
	stop := handOn(func(s syscall.Signal) error {
		x, err := e.InspectExec(ctx, id)
		if err != nil || x.Pid == 0 {
			return err
		}
		return syscall.Kill(x.Pid, s)
	})
	defer stop()
	out, err := e.StartExec(ctx, id, o.Exec.Tty)
	if err != nil {
		return 0, err
	}
	defer out.Close()
	if o.Exec.Tty && terminal() {
		defer launch.Interact(ctx, out, func(rows, columns int) { _ = e.Resize(ctx, id, true, rows, columns) })()
	} else {
		go func() { // it ends with the stream, or with this program
			_, _ = io.Copy(out, os.Stdin)
			_ = out.CloseWrite()
		}()
	}
	if err := out.Copy(os.Stdout, os.Stderr); err != nil {
		return 0, err
	}
	return execCode(ctx, e, id)
}

// execCode waits for the exit code, which the engine knows a little later than the
// end of the output.
func execCode(ctx context.Context, e *engine.Client, id string) (int, error) {
	for {
		x, err := e.InspectExec(ctx, id)
		if err != nil || !x.Running {
			return x.ExitCode, err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// handOn calls send for each signal that is meant for the container.
func handOn(send func(syscall.Signal) error) (stop func()) {
	signals, done := make(chan os.Signal, 16), make(chan struct{})
	signal.Notify(signals, handedOn...)
	go func() {
		defer close(done)
		for s := range signals {
			n, _ := s.(syscall.Signal)
			if err := send(n); err != nil && !errors.Is(err, syscall.ESRCH) {
				fmt.Fprintf(os.Stderr, "mesos-docker-executor: signal %s: %v\n", n, err)
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}

// interact joins this program's terminal with that of a container.
func (c *container) interact(ctx context.Context, to *engine.Stream) (restore func()) {
	return launch.Interact(ctx, to, func(rows, columns int) { _ = c.engine.Resize(ctx, c.id, false, rows, columns) })
}
