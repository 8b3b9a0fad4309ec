package containerizer

import (
	"context"

	"mesos/actors/containerizer/launch"
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

// house has isolators give a sandbox a place of its own; begun says that they are
// to clean up what they have made of it, also after an error.
func (p *Posix) house(ctx context.Context, cfg Config, a *launch.Account) (begun bool, err error) {
	if p.isolation == nil {
		return false, nil
	}
	h, can := p.isolation.Set.(isolators.Houser)
	if !can {
		return false, nil
	}
	return true, h.House(ctx, describe(cfg, userOf(a)))
}
