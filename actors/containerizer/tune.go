package containerizer

import (
	"fmt"

	"mesos/isolators"
	"mesos/isolators/cgroups"
	"mesos/messages/tuning"
)

// tunes says why what labels ask for cannot be had here. Isolation may be nil.
func (i *Isolation) tunes(t tuning.Tuning) error {
	switch {
	case t.CPUSet != "" && (i == nil || !i.Cores):
		return fmt.Errorf("label %s: no container of this agent is bound to cores: it needs --isolation with cgroups/cpuset", tuning.CPUSet)
	case t.Disks() && (i == nil || !i.Disks):
		return fmt.Errorf("labels %s, %s: no container of this agent is bounded in what it does to disks: it needs --isolation with cgroups/blkio", tuning.IOWeight, tuning.IOLimits)
	}
	return nil
}

// tune says to isolators what labels ask for.
func tune(cfg Config, c *isolators.Container) (err error) {
	c.CPUSet, c.IOWeight = cfg.Tuning.CPUSet, cfg.Tuning.IOWeight
	c.IO, err = DiskLimits(cfg)
	return err
}

// DiskLimits are the bounds of a container with the numbers of their disks, of which each comes once.
func DiskLimits(cfg Config) (all []isolators.IOLimit, err error) {
	for _, l := range cfg.Tuning.IO {
		path := l.Disk
		if path == "" {
			path = cfg.Sandbox
		}
		major, minor, err := cgroups.DiskOf(path)
		if err != nil {
			return nil, fmt.Errorf("label %s: %w", tuning.IOLimits, err)
		}
		for _, other := range all {
			if other.Major == major && other.Minor == minor {
				return nil, fmt.Errorf("label %s: %s is on a disk that has a list already: write one, with all that bounds it", tuning.IOLimits, path)
			}
		}
		all = append(all, isolators.IOLimit{
			Major: major, Minor: minor, ReadBytes: l.ReadBytes, WriteBytes: l.WriteBytes, ReadOps: l.ReadOps, WriteOps: l.WriteOps,
		})
	}
	return all, nil
}
