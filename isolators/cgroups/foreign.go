package cgroups

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// Foreign are the cgroups of a container that another program made: a Docker
// engine, an OCI runtime. They are read, and changed, but that program's to remove.
type Foreign struct {
	dirs map[string]cgroup.Dir // by controller of version 1; one of version 2 is there for all that it has
}

// ForeignOf finds the cgroups that a process is in.
func ForeignOf(l *cgroup.Layout, pid int) (*Foreign, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return nil, fmt.Errorf("cgroups of process %d: %w", pid, err)
	}
	f := &Foreign{dirs: map[string]cgroup.Dir{}}
	for line := range strings.Lines(string(text)) {
		_, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		names, path, ok := strings.Cut(rest, ":")
		if !ok {
			continue
		}
		if names == "" && l.V2 != "" {
			for _, c := range append([]string{cgroupV2}, l.V2Controllers...) {
				f.dirs[c] = cgroup.Dir{Kernel: l.Kernel, Version: 2, Path: l.V2}.Below(path)
			}
			continue
		}
		for c := range strings.SplitSeq(names, ",") {
			if at := l.V1[c]; at != "" {
				f.dirs[c] = cgroup.Dir{Kernel: l.Kernel, Version: 1, Path: at}.Below(path)
			}
		}
	}
	return f, nil
}

// cgroupV2 stands for the one of version 2 whatever controllers it has.
const cgroupV2 = ""

// Usage adds what the container has used, and what it may, to a message. What
// cannot be read is left out.
func (f *Foreign) Usage(o Options, d isolators.Demand, to *v1.ResourceStatistics) {
	to.CpusLimit = proto.Float64(d.CPUs)
	if limit := quota(o, d); limit > 0 {
		to.CpusLimit, to.CpusSoftLimit = proto.Float64(float64(limit)/float64(period)), proto.Float64(d.CPUs)
	}
	if cpu, there := f.dirs["cpu"]; there {
		stat, _ := cpu.Table("cpu.stat")
		setThrottled(cpu.Version, stat, to)
		if cpu.Version == 2 {
			to.CpusUserTimeSecs, to.CpusSystemTimeSecs = proto.Float64(float64(stat["user_usec"])/1e6), proto.Float64(float64(stat["system_usec"])/1e6)
		}
	}
	if acct, there := f.dirs["cpuacct"]; there {
		if stat, err := acct.Table("cpuacct.stat"); err == nil {
			to.CpusUserTimeSecs, to.CpusSystemTimeSecs = proto.Float64(float64(stat["user"])/ticks), proto.Float64(float64(stat["system"])/ticks)
		}
	}
	if mem, there := f.dirs["memory"]; there {
		_ = usageMemory(nil, &group{}, mem, to) // it goes with the container
	}
	if o.asks("blkio") {
		for _, name := range []string{"blkio", "io"} {
			if disks, there := f.dirs[name]; there {
				_ = usageIO(nil, nil, disks, to) // likewise
			}
		}
	}
}

func setThrottled(version int, stat map[string]uint64, to *v1.ResourceStatistics) {
	time := float64(stat["throttled_time"]) / 1e9
	if version == 2 {
		time = float64(stat["throttled_usec"]) / 1e6
	}
	to.CpusNrPeriods, to.CpusNrThrottled = proto.Uint32(uint32(stat["nr_periods"])), proto.Uint32(uint32(stat["nr_throttled"]))
	to.CpusThrottledTimeSecs = proto.Float64(time)
}

// Limited says whether the kernel has killed something in the container for want
// of memory.
func (f *Foreign) Limited(d isolators.Demand) (isolators.Limitation, bool) {
	mem, there := f.dirs["memory"]
	if !there {
		return isolators.Limitation{}, false
	}
	return memoryLimited(mem, d)
}

// Update changes what the container may use.
func (f *Foreign) Update(o Options, old, now isolators.Demand) error {
	var errs []error
	for name, update := range map[string]func(Options, cgroup.Dir, isolators.Demand, isolators.Demand) error{"cpu": updateCPU, "memory": updateMemory} {
		if d, there := f.dirs[name]; there {
			errs = append(errs, update(o, d, old, now))
		}
	}
	return errors.Join(errs...)
}

// Amounts are a demand as container programs take it.
type Amounts struct {
	Shares        uint64 // of cpus, as version 1 has them
	Quota, Period int64  // µs; a quota of 0 is none
	Mem, Soft     uint64 // bytes; isolators.Unlimited is none
	PIDs          uint64 // processes and threads; 0 is any number
}

// AmountsOf says what a demand means.
func AmountsOf(o Options, d isolators.Demand) Amounts {
	a := Amounts{Shares: shares(1, d.CPUs), Mem: hardMem(d), Soft: softMem(d)}
	if o.asks("pids") {
		a.PIDs = o.PIDs
	}
	if q := quota(o, d); q > 0 {
		a.Quota, a.Period = q.Microseconds(), period.Microseconds()
	}
	return a
}

// OutOfMemory is the Limitation of a container that is gone, of which only that
// is known.
func OutOfMemory(d isolators.Demand) isolators.Limitation {
	used := hardMem(d)
	return isolators.Limitation{
		Reason:    v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY,
		Message:   fmt.Sprintf("Memory limit exceeded: Requested: %s Limit: %s Maximum Used: %s", inMB(softMem(d)), inMB(used), inMB(used)),
		Resources: []*v1.Resource{{Name: proto.String("mem"), Type: v1.Value_SCALAR.Enum(), Scalar: &v1.Value_Scalar{Value: proto.Float64(float64(used) / megabyte)}}},
	}
}

// ForeignAt are the cgroups of a path that is the same in every hierarchy. They need
// not be there yet.
func ForeignAt(l *cgroup.Layout, path string) *Foreign {
	f := &Foreign{dirs: map[string]cgroup.Dir{}}
	if l.V2 != "" {
		for _, c := range append([]string{cgroupV2}, l.V2Controllers...) {
			f.dirs[c] = cgroup.Dir{Kernel: l.Kernel, Version: 2, Path: l.V2}.Below(path)
		}
	}
	for c, at := range l.V1 {
		f.dirs[c] = cgroup.Dir{Kernel: l.Kernel, Version: 1, Path: at}.Below(path)
	}
	for _, at := range l.Named {
		f.dirs["name="+at] = cgroup.Dir{Kernel: l.Kernel, Version: 1, Path: at}.Below(path)
	}
	return f
}

// Processes are those that are in the cgroups themselves; none where there are no such
// cgroups.
func (f *Foreign) Processes() []int {
	for _, d := range f.dirs {
		if pids, err := d.PIDs("cgroup.procs"); err == nil && len(pids) > 0 {
			return pids
		}
	}
	return nil
}

// Version is that of a controller's hierarchy, 0 if there is none.
func (f *Foreign) Version(controller string) int { return f.dirs[controller].Version }

// Remove kills every process in the cgroups, and those below, and removes them.
func (f *Foreign) Remove(ctx context.Context) error {
	var dirs []cgroup.Dir
	for _, d := range f.dirs {
		if d.Exists() && !slices.ContainsFunc(dirs, func(o cgroup.Dir) bool { return o.Path == d.Path }) {
			dirs = append(dirs, d)
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	return errors.Join(cgroup.Empty(ctx, dirs...), cgroup.Remove(ctx, dirs...))
}
