package fetcher

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// The wait for a file to be closed by all: patience bounds it, the pauses double up to the longest.
const (
	closedPatience = 10 * time.Second
	closedPause    = 50 * time.Microsecond
	closedLongest  = 10 * time.Millisecond
)

// readable gives a second descriptor of a file, for reading alone. It is the same file whatever has its name by now.
func readable(f *os.File) (*os.File, error) {
	return os.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()))
}

// awaitClosed waits until no process has a file open for writing: the kernel executes none that is. A child of this
// program, on its way to another container's command, holds every descriptor a little longer than the fork lock is held:
// the parent goes on when the child's memory is replaced, and only then the child closes what it must not inherit.
//
// Only the kernel knows of such children, and tells when it is asked for a read lease. Where the file system has none
// nothing is waited for; whoever starts a program tries again while it is busy.
func awaitClosed(f *os.File) {
	pause := closedPause
	for end := time.Now().Add(closedPatience); time.Now().Before(end); {
		if !errors.Is(lease(f, syscall.F_RDLCK), syscall.EAGAIN) {
			break
		}
		time.Sleep(pause)
		pause = min(2*pause, closedLongest)
	}
	_ = lease(f, syscall.F_UNLCK) // fails if there is none
}

func lease(f *os.File, kind uintptr) error {
	if _, _, e := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETLEASE, kind); e != 0 {
		return e
	}
	return nil
}
