package cgroups

import (
	"fmt"
	"path/filepath"

	"mesos/isolators"
	"mesos/isolators/cgroup"
)

// inheritCPUSet copies what the cgroup above has: no process can enter a v1
// cpuset that is empty.
func inheritCPUSet(d cgroup.Dir) error {
	up := d
	up.Path = filepath.Dir(d.Path)
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		have, err := d.Read(file)
		if err != nil {
			return err
		}
		if have != "" {
			continue
		}
		value, err := up.Read(file)
		if err != nil {
			return err
		}
		if err := d.Write(file, value); err != nil {
			return err
		}
	}
	return nil
}

// prepareCPUSet binds a container to the cores that it names.
func prepareCPUSet(_ Options, d cgroup.Dir, c isolators.Container) error {
	if c.CPUSet == "" {
		return nil
	}
	if err := d.Write("cpuset.cpus", c.CPUSet); err != nil {
		return fmt.Errorf("cores %q, want a list as in \"0-3,8\" of those there are: %w", c.CPUSet, err)
	}
	return nil
}
