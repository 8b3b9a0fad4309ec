package docker

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	"mesos/isolators/seccomp"
	v1 "mesos/messages/mesos/v1"
)

// Options of a Runtime.
type Options struct {
	Engine  *engine.Client // closed with the Runtime
	Program string         // path of mesos-docker-executor
	Mark    string         // tells the agent's containers from those of others: LabelAgent
	Sandbox string         // --sandbox_directory: where a container finds its sandbox
	Cgroups cgroups.Options
	Seccomp seccomp.Options // where profiles are that containers name
	Layout  *cgroup.Layout  // nil: nothing is known of what containers use
	Group   string          // cgroup in every hierarchy in which the engine makes each container, within one of its id; "": where it likes. It takes a Layout and the engine's driver cgroupfs

	StopTimeout time.Duration // from the stop signal to being killed, of containers whose program has ended; 0 kills at once
	RemoveDelay time.Duration // for which a container is kept that has ended
	KillOrphans bool          // at the start of the agent, those of earlier runs that nobody knows are ended

	// Credentials are those for the registry of an image, nil for none; may be nil.
	Credentials func(image string) (*engine.Credentials, error)
	Pulled      func(time.Duration) // told of each fetch of an image; may be nil
	Log         *slog.Logger
}

// Runtime has a Docker engine make containers. It is also the isolator that
// belongs to them.
type Runtime struct {
	o       Options
	sweeper *sweeper

	mu    sync.Mutex
	known map[string]*made
}

// made is a container that there is, or will be.
type made struct {
	demand  isolators.Demand
	session bool
	limits  chan isolators.Limitation
}

var (
	_ isolators.Isolator    = (*Runtime)(nil)
	_ isolators.Limiter     = (*Runtime)(nil)
	_ containerizer.Runtime = (*Runtime)(nil)
)

// New makes one. Close it.
func New(o Options) *Runtime {
	r := &Runtime{o: o, known: map[string]*made{}}
	r.sweeper = newSweeper(r)
	return r
}

// Name implements isolators.Isolator.
func (*Runtime) Name() string { return "docker" }

// Accepts says whether a container is one for a Docker engine. No ContainerInfo is
// not, though DOCKER is what its type reads as.
func Accepts(info *v1.ContainerInfo) bool {
	return info != nil && info.GetType() == v1.ContainerInfo_DOCKER
}

// Image implements containerizer.Runtime: every command is looked for there.
func (*Runtime) Image(containerizer.Config) bool { return true }

// Prepare implements isolators.Isolator: the image is fetched.
func (r *Runtime) Prepare(ctx context.Context, c isolators.Container, _ *boot.Launch) error {
	m := &made{demand: c.Demand, session: c.Session, limits: make(chan isolators.Limitation, 1)}
	r.mu.Lock()
	_, twice := r.known[c.ID]
	if !twice {
		r.known[c.ID] = m
	}
	r.mu.Unlock()
	if twice {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	if c.Session {
		return nil
	}
	if _, nested := isolators.Parent(c.ID); nested {
		return fmt.Errorf("container %s: nothing but sessions can be nested in a container of type DOCKER", c.ID)
	}
	return r.pull(ctx, c.Info.GetDocker())
}

// pull fetches an image that the engine does not have, or may have another of.
func (r *Runtime) pull(ctx context.Context, info *v1.ContainerInfo_DockerInfo) error {
	image := info.GetImage()
	if image == "" {
		return fmt.Errorf("container.docker.image must be set")
	}
	if !info.GetForcePullImage() {
		has, err := r.o.Engine.HasImage(ctx, image)
		if has || err != nil {
			return err
		}
	}
	var auth *engine.Credentials
	if r.o.Credentials != nil {
		var err error
		if auth, err = r.o.Credentials(image); err != nil {
			return fmt.Errorf("container.docker.image %s: %w", image, err)
		}
	}
	start := time.Now()
	if err := r.o.Engine.Pull(ctx, image, auth); err != nil {
		return fmt.Errorf("container.docker.image: %w", err)
	}
	if r.o.Pulled != nil {
		r.o.Pulled(time.Since(start))
	}
	return nil
}

// Wrap implements containerizer.Runtime.
func (r *Runtime) Wrap(_ context.Context, c containerizer.Config, l *boot.Launch) error {
	o := &Order{Socket: r.o.Engine.Socket(), Name: Name(c.ContainerID)}
	var err error
	switch {
	case c.Session:
		err = r.session(o, c)
	case c.Program && c.Reaper:
		o.Task = true
		if o.Container, err = r.specOf(c, l.Given); err == nil {
			err = Environment(o.Container, append(l.Given.Env[:len(l.Given.Env):len(l.Given.Env)], "MESOS_SANDBOX="+r.o.Sandbox, "MESOS_CONTAINER_NAME="+o.Name), nil)
		}
	default:
		if o.Container, err = r.specOf(c, l.Given); err == nil {
			Command(o.Container, c.Command)
			err = Environment(o.Container, append(c.Environment[:len(c.Environment):len(c.Environment)], "MESOS_SANDBOX="+r.o.Sandbox, "MESOS_CONTAINER_NAME="+o.Name), nil)
		}
	}
	if err != nil {
		return err
	}
	entry, err := o.Entry()
	l.File, l.Argv, l.Env = r.o.Program, []string{filepath.Base(r.o.Program)}, append(l.Env[:len(l.Env):len(l.Env)], entry)
	return err
}

// runtimeMark is what processes of a session are found by.
const runtimeMark = "MESOS_CONTAINER_RUNTIME="

// session is something that is executed in a container that runs.
func (r *Runtime) session(o *Order, c containerizer.Config) error {
	up, _ := isolators.Parent(c.ContainerID)
	o.Name = Name(up)
	var s engine.Container
	Command(&s, c.Command)
	e := &engine.Exec{Cmd: append(s.Entrypoint, s.Cmd...), WorkingDir: r.o.Sandbox, Tty: c.TTY != nil, AttachStdin: true, AttachStdout: true, AttachStderr: true}
	if argv := c.Command.GetArguments(); !c.Command.GetShell() && len(argv) > 0 {
		e.Cmd = append([]string{cmp.Or(c.Command.GetValue(), argv[0])}, argv[1:]...) // a session has no entrypoint
	}
	for _, v := range c.Environment {
		// What the image says of its programs' places holds in it.
		if !strings.HasPrefix(v, "PATH=") {
			e.Env = append(e.Env, v)
		}
	}
	e.Env = append(e.Env, "MESOS_SANDBOX="+r.o.Sandbox, runtimeMark+c.Runtime)
	o.Exec = e
	return nil
}

// Isolate implements isolators.Isolator.
func (*Runtime) Isolate(context.Context, string, int) error { return nil }

// Watch implements isolators.Isolator.
func (r *Runtime) Watch(id string) <-chan isolators.Limitation {
	if m := r.find(id); m != nil {
		return m.limits
	}
	none := make(chan isolators.Limitation)
	close(none)
	return none
}

func (r *Runtime) find(id string) *made {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[id]
}

// own is a container that has figures and limits of its own. It is nil without an error for a
// session: what that does counts for the container that it is in.
func (r *Runtime) own(id string) (*made, error) {
	m := r.find(id)
	switch {
	case m == nil:
		return nil, fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	case m.session:
		return nil, nil
	}
	return m, nil
}

func (r *Runtime) demand(m *made) isolators.Demand {
	r.mu.Lock()
	defer r.mu.Unlock()
	return m.demand
}

// Limited implements isolators.Limiter.
func (r *Runtime) Limited(id string) (isolators.Limitation, bool) {
	ctx, end := context.WithTimeout(context.Background(), askTimeout)
	defer end()
	m := r.find(id)
	if m == nil || m.session {
		return isolators.Limitation{}, false
	}
	s, err := r.o.Engine.Inspect(ctx, Name(id))
	if err != nil || !s.State.OOMKilled {
		return isolators.Limitation{}, false
	}
	return cgroups.OutOfMemory(r.demand(m)), true
}

// askTimeout bounds a question to the engine that nothing depends on.
const askTimeout = 10 * time.Second

// Update implements isolators.Isolator.
func (r *Runtime) Update(ctx context.Context, id string, d isolators.Demand) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	r.mu.Lock()
	m.demand = d
	r.mu.Unlock()
	return r.o.Engine.Update(ctx, Name(id), r.amounts(d))
}

// Usage implements isolators.Isolator. Of a container that does not run there is
// nothing to tell.
func (r *Runtime) Usage(id string, to *v1.ResourceStatistics) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	ctx, end := context.WithTimeout(context.Background(), askTimeout)
	defer end()
	f, err := r.groups(ctx, id)
	if f == nil || err != nil {
		return nil //nolint:nilerr // it has just ended
	}
	f.Usage(r.o.Cgroups, r.demand(m), to)
	return nil
}

// Close implements isolators.Isolator.
func (r *Runtime) Close() {
	r.sweeper.stop()
	r.o.Engine.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.known {
		close(m.limits)
	}
	clear(r.known)
}
