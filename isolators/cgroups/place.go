package cgroups

import "path/filepath"

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
