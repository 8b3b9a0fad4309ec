package program

import (
	"slices"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/proctree"
	"mesos/isolators"
)

var _ containerizer.Firster = (*Runtime)(nil)

// First implements containerizer.Firster. It is in the container's cgroup, and its
// parent, the program, is not; sessions came later.
func (r *Runtime) First(id string) int {
	in := r.bundle(id, isolators.Demand{}).Groups.Processes()
	return proctree.Oldest(slices.DeleteFunc(slices.Clone(in), func(pid int) bool { return slices.Contains(in, proctree.Parent(pid)) }))
}
