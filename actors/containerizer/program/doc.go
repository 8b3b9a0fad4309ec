// Package program has containers made by a program of the machine: an OCI runtime,
// or LXC. Packages oci and lxc say how each is told; a containerizer calls.
//
// The program makes namespaces and cgroups, and begins mesos-init in them, on the
// machine's own files. All that isolators prepared (roots of images, volumes, masked
// paths, rights, filters of system calls, the user) mesos-init does itself then, as in
// a container of the Mesos containerizer; so tasks find the same in all of them, and
// a filter never meets the program's own calls. Namespaces of others (a network that
// an isolator made, those of a container around) the program is told to enter. It reads what to do
// from a file of the container's directory.
//
// Where the program brings a kernel of its own (gVisor, Kata), that can mount nothing
// of the machine's. There mesos-init makes the mounts before it becomes the program,
// in the namespace below, and within it does the rest. What such a container is
// killed for by the machine's kernel may stay unknown: it dies as a whole, and gVisor
// removes its cgroup.
//
// The program stays in the foreground as the container's main process, with a mount
// namespace in which the machine's files are mounted once more, as the root that
// it hands on. When it is gone, that is, too.
//
// A Maker whose containers can fail on their own account (a shim of containerd that is
// killed) says why, as a Failer: it is told as the end of the container.
//
// Isolators that act by cgroups make one around each container, before it is there, where
// this package has the program make its own. A program that puts containers into no cgroup of
// version 2 is an Outsider: mesos-init enters one.
//
// A container's processes are killed by its cgroups, and what is left of it on disk
// is a directory of this package and what the program keeps below one of its own.
// Nothing here starts processes but the program's command to forget a container.
package program
