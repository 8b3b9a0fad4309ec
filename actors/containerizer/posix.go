package containerizer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"sync"
	"syscall"

	"mesos/actors/containerizer/launch"
	"mesos/actors/containerizer/proctree"
	"mesos/actors/fetcher"
	"mesos/actors/volume"
	"mesos/isolators"
)

// Fetcher brings a command's uris into its sandbox. *fetcher.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, r fetcher.Request) error
}

// Options of a Posix containerizer.
type Options struct {
	Fetcher   Fetcher // required
	Shim      string  // path of the program mesos-shim, for containers with a Runtime
	Log       *slog.Logger
	Rotate    *Rotation  // how output is kept; nil: in files that grow
	Isolation *Isolation // nil: none
	// DestroyFailed is told of each container of which something could not be killed, on any goroutine; may be nil.
	DestroyFailed func()
}

// Posix is the Containerizer of processes of this machine, with or without
// isolation.
type Posix struct {
	isolation *Isolation
	fetcher   Fetcher
	shim      string
	log       *slog.Logger
	rotate    *Rotation
	failed    func() // Options.DestroyFailed
	null      *os.File
	scans     scans
	busy      sync.WaitGroup // goroutines that wait or kill
	closing   chan struct{}  // closed by Close
	// forks has a place for each fork under way: more at once would not be
	// faster, and each holds a thread of the agent.
	forks chan struct{}

	mu         sync.Mutex
	closed     bool
	containers map[string]*container
	ended      []string // with an Exit that nobody has collected, oldest first
}

// maxEnded bounds the exits kept for late askers.
const maxEnded = 1024

// container is what is known of one, from the start of its launch until its
// Exit is collected.
type container struct {
	id      string
	sandbox string
	runtime string                  // "" without a shim
	abandon context.CancelCauseFunc // ends the launch
	pid     int                     // 0 until started
	began   uint64                  // when its process did, see proctree.StartTime
	adopted bool                    // started by an earlier run of the agent: not our child
	pidfd   *os.File                // nil where the kernel has none
	destroy bool                    // asked for
	reaper  bool                    // see Config
	rooted  bool                    // it has a root of its own
	ending  bool                    // nothing may be nested in it any more
	ended   chan struct{}           // closed when it has an exit, or was never started
	killing sync.WaitGroup          // kills that rely on pid not being reaped
	reaping bool                    // no such kill may begin any more
	exit    *Exit
	waiters []chan Exit

	first      int                   // see startIsolated; pid where nothing isolates
	held       bool                  // the isolators hold its processes
	over       chan struct{}         // closed when its main process has ended
	cleaning   sync.Mutex            // held while isolators remove it
	limitation *isolators.Limitation // why it was ended, nil if it stayed within its limits
	watched    chan struct{}         // closed when no limitation can come any more; nil: none ever comes
}

var _ Containerizer = (*Posix)(nil)

// NewPosix makes a containerizer. It sees to it, once, that descriptors which
// this program itself inherited are not handed on to containers.
func NewPosix(o Options) (*Posix, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	keepDescriptors()
	return &Posix{isolation: o.Isolation, fetcher: o.Fetcher, shim: o.Shim, log: o.Log, rotate: o.Rotate, failed: o.DestroyFailed, null: null, closing: make(chan struct{}), forks: make(chan struct{}, 8*runtime.GOMAXPROCS(0)), containers: make(map[string]*container)}, nil
}

// Close lets go of all containers, which run on, and waits for the goroutines.
// Launches must have returned. Channels of Wait are closed.
func (p *Posix) Close() error {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.closing)
	}
	for _, c := range p.containers {
		if c.pidfd != nil {
			c.pidfd.Close() // wakes the goroutine that waits
		}
	}
	p.mu.Unlock()
	p.busy.Wait()
	if p.isolation != nil {
		p.isolation.Set.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.containers {
		c.forget()
	}
	clear(p.containers)
	return p.null.Close()
}

// Launch implements Containerizer.
func (p *Posix) Launch(ctx context.Context, cfg Config) (Process, error) {
	ctx, abandon := context.WithCancelCause(ctx)
	defer abandon(nil)
	c := &container{id: cfg.ContainerID, sandbox: cfg.Sandbox, runtime: cfg.Runtime, reaper: cfg.Reaper, rooted: hasImage(cfg.Info), abandon: abandon, ended: make(chan struct{}), over: make(chan struct{})}
	if err := p.add(c); err != nil {
		return Process{}, &LaunchError{cfg.ContainerID, StepAccept, err}
	}
	proc, first, step, err := p.start(ctx, cfg)
	if err != nil {
		p.mu.Lock()
		delete(p.containers, c.id)
		c.forget()
		close(c.ended)
		p.mu.Unlock()
		return Process{}, &LaunchError{cfg.ContainerID, step, err}
	}
	began, _ := proctree.StartTime(proc.PID) // nobody has reaped it yet: it is there
	p.started(c, proc, first, began)
	return Process{proc.PID, began}, nil
}

func (p *Posix) add(c *container) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	if p.containers[c.id] != nil {
		return ErrExists
	}
	if up, nested := parent(c.id); nested {
		if o := p.containers[up]; o == nil || o.pid == 0 || o.ending || o.exit != nil {
			return fmt.Errorf("%w: %s", ErrNoParent, up)
		}
	}
	p.containers[c.id] = c
	return nil
}

// start does a launch's steps. What it opened is closed again.
func (p *Posix) start(ctx context.Context, cfg Config) (proc launch.Process, first int, s Step, err error) {
	if err := p.isolation.tunes(cfg.Tuning); err != nil {
		return proc, 0, StepAccept, err
	}
	account, err := launch.LookupAccount(cfg.User)
	if err != nil {
		return proc, 0, StepUser, err
	}
	housed := false
	defer func() {
		if housed && err != nil && !errors.Is(err, isolators.ErrExists) {
			err = errors.Join(err, p.clean(cfg.ContainerID))
		}
	}()
	out, err := makeOutputs(cfg, account, func() (err error) {
		housed, err = p.house(ctx, cfg, account)
		return err
	})
	if err != nil {
		return proc, 0, StepSandbox, err
	}
	defer out[0].Close()
	defer out[1].Close()
	for _, m := range cfg.Persistent {
		if err := volume.Link(cfg.Sandbox, m, account); err != nil {
			return proc, 0, StepSandbox, err
		}
	}
	if p.isolation == nil || !p.isolation.Volumes {
		if err := linkVolumes(cfg, account); err != nil {
			return proc, 0, StepSandbox, err
		}
	}
	if cfg.Made != nil {
		cfg.Made()
	}
	fetch := fetcher.Request{Sandbox: cfg.Sandbox, URIs: cfg.Command.GetUris(), Account: account, Log: out[1]}
	if err := p.fetcher.Fetch(ctx, fetch); err != nil {
		return proc, 0, StepFetch, err
	}
	if cfg.Fetched != nil {
		cfg.Fetched()
	}
	file, argv, err := p.words(cfg)
	if err != nil {
		return proc, 0, StepExec, err
	}
	if ctx.Err() != nil {
		return proc, 0, StepExec, context.Cause(ctx)
	}
	p.forks <- struct{}{}
	defer func() { <-p.forks }()
	if p.rotate != nil && !cfg.Session {
		to, err := p.startLogger(*p.rotate, cfg, account)
		if err != nil {
			return proc, 0, StepSandbox, err
		}
		defer to.Close()
		out = to
	}
	if p.isolation != nil {
		return p.startIsolated(ctx, cfg, account, file, argv, out)
	}
	if r := launch.References(cfg.Command.GetEnvironment()); len(r) > 0 {
		return proc, 0, StepPrepare, fmt.Errorf("command.environment, %q: secrets by reference need --isolation with environment_secret", r[0].GetName())
	}
	if err := networked(cfg, nil); err != nil {
		return proc, 0, StepPrepare, err
	}
	proc, err = p.startPlain(cfg, account, file, argv, out)
	return proc, proc.PID, StepExec, err
}

// startPlain starts the command as it is, beside its shim if it has one.
func (p *Posix) startPlain(cfg Config, a *launch.Account, file string, argv []string, out [2]*os.File) (proc launch.Process, err error) {
	if cfg.Runtime != "" {
		proc, _, err = p.startShim(cfg, running(cfg, a, file, argv), nil, out)
		return proc, err
	}
	return launch.Start(launch.Spec{
		File: file, Argv: argv, Env: cfg.Environment, Dir: cfg.Sandbox, Account: a, Session: true,
		Files: [3]uintptr{p.null.Fd(), out[0].Fd(), out[1].Fd()},
	})
}

// started begins to wait for the process, and kills it if Destroy came while
// it was being made.
func (p *Posix) started(c *container, proc launch.Process, first int, began uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.pid, c.first, c.held = proc.PID, first, p.isolation != nil && p.isolation.Holds
	p.lookOut(c)
	if proc.PIDFD >= 0 {
		// Non-blocking, the descriptor is waited for by the runtime's
		// poller: no thread for each container. An open descriptor cannot
		// refuse this.
		_ = syscall.SetNonblock(proc.PIDFD, true)
		c.pidfd = os.NewFile(uintptr(proc.PIDFD), "pidfd")
	}
	p.busy.Go(func() { p.wait(c) })
	if c.destroy {
		p.kill(c)
	}
}

// pollable makes a file of a pidfd. Non-blocking, it is waited for by the
// runtime's poller: no thread for each container.
func pollable(pidfd int) *os.File {
	_ = syscall.SetNonblock(pidfd, true) // fails only for what is not open
	return os.NewFile(uintptr(pidfd), "pidfd")
}

// keepDescriptors marks every descriptor above stderr close-on-exec. Go opens
// its own that way; those are meant that came from whoever started the agent.
var keepDescriptors = sync.OnceFunc(func() {
	d, err := os.Open("/proc/self/fd")
	if err != nil {
		return
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1)
	for _, n := range names {
		fd := 0
		for _, digit := range n {
			fd = 10*fd + int(digit-'0')
		}
		if fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
})
