// Package disk bounds what containers keep on disks: [DU] is the isolator disk/du.
//
// It measures, again and again, sandboxes and persistent volumes for which a
// container has disk resources: what their files take up on the disk, each once
// whatever number of names it has. With enforcement, a container that keeps more
// than it has is limited. Between two looks it can write more: where that must
// not be, the kernel has to do it, which disk/du does not ask of it.
//
// Package catalog makes it. It reads directories and changes nothing on a disk.
package disk
