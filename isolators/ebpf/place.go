package ebpf

import (
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// inode of a directory: of a cgroup, this is the number that programs know it by.
func inode(path string) (uint64, error) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return 0, fmt.Errorf("cgroup %s: %w", path, err)
	}
	return s.Ino, nil
}

// rootInode is that of the topmost cgroup of every hierarchy.
const rootInode = 1

// depth is how far a cgroup is below the topmost one. In a cgroup namespace, where what is
// mounted is not the topmost, it cannot be known.
func depth(mount, path string) (uint32, error) {
	top, err := inode(mount)
	if err != nil {
		return 0, err
	}
	if top != rootInode {
		return 0, &isolators.MissingError{Feature: "topmost cgroup at " + mount, Needs: "an agent outside of cgroup namespaces"}
	}
	rel, err := filepath.Rel(mount, path)
	if err != nil {
		return 0, fmt.Errorf("cgroup %s: %w", path, err)
	}
	return uint32(strings.Count(rel, "/") + 1), nil
}

// place says where programs are attached.
func (i *Isolator) place() (at place, err error) {
	all, mounts := i.places.Place(""), i.places.Mounts()
	at.root, at.limited = all.V2, i.options.Egress != 0 || i.options.Ingress != 0
	at.calls = i.options.calls
	if at.id, err = inode(all.V2); err != nil {
		return at, err
	}
	if at.base, err = depth(mounts.V2, all.V2); err != nil {
		return at, err
	}
	if all.Memory != "" {
		at.memory, err = depth(mounts.Memory, all.Memory)
	}
	return at, err
}

// find looks where a container is; the error wraps unix.ENOENT if it has no cgroup.
func (i *Isolator) find(id string) (*container, error) {
	p := i.places.Place(id)
	c := &container{}
	_, c.nested = isolators.Parent(id)
	var err error
	if c.id, err = inode(p.V2); err != nil {
		return nil, err
	}
	if p.Memory != "" {
		c.memory, _ = inode(p.Memory) // one that shares its parent's memory has none
	}
	return c, nil
}
