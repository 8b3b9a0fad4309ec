package early

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The first process of a pid namespace cannot end itself by a signal. What stays
// beside a command that a signal has ended takes this name, with the signal's
// number, and exits as shells do, with the number and 128.
const (
	ByName      = "ended by "
	AfterSignal = 128
)

// What the kernel reads and writes while a process remains: it has nothing else.
var (
	every = ^uint64(0) // signals
	ended uint32       // how: the status of a process that has ended
	name  [16]byte
)

// remain hands signals, all of which are blocked, on to a child, and reaps, until the
// child has ended. It returns the status to exit with.
//
//go:nosplit
//go:norace
func remain(child uintptr) int {
	_, _, _ = syscall.RawSyscall6(unix.SYS_CLOSE, OrderFD, 0, 0, 0, 0, 0)
	_, _, _ = syscall.RawSyscall6(unix.SYS_CLOSE, AnswerFD, 0, 0, 0, 0, 0) // exec of the command must be the end of it
	for {
		signal, _, e := syscall.RawSyscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&every)), 0, 0, 8, 0, 0)
		switch {
		case e != 0: // EINTR, when it was stopped and goes on
		case signal == uintptr(unix.SIGCHLD):
			if reap(child) {
				return exit()
			}
		case signal == uintptr(unix.SIGURG) || signal == uintptr(unix.SIGPIPE): // for this process alone
		default:
			_, _, _ = syscall.RawSyscall6(unix.SYS_KILL, child, signal, 0, 0, 0, 0) // it may have ended
		}
	}
}

// reap takes all that have ended, and says whether the child has.
//
//go:nosplit
//go:norace
func reap(child uintptr) bool {
	for {
		pid, _, e := syscall.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(&ended)), unix.WNOHANG, 0, 0, 0)
		switch {
		case e == syscall.EINTR:
		case e != 0: // there is no child, though there must be
			ended = 1 << 8
			return true
		case pid == 0:
			return false
		case pid == child:
			return true
		}
	}
}

// exit is the status to exit with for a child that ended as told.
//
//go:nosplit
//go:norace
func exit() int {
	signal := ended & 0x7f
	if signal == 0 {
		return int(ended >> 8 & 0xff)
	}
	at := 0
	for ; at < len(ByName); at++ {
		name[at] = ByName[at]
	}
	if signal >= 10 {
		name[at] = byte('0' + signal/10)
		at++
	}
	name[at] = byte('0' + signal%10)
	_, _, _ = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NAME, uintptr(unsafe.Pointer(&name)), 0, 0, 0, 0)
	return AfterSignal + int(signal)
}
