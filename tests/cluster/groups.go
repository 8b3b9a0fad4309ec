package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mesos/isolators/cgroup"
)

// groupsRoot is the cgroup above all containers of a cluster's agents, in every hierarchy: that of no other agent on the
// machine.
func (c *Cluster) groupsRoot() string { return "mesos-cluster-" + filepath.Base(c.WorkDir) }

// removeGroups removes the cgroups that agents which were killed left. The processes in them are gone.
func (c *Cluster) removeGroups() error {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		return nil // the agents had none either
	}
	l.Writable()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	for _, at := range append(l.Mounts(), l.Named...) {
		d := cgroup.Dir{Kernel: l.Kernel, Path: filepath.Join(at, c.groupsRoot())}
		if d.Exists() {
			err = errors.Join(err, cgroup.Empty(ctx, d), cgroup.Remove(ctx, d))
		}
	}
	return err
}

// removePins removes the eBPF programs that agents which were killed, or had containers to the end, left to count on: they would
// run at each switch of a thread, each packet and each operation of a disk until the machine ends.
func (c *Cluster) removePins() error {
	if os.Geteuid() != 0 {
		return nil // nor had the agents the right to
	}
	if err := os.RemoveAll(filepath.Join("/sys/fs/bpf", c.groupsRoot())); err != nil {
		return fmt.Errorf("pinned programs: %w", err)
	}
	return nil
}
