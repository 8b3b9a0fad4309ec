package posix

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// RLimits is the isolator posix/rlimits: the limits of rlimit_info, set on the
// first process before it runs the command; every other inherits them.
type RLimits struct {
	isolators.Unlimiting

	// Inside has them set by the container's first process for itself: those from
	// outside would be those of the program that makes the container, too.
	Inside bool

	mu     sync.Mutex
	limits map[string][]rlimit // of containers between Prepare and Cleanup
}

type rlimit struct {
	name  string
	which int
	unix.Rlimit
}

// NewRLimits makes one.
func NewRLimits() *RLimits { return &RLimits{limits: make(map[string][]rlimit)} }

var _ isolators.Isolator = (*RLimits)(nil)

// Name implements isolators.Isolator.
func (*RLimits) Name() string { return "posix/rlimits" }

// Recover implements isolators.Isolator. The limits of what lives are set.
func (r *RLimits) Recover(_ context.Context, live []isolators.Live) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range live {
		r.limits[l.ID] = nil
	}
	return nil
}

// Prepare implements isolators.Isolator.
func (r *RLimits) Prepare(_ context.Context, c isolators.Container, to *boot.Launch) error {
	var limits []rlimit
	err := isolators.EachRLimit(c.Info, func(m *v1.RLimitInfo_RLimit) error {
		l, err := parse(m)
		if err != nil {
			return err
		}
		if !r.Inside {
			limits = append(limits, l)
		} else if err := raisable(l); err != nil {
			return err
		}
		// Isolate sets them, and says what is wrong. But a Go program, as
		// the one that begins the container, goes back to the limit of files
		// that it found at its start when it executes another, unless it has
		// set one itself.
		if r.Inside || l.which == unix.RLIMIT_NOFILE {
			to.RLimits = append(to.RLimits, boot.RLimit{Which: l.which, Soft: l.Cur, Hard: l.Max})
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, twice := r.limits[c.ID]; twice {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	r.limits[c.ID] = limits
	return nil
}

// kinds of limits that Linux has.
var kinds = map[v1.RLimitInfo_RLimit_Type]int{
	v1.RLimitInfo_RLimit_RLMT_AS:         unix.RLIMIT_AS,
	v1.RLimitInfo_RLimit_RLMT_CORE:       unix.RLIMIT_CORE,
	v1.RLimitInfo_RLimit_RLMT_CPU:        unix.RLIMIT_CPU,
	v1.RLimitInfo_RLimit_RLMT_DATA:       unix.RLIMIT_DATA,
	v1.RLimitInfo_RLimit_RLMT_FSIZE:      unix.RLIMIT_FSIZE,
	v1.RLimitInfo_RLimit_RLMT_LOCKS:      unix.RLIMIT_LOCKS,
	v1.RLimitInfo_RLimit_RLMT_MEMLOCK:    unix.RLIMIT_MEMLOCK,
	v1.RLimitInfo_RLimit_RLMT_MSGQUEUE:   unix.RLIMIT_MSGQUEUE,
	v1.RLimitInfo_RLimit_RLMT_NICE:       unix.RLIMIT_NICE,
	v1.RLimitInfo_RLimit_RLMT_NOFILE:     unix.RLIMIT_NOFILE,
	v1.RLimitInfo_RLimit_RLMT_NPROC:      unix.RLIMIT_NPROC,
	v1.RLimitInfo_RLimit_RLMT_RSS:        unix.RLIMIT_RSS,
	v1.RLimitInfo_RLimit_RLMT_RTPRIO:     unix.RLIMIT_RTPRIO,
	v1.RLimitInfo_RLimit_RLMT_RTTIME:     unix.RLIMIT_RTTIME,
	v1.RLimitInfo_RLimit_RLMT_SIGPENDING: unix.RLIMIT_SIGPENDING,
	v1.RLimitInfo_RLimit_RLMT_STACK:      unix.RLIMIT_STACK,
}

// parse makes of a limit what the kernel knows.
func parse(m *v1.RLimitInfo_RLimit) (rlimit, error) {
	l := rlimit{name: m.GetType().String()}
	which, known := kinds[m.GetType()]
	if !known {
		return l, isolators.UnknownRLimit(m)
	}
	l.which = which
	l.Cur, l.Max = m.GetSoft(), m.GetHard()
	if m.Soft == nil {
		l.Cur, l.Max = unix.RLIM_INFINITY, unix.RLIM_INFINITY
	}
	return l, nil
}

// Isolate implements isolators.Isolator.
func (r *RLimits) Isolate(_ context.Context, id string, pid int) error {
	r.mu.Lock()
	limits, known := r.limits[id]
	r.mu.Unlock()
	if !known {
		return fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	}
	for _, l := range limits {
		err := unix.Prlimit(pid, l.which, &l.Rlimit, nil)
		if err != nil {
			return l.refused(err)
		}
	}
	return nil
}

// refused says that the kernel does.
func (l rlimit) refused(err error) error {
	if errors.Is(err, unix.EPERM) {
		err = &isolators.MissingError{Feature: "right to raise a hard limit", Needs: "CAP_SYS_RESOURCE", Err: err}
	}
	return fmt.Errorf("%s of soft %d, hard %d: %w", l.name, l.Cur, l.Max, err)
}

// raisable finds out whether the kernel will let a process set a limit that has the
// rights and limits of this one.
func raisable(l rlimit) error {
	var own unix.Rlimit
	if err := unix.Getrlimit(l.which, &own); err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}, &caps[0]); err != nil {
		return fmt.Errorf("capabilities of the agent: %w", err)
	}
	if l.Max > own.Max && caps[0].Effective&(1<<unix.CAP_SYS_RESOURCE) == 0 {
		return l.refused(unix.EPERM)
	}
	return nil
}

// Update implements isolators.Isolator: no demand changes these limits.
func (r *RLimits) Update(_ context.Context, id string, _ isolators.Demand) error {
	return r.known(id)
}

// Usage implements isolators.Isolator: there is nothing to count.
func (r *RLimits) Usage(id string, _ *v1.ResourceStatistics) error { return r.known(id) }

func (r *RLimits) known(id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.limits[id]; !known {
		return fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	}
	return nil
}

// Cleanup implements isolators.Isolator.
func (r *RLimits) Cleanup(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.limits, id)
	return nil
}
