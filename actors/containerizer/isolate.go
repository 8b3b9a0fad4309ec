package containerizer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"mesos/actors/containerizer/launch"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/namespaces"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Isolation is what confines containers, and counts what they use.
type Isolation struct {
	Set isolators.Isolator
	// Init is the path of mesos-init, which waits until it is isolated before
	// it runs a command. Without it ("") commands run before they are
	// isolated, which suits isolators that only count.
	Init string
	// Holds says that Set's Cleanup kills every process of a container, so
	// that none is to be looked for (the linux launcher).
	Holds bool
	// Volumes says that Set mounts the volumes whose source is a path of a sandbox.
	Volumes bool
	// Cores and Disks say that Set, or the Runtime, acts on what the labels of package tuning ask for of them.
	Cores, Disks bool
	// Sandbox is where containers with a root of their own see their sandbox.
	Sandbox string
	// Timeout bounds how long it may take to remove a container; 0: a minute.
	Timeout time.Duration
	// Runtime makes containers by a program of its own; nil: they are processes
	// that Init begins. Then Init is not needed, and Set has a part that knows
	// what the runtime made.
	Runtime Runtime
}

// Runtime has containers made by a program of somebody else: an OCI runtime, say.
type Runtime interface {
	// Wrap is called when the isolators have prepared a container. It makes of
	// a Launch, which says what is to run in the container, the command of a
	// program that makes the container and stays until it ends: File, Argv and
	// Env. That runs in the sandbox as the agent's own user. A session goes into
	// the container that it is nested in.
	Wrap(ctx context.Context, c Config, l *boot.Launch) error

	// Image says that the command of a container is looked for in an image which
	// only the runtime knows, so that File and Argv of its Launch are empty.
	Image(c Config) bool
}

// startIsolated starts a container's process and lets it run its command when
// it is isolated. first is the container's own first process: proc's, or that of
// the command if proc is a shim.
func (p *Posix) startIsolated(ctx context.Context, cfg Config, a *launch.Account, file string, argv []string, out [2]*os.File) (proc launch.Process, first int, s Step, err error) {
	l := &boot.Launch{File: file, Argv: argv, Env: cfg.Environment, Dir: cfg.Sandbox, User: userOf(a), DieWithParent: cfg.Runtime != ""}
	if cfg.Runtime != "" {
		l.Env = append(l.Env[:len(l.Env):len(l.Env)], runtimeMark+cfg.Runtime)
	}
	runtime := p.isolation.Runtime
	if cfg.Session && runtime == nil {
		if l.Join, err = p.namespacesAround(cfg.ContainerID); err != nil {
			return proc, 0, StepPrepare, err
		}
	}
	if err = p.introduce(ctx, cfg); err != nil {
		return proc, 0, StepPrepare, err
	}
	described := describe(cfg, l.User)
	if err = tune(cfg, &described); err != nil {
		return proc, 0, StepPrepare, err
	}
	err = p.isolation.Set.Prepare(ctx, described, l)
	if errors.Is(err, isolators.ErrExists) {
		return proc, 0, StepPrepare, err
	}
	if err == nil {
		err = networked(cfg, l)
	}
	if err == nil {
		err = p.settle(cfg, l)
	}
	cfg.Environment = l.Env
	if err == nil && runtime != nil {
		if err = runtime.Wrap(ctx, cfg, l); err == nil {
			a = nil
			cfg.Environment, err = launch.Environ(append(l.Env[:len(l.Env):len(l.Env)], sandboxMark+"="+cfg.Sandbox), nil)
		}
	}
	if s = StepPrepare; err == nil {
		l.Init = l.Init && !cfg.Reaper
		s = StepExec
		proc, first, err = p.begin(ctx, cfg, a, l, out)
	}
	if err != nil {
		err = errors.Join(err, p.clean(cfg.ContainerID))
	}
	return proc, first, s, err
}

// begin makes the process, isolates it and lets it go on. What fails is killed.
func (p *Posix) begin(ctx context.Context, cfg Config, a *launch.Account, l *boot.Launch, out [2]*os.File) (proc launch.Process, first int, err error) {
	if p.isolation.Init == "" {
		proc, err = p.startPlain(cfg, a, l.File, l.Argv, out)
		if err == nil {
			err = p.isolation.Set.Isolate(ctx, cfg.ContainerID, proc.PID)
		}
		return p.orKilled(proc, proc.PID, err)
	}
	pipes, err := boot.NewPipes()
	if err != nil {
		return launch.Process{PIDFD: -1}, 0, err
	}
	defer pipes.Close()
	order := boot.NewOrder(l)
	if cfg.Runtime != "" {
		proc, first, err = p.startShim(cfg, p.waiting(cfg, a, l, order), pipes.Child(), out)
	} else {
		proc, err = launch.Start(launch.Spec{
			File: p.isolation.Init, Argv: append([]string{initProgram}, order.Arguments...), Env: initEnvironment(cfg), Dir: "/", Session: true,
			Files: [3]uintptr{p.null.Fd(), out[0].Fd(), out[1].Fd()}, Extra: pipes.Child(),
			Clone: l.Clone, UIDs: l.UIDs, GIDs: l.GIDs,
		})
		first = proc.PID
	}
	if err != nil {
		return proc, 0, err
	}
	pipes.Started()
	if err = p.isolation.Set.Isolate(ctx, cfg.ContainerID, first); err == nil {
		if err = context.Cause(ctx); err == nil {
			err = execError(pipes.Send(order), cfg, a, l)
		}
	}
	return p.orKilled(proc, first, err)
}

// orKilled kills the process of a launch that failed. What came of it is the
// isolators' to kill.
func (p *Posix) orKilled(proc launch.Process, first int, err error) (launch.Process, int, error) {
	if err == nil || proc.PID == 0 {
		return proc, first, err
	}
	_ = syscall.Kill(proc.PID, syscall.SIGKILL) // it may have ended by itself
	_, _ = reap(proc.PID)
	if proc.PIDFD >= 0 {
		_ = syscall.Close(proc.PIDFD)
	}
	return launch.Process{PIDFD: -1}, 0, err
}

// execError tells an error about the command's file as launch.Start does.
func execError(err error, cfg Config, a *launch.Account, l *boot.Launch) error {
	var failed *boot.Error
	if errors.As(err, &failed) && failed.What == boot.Exec {
		return launch.ExecError(launch.Spec{File: l.File, Env: l.Env, Dir: cfg.Sandbox, Account: a}, failed.Errno)
	}
	if err != nil {
		return fmt.Errorf("start of the container's first process: %w", err)
	}
	return nil
}

// initProgram is what mesos-init is called.
const initProgram = "mesos-init"

// initEnvironment is that of mesos-init itself: the marks of the container, that
// it does not collect garbage, and that it does one thing after the other. (All of
// it saves time that each container would take.)
func initEnvironment(cfg Config) []string {
	env := []string{"GOGC=off", "GOMAXPROCS=1", sandboxMark + "=" + cfg.Sandbox}
	if cfg.Runtime != "" {
		env = append(env, runtimeMark+cfg.Runtime)
	}
	return env
}

// describe says to isolators what a container is.
func describe(cfg Config, u *boot.User) isolators.Container {
	_, nested := parent(cfg.ContainerID)
	c := isolators.Container{
		ID: cfg.ContainerID, Info: cfg.Info, Sandbox: cfg.Sandbox, User: u, Session: cfg.Session,
		Demand: DemandOf(cfg.Resources, cfg.Limits), Shared: shares(cfg.ContainerID, cfg.Info) || nested && cfg.Session,
	}
	c.Volumes = volumesOf(cfg.Persistent)
	c.Secrets = append(c.Secrets, cfg.Secrets...)
	for _, v := range cfg.Command.GetEnvironment().GetVariables() {
		if v.GetType() == v1.Environment_Variable_SECRET {
			c.Secrets = append(c.Secrets, v)
		}
	}
	return c
}

// shares says that a container has no limits of its own, which is how nested ones
// are unless they say otherwise.
func shares(id string, info *v1.ContainerInfo) bool {
	_, nested := parent(id)
	return nested && info.GetLinuxInfo().GetShareCgroups()
}

// DemandOf is what resources and limits ask of isolators.
func DemandOf(r resources.Resources, limits Limits) isolators.Demand {
	d := isolators.Demand{
		GPUs: r.GPUs().Float(), Disk: diskOf(r), Volumes: sizesOf(r), CPUs: r.CPUs().Float(), Revocable: r.Revocable().CPUs().Float(), Mem: uint64(r.Mem().Float() * megabyte),
		Ports: r.PortRanges("ports"),
	}
	if l, ok := limits["cpus"]; ok {
		d.CPULimit = l.GetValue()
	}
	if l, ok := limits["mem"]; ok {
		d.MemLimit = isolators.Unlimited
		if !math.IsInf(l.GetValue(), 1) {
			d.MemLimit = uint64(l.GetValue() * megabyte)
		}
	}
	return d
}

func userOf(a *launch.Account) *boot.User {
	if a == nil {
		return nil
	}
	u := &boot.User{UID: int(a.UID), GID: int(a.GID)}
	for _, g := range a.Groups {
		u.Groups = append(u.Groups, int(g))
	}
	return u
}

// namespacesAround are all that the container around another is in.
func (p *Posix) namespacesAround(id string) ([]boot.Join, error) {
	up, _ := parent(id)
	p.mu.Lock()
	pid := 0
	if o := p.containers[up]; o != nil {
		pid = o.first
	}
	p.mu.Unlock()
	if pid == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoParent, up)
	}
	joins, err := namespaces.All(pid)
	if err != nil {
		return nil, fmt.Errorf("namespaces of container %s: %w", up, err)
	}
	return joins, nil
}
