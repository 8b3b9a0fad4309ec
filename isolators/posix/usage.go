package posix

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// Usage is the isolators posix/cpu and posix/mem: they limit nothing and tell
// what the container's first process and those below it use now. The time of
// those that have ended, and were waited for by one that lives, counts too.
type Usage struct {
	isolators.Unlimiting
	name string
	// CountPIDs has posix/cpu also tell how many processes and threads there are.
	CountPIDs bool

	mu    sync.Mutex
	first map[string]int // container to process; 0 before Isolate
}

// NewUsage makes the one of a name: posix/cpu or posix/mem.
func NewUsage(name string) (*Usage, error) {
	if name != CPU && name != Mem {
		return nil, &isolators.UnknownError{Name: name, Good: []string{CPU, Mem}}
	}
	return &Usage{name: name, first: make(map[string]int)}, nil
}

// CPU and Mem are what Usage can tell.
const (
	CPU = "posix/cpu"
	Mem = "posix/mem"
)

var _ isolators.Isolator = (*Usage)(nil)

// Name implements isolators.Isolator.
func (u *Usage) Name() string { return u.name }

// Recover implements isolators.Isolator.
func (u *Usage) Recover(_ context.Context, live []isolators.Live) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, l := range live {
		u.first[l.ID] = l.PID
	}
	return nil
}

// Prepare implements isolators.Isolator.
func (u *Usage) Prepare(_ context.Context, c isolators.Container, _ *boot.Launch) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, twice := u.first[c.ID]; twice {
		return fmt.Errorf("%w: %q", isolators.ErrExists, c.ID)
	}
	u.first[c.ID] = 0
	return nil
}

// Isolate implements isolators.Isolator.
func (u *Usage) Isolate(_ context.Context, id string, pid int) error {
	if err := u.known(id); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.first[id] = pid
	return nil
}

// Update implements isolators.Isolator: nothing is limited.
func (u *Usage) Update(_ context.Context, id string, _ isolators.Demand) error { return u.known(id) }

func (u *Usage) known(id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.first[id]; !known {
		return fmt.Errorf("%w: %q", isolators.ErrUnknownContainer, id)
	}
	return nil
}

// Cleanup implements isolators.Isolator.
func (u *Usage) Cleanup(_ context.Context, id string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.first, id)
	return nil
}

// Usage implements isolators.Isolator.
func (u *Usage) Usage(id string, to *v1.ResourceStatistics) error {
	if err := u.known(id); err != nil {
		return err
	}
	u.mu.Lock()
	pid := u.first[id]
	u.mu.Unlock()
	if pid == 0 {
		return nil
	}
	sum := figures{}
	sum.add(pid, make(map[int]bool))
	if u.name == Mem {
		to.MemRssBytes = proto.Uint64(sum.pages * uint64(os.Getpagesize()))
		return nil
	}
	to.CpusUserTimeSecs = proto.Float64(float64(sum.user) / ticks)
	to.CpusSystemTimeSecs = proto.Float64(float64(sum.system) / ticks)
	if u.CountPIDs {
		to.Processes, to.Threads = proto.Uint32(sum.processes), proto.Uint32(sum.threads)
	}
	return nil
}

const ticks = 100 // of the clock in a second, as Linux tells times to programs

type figures struct {
	user, system, pages uint64
	processes, threads  uint32
}

// Fields of /proc/PID/stat counted from the one after the name, which is the
// third of all.
const (
	statUser = iota + 11
	statSystem
	statChildUser
	statChildSystem
	statThreads = 17
	statPages   = 21
)

// add counts a process and those below it. One that ends meanwhile is left out.
func (f *figures) add(pid int, seen map[int]bool) {
	if seen[pid] {
		return
	}
	seen[pid] = true
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return
	}
	// The name is in brackets and may hold anything, also brackets.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) <= statPages {
		return
	}
	number := func(n int) uint64 {
		v, _ := strconv.ParseUint(fields[n], 10, 64)
		return v
	}
	f.user += number(statUser) + number(statChildUser)
	f.system += number(statSystem) + number(statChildSystem)
	f.pages += number(statPages)
	f.processes++
	f.threads += uint32(number(statThreads))
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	for _, t := range tasks {
		below, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, t.Name()))
		for _, c := range strings.Fields(string(below)) {
			if child, err := strconv.Atoi(c); err == nil {
				f.add(child, seen)
			}
		}
	}
}
