package cgroups

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

const (
	period    = 100 * time.Millisecond // of the hard limit
	minQuota  = time.Millisecond       // the kernel takes no less
	perCPU    = 1024                   // v1 shares of one cpu
	perLent   = 10                     // of one that may be taken back
	minShares = 2                      // the kernel's
	weight    = 100                    // v2 weight of one cpu
	maxWeight = 10000                  // the kernel's
	ticks     = 100                    // clock ticks of cpuacct.stat in a second
)

// counted are the cpus that shares are given for: what may be taken back counts about a hundredth.
func counted(o Options, d isolators.Demand) float64 {
	if !o.RevocableLow {
		return d.CPUs
	}
	return d.CPUs - d.Revocable + d.Revocable*perLent/perCPU
}

// shares is how much of contended cpus a container gets: in proportion.
func shares(version int, cpus float64) uint64 {
	if version == 2 {
		return uint64(min(max(math.Round(cpus*weight), 1), maxWeight))
	}
	return uint64(max(math.Round(cpus*perCPU), minShares))
}

// quota is the cpu time in a period, or 0 for as much as there is.
func quota(o Options, d isolators.Demand) time.Duration {
	limit := d.CPULimit
	if limit == 0 && o.CFS {
		limit = d.CPUs
	}
	if limit == 0 || math.IsInf(limit, 1) {
		return 0
	}
	return max(time.Duration(limit*float64(period)), minQuota)
}

func updateCPU(o Options, d cgroup.Dir, _, now isolators.Demand) error {
	s, q := shares(d.Version, counted(o, now)), quota(o, now)
	if d.Version == 2 {
		limit := "max"
		if q > 0 {
			limit = fmt.Sprint(q.Microseconds())
		}
		if err := d.Write("cpu.weight", fmt.Sprint(s)); err != nil {
			return err
		}
		return d.Write("cpu.max", fmt.Sprintf("%s %d", limit, period.Microseconds()))
	}
	if err := d.Write("cpu.shares", fmt.Sprint(s)); err != nil {
		return err
	}
	if q == 0 {
		if err := d.Write("cpu.cfs_quota_us", "-1"); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	// The period is what every cgroup of version 1 begins with: to write it again would take as long as the quota does.
	err := d.Write("cpu.cfs_quota_us", fmt.Sprint(q.Microseconds()))
	if errors.Is(err, fs.ErrNotExist) {
		return &isolators.MissingError{Feature: "hard cpu limit", Needs: "a kernel with CONFIG_CFS_BANDWIDTH"}
	}
	return err
}

func usageCPU(i *Isolator, g *group, d cgroup.Dir, to *v1.ResourceStatistics) error {
	stat, err := d.Table("cpu.stat")
	if err != nil {
		return err
	}
	throttled := float64(stat["throttled_time"]) / 1e9
	if d.Version == 2 {
		throttled = float64(stat["throttled_usec"]) / 1e6
		to.CpusUserTimeSecs = proto.Float64(float64(stat["user_usec"]) / 1e6)
		to.CpusSystemTimeSecs = proto.Float64(float64(stat["system_usec"]) / 1e6)
	} else if err := usageCPUAcct(i, g, to); err != nil {
		return err
	}
	to.CpusLimit = proto.Float64(g.demand.CPUs)
	if limit := quota(i.options, g.demand); limit > 0 {
		to.CpusLimit = proto.Float64(float64(limit) / float64(period))
		to.CpusSoftLimit = proto.Float64(g.demand.CPUs)
		to.CpusNrPeriods = proto.Uint32(uint32(stat["nr_periods"]))
		to.CpusNrThrottled = proto.Uint32(uint32(stat["nr_throttled"]))
		to.CpusThrottledTimeSecs = proto.Float64(throttled)
	}
	if !i.options.CountPIDs {
		return nil
	}
	return countPIDs(d, to)
}

// usageCPUAcct reads the times of v1, whose controller may be in a hierarchy of
// its own.
func usageCPUAcct(i *Isolator, g *group, to *v1.ResourceStatistics) error {
	stat, err := i.dir("cpuacct", g.id).Table("cpuacct.stat")
	if err != nil {
		return err
	}
	to.CpusUserTimeSecs = proto.Float64(float64(stat["user"]) / ticks)
	to.CpusSystemTimeSecs = proto.Float64(float64(stat["system"]) / ticks)
	return nil
}

func countPIDs(d cgroup.Dir, to *v1.ResourceStatistics) error {
	threads := "tasks"
	if d.Version == 2 {
		d, threads = d.Below(leaf), "cgroup.threads"
	}
	ps, err := d.PIDs("cgroup.procs")
	if err != nil {
		return err
	}
	ts, err := d.PIDs(threads)
	to.Processes, to.Threads = proto.Uint32(uint32(len(ps))), proto.Uint32(uint32(len(ts)))
	return err
}
