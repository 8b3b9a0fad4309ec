package containerizer

import (
	"mesos/actors/volume"
	"mesos/isolators"
	"mesos/messages/resources"
)

const megabyte = 1 << 20

// diskOf is what a container's sandbox may take up: of the agent's own disk, not
// of disks or volumes that have a place of their own.
func diskOf(r resources.Resources) (bytes uint64) {
	for e := range r.All() {
		if e.Name() == "disk" && e.PersistenceID() == "" && e.Disk().GetSource() == nil {
			bytes += uint64(e.Quantity().Float() * megabyte)
		}
	}
	return bytes
}

// sizesOf are those of the persistent volumes, by their ids.
func sizesOf(r resources.Resources) map[string]uint64 {
	var out map[string]uint64
	for v := range r.Volumes().All() {
		if out == nil {
			out = make(map[string]uint64)
		}
		out[v.PersistenceID()] = uint64(v.Quantity().Float() * megabyte)
	}
	return out
}

func volumesOf(mounts []volume.Mount) (out []isolators.Volume) {
	for _, m := range mounts {
		out = append(out, isolators.Volume{Path: m.Path, Info: m.Disk})
	}
	return out
}
