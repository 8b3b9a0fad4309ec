package early

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Entry is where mesos-init is linked to begin; "" for where Go has programs begin.
const Entry = "mesos/isolators/boot/early.start"

// start is the beginning of the program, where it is linked so.
func start() //nolint:unused // the linker is told of it

// local is what Go takes for this thread's own, until its runtime begins.
var local [2]uintptr //nolint:unused // start uses it

var _ = begin // start calls it

// begin does not return if the arguments, which lie behind their number, are those
// of a program that is to follow a List.
//
//go:nosplit
//go:norace
func begin(arguments *uintptr) {
	if *arguments != 2 {
		return
	}
	given := *(**[len(Argument) + 1]byte)(unsafe.Add(unsafe.Pointer(arguments), 2*word))
	for i := 0; i < len(Argument); i++ {
		if given[i] != Argument[i] {
			return
		}
	}
	if given[len(Argument)] != 0 {
		return
	}
	status, child := Follow()
	if child != 0 {
		status = remain(child)
	}
	_, _, _ = syscall.RawSyscall6(unix.SYS_EXIT_GROUP, uintptr(status), 0, 0, 0, 0, 0)
}
