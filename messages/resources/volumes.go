package resources

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// create makes persistent volumes of reserved disk space.
func create(op *v1.Offer_Operation_Create) (Conversion, error) {
	to, err := read("create.volumes", op.GetVolumes())
	if err != nil {
		return Conversion{}, err
	}
	seen := map[[2]string]bool{}
	for e := range to.All() {
		if err := creatable(e); err != nil {
			return Conversion{}, fmt.Errorf("create.volumes: %s %w", e.Name(), err)
		}
		name := [2]string{e.Role(), e.PersistenceID()}
		if seen[name] || e.Count() > 1 {
			return Conversion{}, fmt.Errorf("create.volumes: disk.persistence.id %q is used twice for role %q", e.PersistenceID(), e.Role())
		}
		seen[name] = true
	}
	from, err := mapped("create.volumes", to, asSpace)
	return Conversion{from, to}, err
}

func creatable(e Resource) error {
	v := e.Disk().GetVolume()
	switch {
	case e.PersistenceID() == "":
		return errors.New("has no disk.persistence.id, which names the volume")
	case !e.IsReserved():
		return fmt.Errorf("%q is not reserved: a volume must belong to a role", e.PersistenceID())
	case e.IsRevocable():
		return fmt.Errorf("%q is revocable: what may be taken back cannot hold data", e.PersistenceID())
	case v == nil:
		return fmt.Errorf("%q has no disk.volume, which says where tasks see it", e.PersistenceID())
	case v.HostPath != nil:
		return fmt.Errorf("%q has disk.volume.host_path %q: the agent chooses where data lies", e.PersistenceID(), v.GetHostPath())
	case v.GetContainerPath() == "":
		return fmt.Errorf("%q has no disk.volume.container_path, which says where tasks see it", e.PersistenceID())
	}
	switch t := e.Disk().GetSource().GetType(); t {
	case v1.Resource_DiskInfo_Source_UNKNOWN, v1.Resource_DiskInfo_Source_PATH, v1.Resource_DiskInfo_Source_MOUNT:
		return nil
	default:
		return fmt.Errorf("%q is of disk.source.type %v: only root, PATH and MOUNT disks can hold volumes", e.PersistenceID(), t)
	}
}

// asSpace makes of a volume the space that it lies on.
func asSpace(m *v1.Resource) error {
	if m.GetDisk().GetPersistence() == nil {
		return errors.New("is no persistent volume: it has no disk.persistence.id")
	}
	plainDisk(m)
	return nil
}

// destroy makes free space of volumes.
func destroy(op *v1.Offer_Operation_Destroy) (Conversion, error) {
	from, err := read("destroy.volumes", op.GetVolumes())
	if err != nil {
		return Conversion{}, err
	}
	for e := range from.All() {
		if e.Count() > 1 {
			return Conversion{}, fmt.Errorf("destroy.volumes: volume %q is named %d times", e.PersistenceID(), e.Count())
		}
	}
	to, err := mapped("destroy.volumes", from, asSpace)
	return Conversion{from, to}, err
}

// grow adds space to a volume.
func grow(op *v1.Offer_Operation_GrowVolume) (Conversion, error) {
	volume, err := resizable("grow_volume.volume", op.GetVolume())
	if err != nil {
		return Conversion{}, err
	}
	addition, err := read("grow_volume.addition", []*v1.Resource{op.GetAddition()})
	if err != nil {
		return Conversion{}, err
	}
	space, err := mapped("grow_volume.volume", volume, asSpace)
	if err != nil {
		return Conversion{}, err
	}
	if a, b := addition.entries[0].kind, space.entries[0].kind; a != b {
		return Conversion{}, fmt.Errorf("grow_volume.addition %v must be space of the same disk and reservation as the volume: %v", addition, space)
	}
	sum := volume.entries[0].Quantity().plus(addition.entries[0].Quantity())
	to, err := resized("grow_volume", volume, sum)
	return Conversion{volume.Add(addition), to}, err
}

// shrink gives space of a volume back.
func shrink(op *v1.Offer_Operation_ShrinkVolume) (Conversion, error) {
	volume, err := resizable("shrink_volume.volume", op.GetVolume())
	if err != nil {
		return Conversion{}, err
	}
	v := op.GetSubtract().GetValue()
	if err := checkScalar(v); err != nil {
		return Conversion{}, fmt.Errorf("shrink_volume.subtract.value: %w", err)
	}
	less, size := FromFloat(v), volume.entries[0].Quantity()
	if less == 0 || less >= size {
		return Conversion{}, fmt.Errorf("shrink_volume.subtract.value %v must be more than 0 and less than the volume's size %v", less, size)
	}
	to, err := resized("shrink_volume", volume, size.minus(less))
	if err != nil {
		return Conversion{}, err
	}
	space, err := mapped("shrink_volume.volume", volume, func(m *v1.Resource) error {
		plainDisk(m)
		m.Scalar = &v1.Value_Scalar{Value: proto.Float64(less.Float())}
		return nil
	})
	return Conversion{volume, to.Add(space)}, err
}

// resizable reads one volume whose size can change.
func resizable(field string, m *v1.Resource) (Resources, error) {
	r, err := read(field, []*v1.Resource{m})
	if err != nil {
		return r, err
	}
	e := r.entries[0]
	switch {
	case e.PersistenceID() == "":
		return r, fmt.Errorf("%s is no persistent volume: it has no disk.persistence.id", field)
	case e.ProviderID() != "":
		return r, fmt.Errorf("%s %q is of the resource provider %q: only volumes of the agent's own disks change their size", field, e.PersistenceID(), e.ProviderID())
	case e.IsShared():
		return r, fmt.Errorf("%s %q is shared: the size of a shared volume cannot change", field, e.PersistenceID())
	case e.Disk().GetSource().GetType() == v1.Resource_DiskInfo_Source_MOUNT:
		return r, fmt.Errorf("%s %q is on a MOUNT disk, which is used whole: its size cannot change", field, e.PersistenceID())
	}
	return r, nil
}

func resized(field string, volume Resources, size Quantity) (Resources, error) {
	return mapped(field+".volume", volume, func(m *v1.Resource) error {
		m.Scalar = &v1.Value_Scalar{Value: proto.Float64(size.Float())}
		return nil
	})
}

// Volumes returns the persistent volumes in r.
func (r Resources) Volumes() Resources {
	return r.Filter(func(e Resource) bool { return e.PersistenceID() != "" })
}

// SharedOnce returns r with every shared volume counted once: how much of an
// offer is needed by users who share.
func (r Resources) SharedOnce() Resources {
	var out []Resource
	for i, e := range r.entries {
		if e.kind.shared && e.amount > 1 && out == nil {
			out = append(make([]Resource, 0, len(r.entries)), r.entries[:i]...)
		}
		if out != nil {
			if e.kind.shared {
				e.amount = 1
			}
			out = append(out, e)
		}
	}
	if out == nil {
		return r
	}
	return Resources{out}
}
