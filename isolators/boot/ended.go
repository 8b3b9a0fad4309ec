package boot

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot/early"
)

// exitBy ends this process as one whose command ended in a way.
func exitBy(ws syscall.WaitStatus) {
	if !ws.Signaled() {
		os.Exit(ws.ExitStatus())
	}
	// This is the program's first thread, whose name is the process's.
	if name, err := unix.BytePtrFromString(early.ByName + strconv.Itoa(int(ws.Signal()))); err == nil {
		_ = unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(name)), 0, 0, 0)
	}
	os.Exit(early.AfterSignal + int(ws.Signal()))
}

// EndedBy is the signal that ended the command of a process that has ended and that
// nobody has reaped yet; 0 if none did, or the process was the command itself.
func EndedBy(pid int) syscall.Signal {
	comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return 0
	}
	text, ours := strings.CutPrefix(strings.TrimSpace(string(comm)), early.ByName)
	n, err := strconv.Atoi(text)
	if !ours || err != nil || n <= 0 {
		return 0
	}
	return syscall.Signal(n)
}

// Status is how the command of a process ended: by what EndedBy told before the
// process was reaped, and how that ended.
func Status(ws syscall.WaitStatus, by syscall.Signal) syscall.WaitStatus {
	if by != 0 && ws.Exited() && ws.ExitStatus() == early.AfterSignal+int(by) {
		return syscall.WaitStatus(by)
	}
	return ws
}
