package resources

import (
	"errors"
	"fmt"

	v1 "mesos/messages/mesos/v1"
)

// The types that disks of resource providers have.
const (
	rawDisk   = v1.Resource_DiskInfo_Source_RAW
	mountDisk = v1.Resource_DiskInfo_Source_MOUNT
	pathDisk  = v1.Resource_DiskInfo_Source_PATH
	blockDisk = v1.Resource_DiskInfo_Source_BLOCK
)

// IsDiskOperation says whether an operation makes or unmakes a disk. What comes
// of it only its resource provider knows, when it is done: nobody can count on
// its success, as on that of the operations that [Convert] reads.
func IsDiskOperation(op *v1.Offer_Operation) bool {
	t := op.GetType()
	return t == v1.Offer_Operation_CREATE_DISK || t == v1.Offer_Operation_DESTROY_DISK
}

// DiskSource reads a CREATE_DISK or DESTROY_DISK and returns the disk that it
// consumes. The error names the field, its value and the rule.
func DiskSource(op *v1.Offer_Operation) (Resources, error) {
	if op.GetType() == v1.Offer_Operation_CREATE_DISK {
		if op.CreateDisk == nil {
			return Resources{}, missing(op)
		}
		return createDisk(op.GetCreateDisk())
	}
	if op.DestroyDisk == nil {
		return Resources{}, missing(op)
	}
	return destroyDisk(op.GetDestroyDisk())
}

func createDisk(op *v1.Offer_Operation_CreateDisk) (Resources, error) {
	const field = "create_disk.source"
	source, err := providedDisk(field, op.GetSource())
	if err != nil {
		return source, err
	}
	from := source.entries[0].Disk().GetSource()
	switch t := op.GetTargetType(); {
	case from.GetType() != rawDisk:
		return source, fmt.Errorf("%s: disk.source.type %v must be RAW: a disk is made of storage that is none yet", field, from.GetType())
	case t != mountDisk && t != pathDisk && t != blockDisk:
		return source, fmt.Errorf("create_disk.target_type %v must be one of MOUNT, PATH, BLOCK", t)
	case from.Profile != nil && op.TargetProfile != nil:
		return source, fmt.Errorf("create_disk.target_profile %q must not be set: the source has the profile %q", op.GetTargetProfile(), from.GetProfile())
	case from.Profile == nil && op.GetTargetProfile() == "":
		return source, errors.New("create_disk.target_profile must be set: the source has no profile")
	}
	return source, nil
}

func destroyDisk(op *v1.Offer_Operation_DestroyDisk) (Resources, error) {
	const field = "destroy_disk.source"
	source, err := providedDisk(field, op.GetSource())
	if err != nil {
		return source, err
	}
	disk := source.entries[0].Disk()
	switch s := disk.GetSource(); {
	case disk.Persistence != nil:
		return source, fmt.Errorf("%s: disk is the persistent volume %q: destroy that first", field, disk.GetPersistence().GetId())
	case s.GetType() == rawDisk && s.Id == nil:
		return source, fmt.Errorf("%s: disk.source.id must be set for type RAW: what has none is storage, and no disk", field)
	}
	return source, nil
}

// providedDisk reads one disk of a resource provider.
func providedDisk(field string, m *v1.Resource) (Resources, error) {
	r, err := read(field, []*v1.Resource{m})
	if err != nil {
		return r, err
	}
	switch e := r.entries[0]; {
	case e.ProviderID() == "":
		return r, fmt.Errorf("%s: %s has no provider_id: only disks of resource providers are made and destroyed", field, e.Name())
	case e.Disk().GetSource() == nil:
		return r, fmt.Errorf("%s: %s has no disk.source", field, e.Name())
	case e.IsRevocable():
		return r, fmt.Errorf("%s: %s is revocable: what may be taken back cannot hold data", field, e.Name())
	}
	return r, nil
}
