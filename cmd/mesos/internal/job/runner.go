package job

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/scheduler"
	"mesos/cmd/mesos/internal/client"
	v1 "mesos/messages/mesos/v1"
)

// ErrUsage is wrapped if the options make no sense.
var ErrUsage = errors.New("bad command line")

// runner is a job under way. Its fields but the channels and what is safe by itself are used on the driver's actor only.
type runner struct {
	o      *Options
	p      *plan
	master *client.Client
	screen *screen
	http   *http.Client // to agents

	d          *scheduler.Driver // for goroutines outside the actor; callbacks are given it
	start      time.Time
	subscribed bool
	lost       bool // it was subscribed before
	streams    map[*instance]*streams

	ctx    context.Context // ends with the job: goroutines beside the actor heed it
	wg     sync.WaitGroup  // those goroutines
	done   chan struct{}   // closed when all instances are over
	failed chan error      // the job cannot go on
}

// Run runs a job on the cluster of master m and returns its exit code. What is received from interrupts stops the job:
// the first kills the tasks and waits for them, the second gives up waiting. An error means that there is no task to
// exit as; it wraps ErrUsage if the options were at fault.
func Run(ctx context.Context, m *client.Client, o Options, interrupts <-chan os.Signal) (int, error) {
	if o.Name == "" {
		o.Name = ProgramName(o.Args)
	}
	if err := o.check(); err != nil {
		return ExitFailed, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	leader, err := m.Leader(ctx)
	if err != nil {
		return ExitFailed, err
	}
	upid, err := actors.ParseUPID(leader)
	if err != nil {
		return ExitFailed, fmt.Errorf("process id of the leading master: %w", err)
	}
	quiet := slog.New(slog.DiscardHandler) // the job tells what matters itself
	// The job is known by the address that leads to the master, so that programs of two machines never look alike.
	t, err := link.DialOnlyTo(upid.Addr, link.Options{Log: quiet, Secure: linktls.New(m.TLS)})
	if err != nil {
		return ExitFailed, &client.UnreachableError{Addr: upid.Addr, Err: err}
	}
	sys := actors.NewSystem(t, actors.WithLogger(quiet))
	defer sys.Shutdown()

	ctx, cancel := context.WithCancel(ctx)
	r := newRunner(ctx, m, &o)
	defer func() {
		cancel()
		r.wg.Wait()
		r.http.CloseIdleConnections()
	}()
	conf := scheduler.Config{Master: upid, Detector: m.Masters, Framework: r.framework(), Credential: m.Credential, Log: quiet}
	if r.d, err = scheduler.Start(sys, "scheduler(1)", conf, r.callbacks()); err != nil {
		return ExitFailed, fmt.Errorf("start of the framework: %w", err)
	}
	r.d.Dispatch(r.watch)
	return r.wait(interrupts)
}

func newRunner(ctx context.Context, m *client.Client, o *Options) *runner {
	var unique [3]byte
	_, _ = rand.Read(unique[:]) // never fails
	return &runner{
		o: o, p: newPlan(o, hex.EncodeToString(unique[:])), master: m, screen: newScreen(o), start: time.Now(),
		http: &http.Client{Transport: m.Credential.Transport(m.TLS.Transport(&http.Transport{
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, DisableCompression: true,
			MaxConnsPerHost: 32, MaxIdleConnsPerHost: 32, ResponseHeaderTimeout: 10 * time.Second,
		}))},
		streams: map[*instance]*streams{}, ctx: ctx, done: make(chan struct{}), failed: make(chan error, 1),
	}
}

func (r *runner) framework() *v1.FrameworkInfo {
	host, _ := os.Hostname() // only shown
	info := &v1.FrameworkInfo{
		User: proto.String(r.o.User), Name: proto.String("run " + r.o.Name), Roles: []string{r.o.Role}, Hostname: proto.String(host),
		// A job that dies takes its tasks along. A master that restarts gives a framework time to come back anyway.
		FailoverTimeout: proto.Float64(0),
		// The task outlives a restart of its agent.
		Checkpoint: proto.Bool(true),
	}
	if as := r.master.Credential; as != nil {
		info.Principal = &as.Principal
	}
	for _, c := range []v1.FrameworkInfo_Capability_Type{
		v1.FrameworkInfo_Capability_MULTI_ROLE, v1.FrameworkInfo_Capability_RESERVATION_REFINEMENT, v1.FrameworkInfo_Capability_TASK_KILLING_STATE,
	} {
		info.Capabilities = append(info.Capabilities, &v1.FrameworkInfo_Capability{Type: c.Enum()})
	}
	return info
}

// wait returns when the job is over, one way or another.
func (r *runner) wait(interrupts <-chan os.Signal) (int, error) {
	defer r.end()
	var timeout <-chan time.Time
	if r.o.Timeout > 0 {
		timer := time.NewTimer(r.o.Timeout)
		defer timer.Stop()
		timeout = timer.C
	}
	code := -1 // that of the tasks
	for {
		select {
		case <-r.done:
			if code < 0 {
				code = r.p.exitCode() // nothing changes any more
			}
			return code, nil
		case err := <-r.failed:
			return ExitFailed, err
		case <-timeout:
			if code < 0 {
				code = ExitTimeout
				r.stop(fmt.Sprintf("--timeout=%s is over: ending", r.o.Timeout))
			}
		case <-interrupts:
			if code == ExitInterrupted {
				r.screen.say("gone without waiting for the tasks; the cluster kills them")
				return code, nil
			}
			code = ExitInterrupted
			r.stop("interrupted: ending (once more to leave without waiting)")
		case <-r.ctx.Done():
			return ExitFailed, r.ctx.Err()
		}
	}
}

// end tears the framework down and waits until the driver has sent that.
func (r *runner) end() {
	r.screen.show("")
	r.d.Teardown()
	<-r.d.Process().Done()
}

// beside runs f beside the actor.
func (r *runner) beside(f func()) {
	r.wg.Add(1)
	go func() {
		defer r.wg.Done()
		f()
	}()
}
