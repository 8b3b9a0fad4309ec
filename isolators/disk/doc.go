// Package disk bounds what containers keep on disks: [DU] is the isolator disk/du,
// [Loop] is disk/loop, a name of our own.
//
// disk/du measures, again and again, sandboxes and persistent volumes for which a
// container has disk resources: what their files take up on the disk, each once
// whatever number of names it has. With enforcement, a container that keeps more
// than it has is limited. Between two looks it can write more.
//
// disk/loop has the kernel do it: the sandbox of a container with disk resources is
// a file system of its own, an ext4 in a sparse file behind a loop device. Who
// fills it is told that the disk is full, and nobody else is. It is mounted before
// anything is written to the sandbox ([mesos/isolators.Houser]), also for what looks into
// the sandbox from outside. When the container is over, its files are copied to a
// plain directory that takes the sandbox's place, and the file system goes: so a
// sandbox is read, and removed, as any other. That takes place beside all else, and
// after a crash the next run of the agent does it. Resources that are added make
// the file system grow, which the kernel grants to the capability CAP_SYS_RESOURCE
// alone; what is taken away stays until the end. Nested containers are within the sandbox of
// the outermost.
//
// Persistent volumes are file systems of their size, too, on agents with disk/loop:
// [Volume], with a journal. Package volume of the agent makes them, and has them mounted from
// then on; those that were directories before stay so, for disk/du to measure. They get
// another size by the kernel or, smaller and without CAP_SYS_RESOURCE, by a copy.
//
// Package catalog makes them. disk/du reads directories and changes nothing on a
// disk; neither of them ends a container by itself.
package disk
