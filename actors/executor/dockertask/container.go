package dockertask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"mesos/actors/containerizer/docker"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/launch"
)

// ErrKilled is why a container was not started that was to end before it began.
var ErrKilled = errors.New("killed before the container started")

// container is one that this program makes and watches. Its methods may be called
// from any goroutine.
type container struct {
	engine         *engine.Client
	name           string
	stdout, stderr io.Writer

	mu      sync.Mutex
	id      string // "" until it is started
	pid     int    // of its first process, on the machine
	stop    string // its stop signal
	signals []string
	over    bool
}

func newContainer(o *docker.Order, c *engine.Client) *container {
	return &container{engine: c, name: o.Name, stdout: os.Stdout, stderr: os.Stderr}
}

// start makes and starts the container, and gives what the engine tells of it and
// its output. What fails leaves no container.
func (c *container) start(ctx context.Context, spec *engine.Container) (*engine.State, *engine.Stream, error) {
	id, err := c.engine.Create(ctx, c.name, spec)
	if err != nil {
		return nil, nil, err
	}
	out, err := c.startMade(ctx, id, spec)
	if err == nil {
		var s *engine.State
		if s, err = c.engine.Inspect(ctx, id); err == nil {
			c.running(ctx, id, s)
			return s, out, nil
		}
		out.Close()
	}
	return nil, nil, errors.Join(err, c.engine.Remove(context.WithoutCancel(ctx), id))
}

// startMade begins to read before there is anything to read.
func (c *container) startMade(ctx context.Context, id string, spec *engine.Container) (*engine.Stream, error) {
	c.mu.Lock()
	early := len(c.signals) > 0
	c.mu.Unlock()
	if early {
		return nil, ErrKilled
	}
	out, err := c.engine.Attach(ctx, id, spec.OpenStdin, spec.Tty)
	if err != nil {
		return nil, fmt.Errorf("output of the container: %w", err)
	}
	if err := c.engine.Start(ctx, id); err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// running notes that the container runs, and sends it the signals that came before.
func (c *container) running(ctx context.Context, id string, s *engine.State) {
	c.mu.Lock()
	c.id, c.pid, c.stop = id, s.State.Pid, s.Config.StopSignal
	waiting := c.signals
	c.mu.Unlock()
	for _, sig := range waiting {
		_ = c.send(ctx, sig) // it may have ended
	}
}

// stopSignal stands for the signal by which a container wants to be asked to end.
const stopSignal = "stop"

// signal sends one as soon as the container runs.
func (c *container) signal(ctx context.Context, name string) error {
	c.mu.Lock()
	if c.id == "" {
		c.signals = append(c.signals, name)
		c.mu.Unlock()
		return nil
	}
	c.mu.Unlock()
	return c.send(ctx, name)
}

func (c *container) send(ctx context.Context, name string) error {
	c.mu.Lock()
	if name == stopSignal {
		if name = c.stop; name == "" {
			name = "SIGTERM"
		}
	}
	id := c.id
	c.mu.Unlock()
	return c.engine.Kill(ctx, id, name)
}

// pause is how long an engine that does not answer is left alone.
const pause = time.Second

// await returns when the container has ended, with its exit code. Meanwhile its
// output is written; when the engine is lost it is attached to again.
func (c *container) await(ctx context.Context, out *engine.Stream, tty bool) (code int, err error) {
	for {
		copied := make(chan error, 1)
		go func() { copied <- out.Copy(c.stdout, c.stderr) }()
		code, err := c.engine.Wait(ctx, c.id)
		if err != nil {
			out.Close() // the engine is gone, or this program is to end
		}
		if lost := <-copied; lost != nil && err == nil {
			fmt.Fprintln(c.stderr, "mesos-docker-executor:", lost)
		}
		out.Close()
		if err == nil {
			c.ended()
			return code, nil
		}
		if code, ended, err := c.look(ctx); ended || err != nil {
			c.ended()
			return code, err
		}
		if out, err = c.reattach(ctx, tty); err != nil {
			return 0, err
		}
	}
}

func (c *container) ended() {
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
}

func (c *container) isOver() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// look asks, until there is an answer, whether the container has ended.
func (c *container) look(ctx context.Context) (code int, ended bool, err error) {
	for {
		s, err := c.engine.Inspect(ctx, c.id)
		switch {
		case err == nil:
			return s.State.ExitCode, !s.State.Running, nil
		case engine.NotFound(err):
			return 0, true, fmt.Errorf("container %s was removed: %w", c.name, err)
		}
		if err := rest(ctx); err != nil {
			return 0, false, err
		}
	}
}

func (c *container) reattach(ctx context.Context, tty bool) (*engine.Stream, error) {
	for {
		out, err := c.engine.Attach(ctx, c.id, tty, tty)
		if err == nil {
			return out, nil
		}
		if engine.NotFound(err) || engine.Conflict(err) {
			return &engine.Stream{}, nil // it has ended: the next wait says how
		}
		if err := rest(ctx); err != nil {
			return nil, err
		}
	}
}

func rest(ctx context.Context) error {
	select {
	case <-time.After(pause):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// terminal says that this program's standard input is one.
func terminal() bool { return launch.IsTerminal(0) }
