package scheduler

import v1 "mesos/messages/mesos/v1"

// CreateDisk makes a disk of storage of a resource provider. What comes of it is
// in the converted_resources of the operation's status, and offered then.
func CreateDisk(id string, storage *v1.Resource, to v1.Resource_DiskInfo_Source_Type) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_CREATE_DISK.Enum(), CreateDisk: &v1.Offer_Operation_CreateDisk{Source: storage, TargetType: to.Enum()}})
}

// DestroyDisk makes storage of a disk again. Its data is deleted.
func DestroyDisk(id string, disk *v1.Resource) *v1.Offer_Operation {
	return named(id, &v1.Offer_Operation{Type: v1.Offer_Operation_DESTROY_DISK.Enum(), DestroyDisk: &v1.Offer_Operation_DestroyDisk{Source: disk}})
}
