package dockertask

import (
	"context"
	"time"

	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators"
	"mesos/isolators/cgroup"
	"mesos/isolators/cgroups"
)

// hierarchy is where machines have their cgroups.
const hierarchy = "/sys/fs/cgroup"

// watchMemory watches the memory of the container that a process is in. The engine
// says, too, that something was killed, but it forgets so when that ends the
// container.
func watchMemory(pid int) *cgroups.OOMWatch {
	l, err := cgroup.Probe(hierarchy)
	if err == nil {
		var f *cgroups.Foreign
		if f, err = cgroups.ForeignOf(l, pid); err == nil {
			return f.WatchOOM()
		}
	}
	return &cgroups.OOMWatch{}
}

// removedWithin is how long the engine may take to remove a container's cgroups.
const removedWithin = 5 * time.Second

// limited says whether a container that has ended did so for want of memory.
func limited(ctx context.Context, spec *engine.Container, memory *cgroups.OOMWatch, code int) (isolators.Limitation, bool) {
	ctx, end := context.WithTimeout(ctx, removedWithin)
	defer end()
	if code == 0 || spec.HostConfig.Memory <= 0 || !memory.Happened(ctx) {
		return isolators.Limitation{}, false
	}
	d := isolators.Demand{Mem: uint64(spec.HostConfig.Memory), MemLimit: uint64(spec.HostConfig.Memory)}
	if soft := spec.HostConfig.MemoryReservation; soft > 0 {
		d.Mem = uint64(soft)
	}
	return cgroups.OutOfMemory(d), true
}
