package cgroups

import (
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot"
)

// Place is where a container is in the hierarchies that tell containers apart, for those who count by cgroup.
type Place struct {
	V2     string // its cgroup of version 2; "" where that is not mounted
	Memory string // what its memory is charged to, the same cgroup or one of version 1; "" without cgroups/mem
}

// Place tells where a container is, or will be: it need not be known. Without an id it is what is above all of them.
func (i *Isolator) Place(id string) (p Place) {
	at := func(r root) string {
		if id == "" {
			return r.Path
		}
		return r.below(id).Path
	}
	for _, r := range i.roots {
		if r.Version == 2 {
			p.V2 = at(r)
		}
	}
	if n, charged := i.home["mem"]; charged {
		p.Memory = at(i.roots[n])
	}
	return p
}

// shut makes the cgroups read-only for a container that has mounts of its own, so
// that root in it does not move to others. One that sees the machine's mounts
// (no namespaces/pid, no filesystem/linux) is not shut in: root there can undo
// whatever is mounted, and others may want to see what it mounts. So can one that
// has CAP_SYS_ADMIN: who runs strangers as root wants linux/capabilities, too.
func (i *Isolator) shut(l *boot.Launch) {
	if l.Clone&unix.CLONE_NEWNS == 0 || l.Rootfs != "" {
		return
	}
	for _, at := range i.layout.Mounts() {
		if within := func(p string) bool { return at == p || strings.HasPrefix(at, p+"/") }; !slices.ContainsFunc(l.ReadOnly, within) {
			l.ReadOnly = append(l.ReadOnly, at)
		}
	}
}

// Mounts are those of the hierarchies that Place tells of.
func (i *Isolator) Mounts() (p Place) {
	for _, r := range i.roots {
		if r.Version == 2 {
			p.V2 = filepath.Clean(r.mount)
		}
	}
	if n, charged := i.home["mem"]; charged {
		p.Memory = filepath.Clean(i.roots[n].mount)
	}
	return p
}
