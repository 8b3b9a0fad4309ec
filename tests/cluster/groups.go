package cluster

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"mesos/isolators/cgroup"
)

// groupsRoot is the cgroup above all containers of a cluster's agents, in every hierarchy: that of no other agent on the
// machine.
func (c *Cluster) groupsRoot() string { return "mesos-cluster-" + filepath.Base(c.WorkDir) }

// removeGroups removes what agents that were killed left, with the eBPF programs that count there. The processes in it are
// gone.
func (c *Cluster) removeGroups() error {
	l, err := cgroup.Probe("/sys/fs/cgroup")
	if err != nil {
		return nil // the agents had none either
	}
	l.Writable()
	ctx, end := context.WithTimeout(context.Background(), time.Minute)
	defer end()
	err = os.RemoveAll(filepath.Join("/sys/fs/bpf", c.groupsRoot()))
	for _, at := range append(l.Mounts(), l.Named...) {
		d := cgroup.Dir{Kernel: l.Kernel, Path: filepath.Join(at, c.groupsRoot())}
		if d.Exists() {
			err = errors.Join(err, cgroup.Empty(ctx, d), cgroup.Remove(ctx, d))
		}
	}
	return err
}
