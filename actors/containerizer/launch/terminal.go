package launch

import (
	"syscall"
	"unsafe"
)

// IsTerminal says whether a descriptor is a terminal.
func IsTerminal(fd uintptr) bool {
	var t syscall.Termios
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TCGETS, uintptr(unsafe.Pointer(&t)))
	return e == 0
}
