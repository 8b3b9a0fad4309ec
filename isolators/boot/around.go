package boot

import (
	"fmt"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// AroundArgument stands before the path of a file and a command line for RunAround.
const AroundArgument = "--around"

// RunAround is the program mesos-init before a runtime whose containers have a kernel
// of their own, which can mount nothing of the machine's: it makes the mounts of a Launch
// at its Rootfs, in the mount namespace that it is in, and becomes the runtime. It
// only returns when it cannot, which it tells on standard error: with the status to
// exit with.
func RunAround(path string, argv []string) int {
	runtime.LockOSThread()
	text, err := os.ReadFile(path)
	l := &Launch{}
	if err == nil {
		err = l.UnmarshalBinary(text)
	}
	if err == nil {
		err = enterCgroup(l)
	}
	if err == nil {
		err = openUsers(l)
	}
	if err == nil {
		err = unix.Mount(l.Rootfs, l.Rootfs, "", unix.MS_BIND|unix.MS_REC, "")
	}
	if err == nil {
		err = furnish(l, l.Rootfs)
	}
	if err == nil {
		err = syscall.Exec(argv[0], argv, os.Environ())
	}
	fmt.Fprintln(os.Stderr, "mesos-init: files of the container:", err)
	return NeverRan
}
