// Package filesystem gives containers the files that they see: [Linux] is the
// isolator filesystem/linux, [Runtime] is docker/runtime.
//
// What the machine mounts later is seen within, what a container mounts is not
// seen without. The files that reach the kernel itself are hidden or read-only,
// so that root in a container changes neither the machine nor its own limits.
//
// A container with an image gets a root of its own: the image's files, its own
// /proc and /dev, a read-only /sys, the machine's names (/etc/resolv.conf,
// /etc/hosts), and its sandbox at --sandbox_directory. Volumes of the sources
// host path, path of a sandbox, image and secret are mounted where they are asked for, with
// or without a root.
//
// Package catalog makes the isolators. They say what the container's first
// process is to mount in its own mount namespace and mount nothing themselves.
// What they write lies in the directories of package images, in sandboxes, and
// for secrets in a directory that is gone with the container. They never
// decide what a container may have of the machine: an operator who allows
// filesystem/linux lets frameworks mount any path of it.
package filesystem
