package docker

import (
	"fmt"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	"mesos/isolators/cgroups"
	"mesos/messages/tuning"
)

// tune says to an engine what labels ask for of cores and disks.
func tune(s *engine.Container, c containerizer.Config) error {
	h := &s.HostConfig
	h.CpusetCpus, h.BlkioWeight = c.Tuning.CPUSet, c.Tuning.IOWeight
	limits, err := containerizer.DiskLimits(c)
	if err != nil {
		return err
	}
	for _, l := range limits {
		node, err := cgroups.DiskNode(l.Major, l.Minor)
		if err != nil {
			return fmt.Errorf("label %s: %w", tuning.IOLimits, err)
		}
		for _, one := range []struct {
			to   *[]engine.Throttle
			rate uint64
		}{{&h.BlkioDeviceReadBps, l.ReadBytes}, {&h.BlkioDeviceWriteBps, l.WriteBytes}, {&h.BlkioDeviceReadIOps, l.ReadOps}, {&h.BlkioDeviceWriteIOps, l.WriteOps}} {
			if one.rate > 0 {
				*one.to = append(*one.to, engine.Throttle{Path: node, Rate: one.rate})
			}
		}
	}
	return nil
}
