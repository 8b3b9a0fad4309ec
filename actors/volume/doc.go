// Package volume knows where the data of persistent volumes lies on an agent's
// disks, makes and empties those places, and puts volumes into sandboxes.
//
//	disk     where the data is
//	root     <work_dir>/volumes/roles/<role>/<persistence id>
//	PATH     <root of the disk>/volumes/roles/<role>/<persistence id>
//	MOUNT    <root of the disk>
//
// An agent with the isolator disk/loop makes volumes as file systems of their size, an
// ext4 that is mounted there and is a file in volumes/images beside volumes/roles; MOUNT
// disks are what they are. What a volume was made as it stays, with that isolator and
// without: a directory has no size, and a file system is mounted before it is used. It
// gets another size while nobody uses it.
//
// The agent calls it when an operation creates or destroys a volume, the
// containerizer when a container starts. Destroying takes two steps: the data is
// set aside by a rename, which is quick and can be repeated after a crash, and
// deleted at leisure. It never decides whether a volume may be destroyed, and
// nothing but Delete and Purge deletes data.
package volume
