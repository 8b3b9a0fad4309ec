package program

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"sync"
	"time"

	"mesos/actors/containerizer"
	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// Maker knows how one program is told to make containers. Its methods may be called
// from any goroutine.
type Maker interface {
	// Name is what --containerizers calls it.
	Name() string
	// Apart says that its containers have a kernel of their own: what is mounted in
	// them of the machine's is mounted before, at Bundle.Root.
	Apart() bool
	// Make is the command line that makes a container, and stays until it ends.
	// What it needs to be written is written to the Bundle's directory.
	Make(b *Bundle) ([]string, error)
	// Enter is the command line that executes something in a container that runs.
	Enter(b *Bundle, s *Session) ([]string, error)
	// Forget removes what the program keeps of a container whose processes are
	// dead. One that it does not know is none.
	Forget(ctx context.Context, b *Bundle) error
}

// Failer is a Maker that can tell why a container has ended that did not end by itself.
type Failer interface {
	// Failed is a sentence; "" while there is nothing to tell. It is asked before
	// Forget.
	Failed(b *Bundle) string
}

// Options of a Runtime.
type Options struct {
	Maker   Maker
	Init    string // path of mesos-init
	Sandbox string // where containers with a root of their own see their sandbox
	State   string // directory of the containers; nobody else's
	Group   string // cgroup of the containers, in every hierarchy; nobody else's
	Layout  *cgroup.Layout
	Cgroups cgroups.Options
	Log     *slog.Logger
}

// Runtime has a program make containers. It is also the isolator that belongs to
// them, and acts last.
type Runtime struct {
	o       Options
	unshare string // path of the program
	looking sync.WaitGroup

	mu    sync.Mutex
	known map[string]*made
}

// made is a container that there is, or will be.
type made struct {
	b       *Bundle
	session bool
	events  *cgroups.Events
	limits  chan isolators.Limitation
	over    chan struct{} // closed when limits is to be
	failed  string        // why it ended; set before over is closed
}

var (
	_ isolators.Isolator    = (*Runtime)(nil)
	_ isolators.Limiter     = (*Runtime)(nil)
	_ containerizer.Runtime = (*Runtime)(nil)
)

// New makes one. Errors say what the machine lacks.
func New(o Options) (*Runtime, error) {
	path, err := exec.LookPath("unshare")
	if err != nil {
		return nil, &isolators.MissingError{Feature: "program unshare", Needs: "the package util-linux", Err: err}
	}
	for _, c := range []string{"cpu", "memory"} {
		if _, err := o.Layout.Version([]string{c}, []string{c}); err != nil {
			return nil, err
		}
	}
	return &Runtime{o: o, unshare: path, known: map[string]*made{}}, nil
}

// Name implements isolators.Isolator.
func (r *Runtime) Name() string { return r.o.Maker.Name() }

// Image implements containerizer.Runtime: images are those of isolators.
func (*Runtime) Image(containerizer.Config) bool { return false }

// Isolate implements isolators.Isolator.
func (*Runtime) Isolate(context.Context, string, int) error { return nil }

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

func (r *Runtime) add(id string, m *made) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[id] != nil {
		return fmt.Errorf("%w: %q", isolators.ErrExists, id)
	}
	m.limits, m.over = make(chan isolators.Limitation, 1), make(chan struct{})
	r.known[id] = m
	if m.session {
		close(m.limits)
		return nil
	}
	m.events = m.b.Groups.CountEvents(r.o.Cgroups, id)
	r.looking.Go(func() { r.look(m) })
	return nil
}

// lookEvery is how often it is looked whether the kernel has killed something for
// want of memory. Events of cgroups are of no use: the program makes those when it likes.
const lookEvery = time.Second

// look ends when the container is cleaned up, or has gone beyond its memory. Of one
// that did not end by itself it tells why.
func (r *Runtime) look(m *made) {
	defer close(m.limits)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if l, is := m.b.Groups.Limited(r.demand(m)); is {
			m.limits <- l
			return
		}
		select {
		case <-tick.C:
		case <-m.over:
			if m.failed != "" {
				m.limits <- failure(m.failed)
			}
			return
		}
	}
}

func (r *Runtime) demand(m *made) isolators.Demand {
	r.mu.Lock()
	defer r.mu.Unlock()
	return m.b.Demand
}

// Watch implements isolators.Isolator.
func (r *Runtime) Watch(id string) <-chan isolators.Limitation {
	if m := r.find(id); m != nil {
		return m.limits
	}
	none := make(chan isolators.Limitation)
	close(none)
	return none
}

// Limited implements isolators.Limiter.
func (r *Runtime) Limited(id string) (isolators.Limitation, bool) {
	m := r.find(id)
	if m == nil || m.session {
		return isolators.Limitation{}, false
	}
	if l, is := m.b.Groups.Limited(r.demand(m)); is {
		return l, true
	}
	if why := r.why(m.b); why != "" {
		return failure(why), true
	}
	return isolators.Limitation{}, false
}

// Update implements isolators.Isolator.
func (r *Runtime) Update(_ context.Context, id string, d isolators.Demand) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	if err := m.b.Groups.Update(r.o.Cgroups, r.demand(m), d); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m.b.Demand = d
	return nil
}

// SetDevices replaces the devices that a container which runs may use beside the usual
// ones.
func (r *Runtime) SetDevices(id string, was, now []cgroups.Device) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	return m.b.Groups.SetDevices(r.o.Cgroups, was, now)
}

// Usage implements isolators.Isolator.
func (r *Runtime) Usage(id string, to *v1.ResourceStatistics) error {
	m, err := r.own(id)
	if m == nil {
		return err
	}
	m.b.Groups.Usage(r.o.Cgroups, r.demand(m), to)
	m.events.Usage(to)
	return nil
}

// Close implements isolators.Isolator.
func (r *Runtime) Close() {
	r.mu.Lock()
	for _, m := range r.known {
		close(m.over)
		m.events.Close()
	}
	clear(r.known)
	r.mu.Unlock()
	r.looking.Wait()
}
