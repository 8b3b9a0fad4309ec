package cgroups

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"mesos/isolators/cgroup"
)

// perfCounters count events in one cgroup and those below, from when they are opened to when they are read.
type perfCounters struct {
	events []perfEvent
	fds    [][]int // by event: one for each core
}

// openPerf begins to count. Nothing is open after an error, which wraps what the kernel said.
func openPerf(d cgroup.Dir, events []perfEvent, cores []int) (*perfCounters, error) {
	at, err := unix.Open(d.Path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: d.Path, Err: err}
	}
	defer func() { _ = unix.Close(at) }() // the counters keep what they need
	c := &perfCounters{events: events, fds: make([][]int, len(events))}
	for n, e := range events {
		for _, core := range cores {
			fd, err := openPerfEvent(e, at, core)
			if errors.Is(err, unix.ENODEV) && len(cores) > 1 {
				continue // this core was switched off meanwhile
			}
			if err != nil {
				c.close()
				return nil, fmt.Errorf("counter of %s on core %d: %w", e.name, core, err)
			}
			c.fds[n] = append(c.fds[n], fd)
		}
	}
	return c, nil
}

func openPerfEvent(e perfEvent, cgroup, core int) (int, error) {
	attr := unix.PerfEventAttr{
		Type: e.kind, Config: e.config,
		Size:        uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
		Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
	}
	for {
		fd, err := unix.PerfEventOpen(&attr, cgroup, core, -1, unix.PERF_FLAG_PID_CGROUP|unix.PERF_FLAG_FD_CLOEXEC)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// read gives the counts so far, by event, of all cores together.
func (c *perfCounters) read() ([]uint64, error) {
	counts := make([]uint64, len(c.events))
	for n, fds := range c.fds {
		for _, fd := range fds {
			var b [24]byte
			if got, err := unix.Read(fd, b[:]); err != nil || got != len(b) {
				return nil, fmt.Errorf("counter of %s: %d bytes, want %d: %w", c.events[n].name, got, len(b), err)
			}
			word := binary.NativeEndian.Uint64
			counts[n] += scaled(word(b[:]), word(b[8:]), word(b[16:]))
		}
	}
	return counts, nil
}

// scaled is what would have been counted if the processor had counted all the time: it has few counters, which events
// share by turns.
func scaled(count, enabled, running uint64) uint64 {
	if running == 0 || running >= enabled {
		return count
	}
	high, low := bits.Mul64(count, enabled)
	if high >= running {
		return count // no such number
	}
	out, _ := bits.Div64(high, low, running)
	return out
}

func (c *perfCounters) close() {
	for _, fds := range c.fds {
		for _, fd := range fds {
			_ = unix.Close(fd)
		}
	}
	c.fds = nil
}

const onlineCores = "/sys/devices/system/cpu/online"

// coresOnline are the numbers of the cores that run.
func coresOnline() ([]int, error) {
	text, err := os.ReadFile(onlineCores)
	if err != nil {
		return nil, fmt.Errorf("cores of this machine: %w", err)
	}
	cores, err := parseCores(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("cores of this machine in %s: %w", onlineCores, err)
	}
	return cores, nil
}

// parseCores reads a list as in "0-3,8".
func parseCores(list string) (cores []int, err error) {
	for part := range strings.SplitSeq(list, ",") {
		from, to, is := strings.Cut(part, "-")
		if !is {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 0 || last < first {
			return nil, fmt.Errorf("list of cores %q: want one as in 0-3,8", list)
		}
		for n := first; n <= last; n++ {
			cores = append(cores, n)
		}
	}
	return cores, nil
}
