package early

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Descriptors of the process: the list comes in on the first, and what failed goes
// out on the second. Exec closes both.
const (
	OrderFD  = 3
	AnswerFD = 4
)

// NeverRan is the exit status of a process whose agent died before it said what to
// run.
const NeverRan = 211

// Argument is the only one of a mesos-init that is to follow a List.
const Argument = "calls"

// LinkerFlags are those (of go build -ldflags) that have mesos-init begin here; "" where
// there is no such beginning for the processor.
func LinkerFlags() string {
	if Entry == "" {
		return ""
	}
	return "-E " + Entry
}

// room is for the list: there is nothing yet to allocate it with.
var room struct {
	_    [0]uintptr // for its alignment
	list [most]byte
}

// Follow carries out the List that it reads, the last call of which does not return.
// Where one fails it tells which, and what the system said, and returns the status to
// exit with; or it returns the child beside which this process is to remain.
//
//go:nosplit
//go:norace
func Follow() (status int, child uintptr) {
	// Whoever is in the pid namespace already must not reach the program's file
	// through /proc/PID/exe, nor read what it holds: exec undoes this.
	_, _, _ = syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0, 0, 0, 0)
	base := unsafe.Pointer(&room.list)
	if !fill(base, word) {
		return NeverRan, 0
	}
	if length := *(*uintptr)(base); length > most || !fill(base, length) {
		return NeverRan, 0
	}
	moves, calls := *(*uintptr)(base), *(*uintptr)(unsafe.Add(base, word))
	at := unsafe.Add(base, headWords*word)
	for range moves {
		*(*uintptr)(unsafe.Add(base, *(*uintptr)(at))) += uintptr(base)
		at = unsafe.Add(at, word)
	}
	for n := uintptr(0); n < calls; n++ {
		c := (*call)(unsafe.Add(at, n*callWords*word))
		r, _, e := syscall.RawSyscall6(c.trap, c.args[0], c.args[1], c.args[2], c.args[3], c.args[4], c.args[5])
		switch {
		case e == 0 && c.stays == 1 && r != 0:
			return 0, r
		case e == 0:
			if c.keep != 0 {
				*(*uintptr)(unsafe.Add(base, c.keep-uintptr(base))) = r
			}
			n += c.skip
		case uintptr(e) == c.except || c.except == uintptr(Any):
			n += c.pass
		default:
			// An answer begins with the error, which is a word. The agent may be gone.
			*(*uintptr)(unsafe.Add(base, c.told-uintptr(base))) = uintptr(e)
			_, _, _ = syscall.RawSyscall6(unix.SYS_WRITE, AnswerFD, c.told, c.length, 0, 0, 0)
			return 1, 0
		}
	}
	return 1, 0
}

// fill reads as many bytes as are asked for; false if there are not so many.
//
//go:nosplit
//go:norace
func fill(to unsafe.Pointer, length uintptr) bool {
	for got := uintptr(0); got < length; {
		n, _, e := syscall.RawSyscall6(unix.SYS_READ, OrderFD, uintptr(unsafe.Add(to, got)), length-got, 0, 0, 0)
		switch {
		case e == syscall.EINTR:
		case e != 0 || n == 0:
			return false
		default:
			got += n
		}
	}
	return true
}
