package lxc

import (
	"fmt"

	"mesos/actors/containerizer/program"
	"mesos/isolators/cgroups"
	"mesos/messages/tuning"
)

// disks are the lines about what a container may do to disks. LXC writes files of cgroups by their names, and that of a
// weight depends on what makes the disks' queues, which is seen only in a cgroup that is there.
func disks(b *program.Bundle) (lines [][2]string, err error) {
	if b.IOWeight > 0 {
		return nil, fmt.Errorf("label %s: containers of LXC have no weight: leave it out, or bound them by %s", tuning.IOWeight, tuning.IOLimits)
	}
	version, prefix := b.Groups.Version("blkio"), "cgroup."
	if version == 0 {
		version, prefix = b.Groups.Version("io"), "cgroup2."
	}
	for _, l := range b.IO {
		for _, v := range cgroups.IOValues(version, l) {
			lines = append(lines, [2]string{prefix + v.File, v.Text})
		}
	}
	return lines, nil
}
