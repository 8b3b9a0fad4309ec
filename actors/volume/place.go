package volume

import (
	"fmt"
	"path/filepath"

	"mesos/actors/sandbox"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// place is where a volume's data lies.
type place struct {
	base  string // the work directory, or the disk's root
	path  string // the data
	whole bool   // a MOUNT disk: path is the disk itself, which stays
}

func placeOf(workDir string, v resources.Resource) (place, error) {
	if v.PersistenceID() == "" {
		return place{}, fmt.Errorf("%v is no persistent volume", v)
	}
	p := place{base: diskRoot(workDir, v)}
	if p.base == "" {
		return p, fmt.Errorf("volume %q is on a disk without a root", v.PersistenceID())
	}
	if v.Disk().GetSource().GetType() == v1.Resource_DiskInfo_Source_MOUNT {
		p.path, p.whole = p.base, true
		return p, nil
	}
	var err error
	p.path, err = sandbox.Volume(p.base, v.Role(), v.PersistenceID())
	return p, err
}

// diskRoot is the directory that a disk resource names, the work directory for
// the root disk, "" if it names none. Relative ones are below the work directory.
func diskRoot(workDir string, r resources.Resource) string {
	root := ""
	switch s := r.Disk().GetSource(); s.GetType() {
	case v1.Resource_DiskInfo_Source_UNKNOWN:
		return workDir
	case v1.Resource_DiskInfo_Source_PATH:
		root = s.GetPath().GetRoot()
	case v1.Resource_DiskInfo_Source_MOUNT:
		root = s.GetMount().GetRoot()
	}
	if root != "" && !filepath.IsAbs(root) {
		root = filepath.Join(workDir, root)
	}
	return root
}

// Mount is a volume as a container sees it.
type Mount struct {
	Path     string // of the data, on the host
	Target   string // container_path: relative to the sandbox, or absolute where the container has a file system of its own
	ReadOnly bool
	Shared   bool // other containers may use it at the same time
	Disk     *v1.Resource_DiskInfo
}

// Mounts are the volumes among the resources of a container. Those with a file system
// of their own are mounted, as they are not after a restart of the machine.
func (d *Dir) Mounts(r resources.Resources) (out []Mount, err error) {
	for v := range r.Volumes().All() {
		p, err := placeOf(d.workDir, v)
		if err != nil {
			return nil, err
		}
		info := v.Disk().GetVolume()
		if info.GetContainerPath() == "" {
			return nil, fmt.Errorf("volume %q has no disk.volume.container_path", v.PersistenceID())
		}
		if !p.whole {
			if err := p.volume().Mount(); err != nil {
				return nil, fmt.Errorf("volume %q: %w", v.PersistenceID(), err)
			}
		}
		out = append(out, Mount{p.path, info.GetContainerPath(), info.GetMode() == v1.Volume_RO, v.IsShared(), v.Disk()})
	}
	return out, nil
}
