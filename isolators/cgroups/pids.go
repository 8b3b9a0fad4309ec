package cgroups

import (
	"fmt"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// preparePIDs bounds processes and threads.
func preparePIDs(o Options, d cgroup.Dir, _ isolators.Container) error {
	if o.PIDs == 0 {
		return d.Write("pids.max", "max")
	}
	return d.Write("pids.max", fmt.Sprint(o.PIDs))
}
