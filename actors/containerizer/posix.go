package containerizer

import (
	"context"
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
)

// Fetcher brings a command's uris into its sandbox. *fetcher.Fetcher is one.
type Fetcher interface {
	Fetch(ctx context.Context, r fetcher.Request) error
}

// Options of a Posix containerizer.
type Options struct {
	Fetcher Fetcher // required
	Shim    string  // path of the program mesos-shim, for containers with a Runtime
	Log     *slog.Logger
	Rotate  *Rotation // how output is kept; nil: in files that grow
	// DestroyFailed is told of each container of which something could not be killed, on any goroutine; may be nil.
	DestroyFailed func()
}

// Posix is the Containerizer without isolation.
type Posix struct {
	fetcher Fetcher
	shim    string
	log     *slog.Logger
	rotate  *Rotation
	failed  func() // Options.DestroyFailed
	null    *os.File
	scans   scans
	busy    sync.WaitGroup // goroutines that wait or kill
	closing chan struct{}  // closed by Close
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
	ending  bool                    // nothing may be nested in it any more
	ended   chan struct{}           // closed when it has an exit, or was never started
	killing sync.WaitGroup          // kills that rely on pid not being reaped
	reaping bool                    // no such kill may begin any more
	exit    *Exit
	waiters []chan Exit
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
	return &Posix{fetcher: o.Fetcher, shim: o.Shim, log: o.Log, rotate: o.Rotate, failed: o.DestroyFailed, null: null, closing: make(chan struct{}), forks: make(chan struct{}, 8*runtime.GOMAXPROCS(0)), containers: make(map[string]*container)}, nil
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
	c := &container{id: cfg.ContainerID, sandbox: cfg.Sandbox, runtime: cfg.Runtime, reaper: cfg.Reaper, abandon: abandon, ended: make(chan struct{})}
	if err := p.add(c); err != nil {
		return Process{}, &LaunchError{cfg.ContainerID, StepAccept, err}
	}
	proc, step, err := p.start(ctx, cfg)
	if err != nil {
		p.mu.Lock()
		delete(p.containers, c.id)
		c.forget()
		close(c.ended)
		p.mu.Unlock()
		return Process{}, &LaunchError{cfg.ContainerID, step, err}
	}
	began, _ := proctree.StartTime(proc.PID) // nobody has reaped it yet: it is there
	p.started(c, proc, began)
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
func (p *Posix) start(ctx context.Context, cfg Config) (proc launch.Process, s Step, err error) {
	account, err := launch.LookupAccount(cfg.User)
	if err != nil {
		return proc, StepUser, err
	}
	out, err := makeOutputs(cfg, account)
	if err != nil {
		return proc, StepSandbox, err
	}
	defer out[0].Close()
	defer out[1].Close()
	for _, m := range cfg.Persistent {
		if err := volume.Link(cfg.Sandbox, m, account); err != nil {
			return proc, StepSandbox, err
		}
	}
	if err := linkVolumes(cfg, account); err != nil {
		return proc, StepSandbox, err
	}
	if cfg.Made != nil {
		cfg.Made()
	}
	fetch := fetcher.Request{Sandbox: cfg.Sandbox, URIs: cfg.Command.GetUris(), Account: account, Log: out[1]}
	if err := p.fetcher.Fetch(ctx, fetch); err != nil {
		return proc, StepFetch, err
	}
	file, argv, err := launch.Argv(cfg.Command, cfg.Environment, cfg.Sandbox)
	if err != nil {
		return proc, StepExec, err
	}
	if ctx.Err() != nil {
		return proc, StepExec, context.Cause(ctx)
	}
	p.forks <- struct{}{}
	defer func() { <-p.forks }()
	if p.rotate != nil && !cfg.Session {
		to, err := p.startLogger(*p.rotate, cfg, account)
		if err != nil {
			return proc, StepSandbox, err
		}
		defer to.Close()
		out = to
	}
	if cfg.Runtime != "" {
		proc, err = p.startShim(cfg, account, file, argv, out)
		return proc, StepExec, err
	}
	proc, err = launch.Start(launch.Spec{
		File: file, Argv: argv, Env: cfg.Environment, Dir: cfg.Sandbox, Account: account, Session: true,
		Files: [3]uintptr{p.null.Fd(), out[0].Fd(), out[1].Fd()},
	})
	return proc, StepExec, err
}

// started begins to wait for the process, and kills it if Destroy came while
// it was being made.
func (p *Posix) started(c *container, proc launch.Process, began uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.pid = proc.PID
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
