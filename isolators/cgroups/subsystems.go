package cgroups

import (
	"maps"
	"slices"

	"mesos/isolators"
	"mesos/isolators/cgroup"
	v1 "mesos/messages/mesos/v1"
)

// subsystem is one thing that cgroups do, in both versions. A nil function does
// nothing.
type subsystem struct {
	v1, v2 []string           // controllers it needs in one version or the other
	v2more *isolators.Feature // what else it needs in version 2; may be nil
	// check looks whether a hierarchy can do what the options want; it gets the topmost cgroup there.
	check func(o Options, at cgroup.Dir) error

	// made gives a new cgroup what it needs before a process can enter,
	// those above the containers' included (v1 only).
	made func(d cgroup.Dir) error
	// prepare sets what stays; update what Demand changes, also at first.
	prepare func(o Options, d cgroup.Dir, c isolators.Container) error
	update  func(o Options, d cgroup.Dir, old, now isolators.Demand) error
	// keep takes note of what a container has, when it was made or taken up.
	keep func(o Options, d cgroup.Dir, g *group) error
	// watch begins to look out for what goes wrong.
	watch func(o Options, d cgroup.Dir, g *group) error
	// limited looks whether the kernel has stopped something for want of more.
	limited func(d cgroup.Dir, demand isolators.Demand) (isolators.Limitation, bool)
	usage   func(i *Isolator, g *group, d cgroup.Dir, to *v1.ResourceStatistics) error
}

// subsystems by what follows "cgroups/" in --isolation.
var subsystems = map[string]subsystem{
	"cpu":     {v1: []string{"cpu", "cpuacct"}, v2: []string{"cpu"}, update: updateCPU, usage: usageCPU},
	"mem":     {v1: []string{"memory"}, v2: []string{"memory"}, update: updateMemory, watch: watchMemory, limited: memoryLimited, usage: usageMemory},
	"pids":    {v1: []string{"pids"}, v2: []string{"pids"}, prepare: preparePIDs},
	"cpuset":  {v1: []string{"cpuset"}, v2: []string{"cpuset"}, made: inheritCPUSet, prepare: prepareCPUSet},
	"blkio":   {v1: []string{"blkio"}, v2: []string{"io"}, prepare: prepareIO, usage: usageIO},
	"devices": {v1: []string{"devices"}, v2: []string{}, v2more: devicePrograms, prepare: prepareDevices},
	// Who uses huge pages is counted by the kernel; a limit is the operator's, above all containers.
	"hugetlb": {v1: []string{"hugetlb"}, v2: []string{"hugetlb"}},
	// There is no such controller in version 2.
	"net_cls": {v1: []string{"net_cls"}, v2: []string{"net_cls"}, prepare: prepareNetClass, keep: keepNetClass},
	// Version 2 has it without naming it among its controllers, unless it is mounted in version 1.
	"perf_event": {v1: []string{"perf_event"}, v2: []string{}, check: checkPerf, watch: watchPerf, usage: usagePerf},
}

// Names are the isolators of this package as --isolation calls them, sorted;
// "cgroups/all" stands for all that the machine has controllers for.
func Names() []string {
	out := []string{prefix + all}
	for n := range maps.Keys(subsystems) {
		out = append(out, prefix+n)
	}
	slices.Sort(out)
	return out
}

const (
	prefix = "cgroups/"
	all    = "all"

	// All asks for all that the machine has controllers for.
	All = prefix + all
)
