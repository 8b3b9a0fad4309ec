package cgroups

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// watchMemory begins to wait for the kernel to kill for want of memory. One that
// it killed before, while the agent was away, is told at once.
func watchMemory(_ Options, d cgroup.Dir, g *group) error {
	var wake *os.File
	var err error
	if d.Version == 2 {
		wake, err = notifyChange(d.File("memory.events"))
	} else {
		wake, err = notifyOOM(d)
	}
	if err != nil {
		return err
	}
	g.watches = append(g.watches, wake)
	if d.Version == 1 {
		fds, err := register(d, "memory.pressure_level", "low", "medium", "critical")
		if err != nil {
			return err
		}
		for n, fd := range fds {
			g.pressure[n] = counter{fd, new(uint64)}
		}
	}
	demand, fresh := g.demand, g.fresh
	g.watching.Go(func() {
		if awaitOOM(d, wake, fresh) {
			g.limit(memoryLimitation(d, demand))
		}
	})
	return nil
}

// The kernel wakes before it kills: what it killed is looked for after
// firstLook, then less and less often, until lastLook says that memory was found.
const (
	firstLook = 5 * time.Millisecond
	lastLook  = 10 * time.Second
)

// awaitOOM returns true when the kernel has killed for want of memory, false
// when wake is closed. Where nothing can have been in the cgroup yet it does not look at once.
func awaitOOM(d cgroup.Dir, wake *os.File, fresh bool) bool {
	buffer := make([]byte, 4096) // an event of inotify with a name fits
	for look := firstLook; fresh || !outOfMemory(d); fresh = false {
		_, err := wake.Read(buffer)
		switch {
		case err == nil:
			look = firstLook
		case errors.Is(err, os.ErrDeadlineExceeded) && look < lastLook:
			look *= 2
		case errors.Is(err, os.ErrDeadlineExceeded):
			look = 0
		default:
			return false
		}
		until := time.Time{} // for ever
		if look > 0 {
			until = time.Now().Add(look)
		}
		if err := wake.SetReadDeadline(until); err != nil {
			return false
		}
	}
	return true
}

// outOfMemory says whether the kernel has killed something in the cgroup.
func outOfMemory(d cgroup.Dir) bool {
	file := "memory.oom_control"
	if d.Version == 2 {
		file = "memory.events"
	}
	events, err := d.Table(file)
	return err == nil && events["oom_kill"] > 0
}

// memoryLimited tells what outOfMemory finds.
func memoryLimited(d cgroup.Dir, demand isolators.Demand) (isolators.Limitation, bool) {
	if !outOfMemory(d) {
		return isolators.Limitation{}, false
	}
	return memoryLimitation(d, demand), true
}

// notifyOOM registers an eventfd that v1 wakes when memory runs out, and when
// the cgroup is removed.
func notifyOOM(d cgroup.Dir) (*os.File, error) {
	fds, err := register(d, "memory.oom_control", "")
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fds[0]), "oom eventfd"), nil
}

// register makes an eventfd for the events of a file of a v1 memory cgroup, of each kind that is
// asked for.
func register(d cgroup.Dir, file string, kinds ...string) ([]int, error) {
	// Not by package os, which would ask to be told of the events itself.
	of, err := unix.Open(d.File(file), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: d.File(file), Err: err}
	}
	defer func() { _ = unix.Close(of) }() // the kernel keeps what it needs
	var fds []int
	for _, kind := range kinds {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
		if err == nil {
			fds = append(fds, fd)
			err = d.Write("cgroup.event_control", strings.TrimSpace(fmt.Sprint(fd, of, " ", kind)))
		}
		if err != nil {
			for _, fd := range fds {
				_ = unix.Close(fd)
			}
			return nil, fmt.Errorf("eventfd: %w", err)
		}
	}
	return fds, nil
}

// notifyChange gives a file that can be read when another has changed, as those
// of v2 do by themselves.
func notifyChange(file string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("inotify: %w", err)
	}
	if _, err := unix.InotifyAddWatch(fd, file, unix.IN_MODIFY); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("inotify of %s: %w", file, err)
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}

// memoryLimitation says what was used when the memory ran out.
func memoryLimitation(d cgroup.Dir, demand isolators.Demand) isolators.Limitation {
	peak := "memory.max_usage_in_bytes"
	limit := "memory.limit_in_bytes"
	if d.Version == 2 {
		limit = "memory.max"
		if peak = "memory.peak"; !d.Has(peak) {
			peak = "memory.current"
		}
	}
	used, _ := d.Number(peak)
	most, _ := d.Number(limit)
	requested := softMem(demand)
	if demand.IsZero() {
		requested = most // taken up from an earlier run: the kernel knows it
	}
	text, _ := d.Read("memory.stat")
	return isolators.Limitation{
		Reason: v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY,
		Message: fmt.Sprintf("Memory limit exceeded: Requested: %s Limit: %s Maximum Used: %s\n\nMEMORY STATISTICS:\n%s\n",
			inMB(requested), inMB(most), inMB(used), text),
		Resources: []*v1.Resource{{
			Name: proto.String("mem"), Type: v1.Value_SCALAR.Enum(),
			Scalar: &v1.Value_Scalar{Value: proto.Float64(float64(used) / megabyte)},
		}},
	}
}
