// Package terminal puts the user's terminal into raw mode, and tells its size
// and that it changes.
//
// The commands that lead to a terminal on an agent use it. It knows nothing of
// what is sent there.
package terminal

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

// Is says whether a file is a terminal.
func Is(f *os.File) bool {
	var t syscall.Termios
	return ioctl(f, syscall.TCGETS, unsafe.Pointer(&t)) == nil
}

// Raw hands every key to the program as it is typed, Ctrl-C too, and prints
// nothing of it. restore undoes that; it may be called more than once.
func Raw(f *os.File) (restore func(), err error) {
	var old syscall.Termios
	if err := ioctl(f, syscall.TCGETS, unsafe.Pointer(&old)); err != nil {
		return nil, fmt.Errorf("settings of the terminal: %w", err)
	}
	raw := old
	raw.Iflag &^= syscall.IGNBRK | syscall.BRKINT | syscall.PARMRK | syscall.ISTRIP | syscall.INLCR | syscall.IGNCR | syscall.ICRNL | syscall.IXON
	raw.Oflag &^= syscall.OPOST
	raw.Lflag &^= syscall.ECHO | syscall.ECHONL | syscall.ICANON | syscall.ISIG | syscall.IEXTEN
	raw.Cflag = raw.Cflag&^(syscall.CSIZE|syscall.PARENB) | syscall.CS8
	raw.Cc[syscall.VMIN], raw.Cc[syscall.VTIME] = 1, 0
	if err := ioctl(f, syscall.TCSETS, unsafe.Pointer(&raw)); err != nil {
		return nil, fmt.Errorf("raw mode of the terminal: %w", err)
	}
	return func() { _ = ioctl(f, syscall.TCSETS, unsafe.Pointer(&old)) }, nil // a terminal that is gone needs no settings
}

// Size is in characters; 0, 0 where it is not known.
func Size(f *os.File) (rows, columns uint16) {
	var size [4]uint16
	if ioctl(f, syscall.TIOCGWINSZ, unsafe.Pointer(&size)) != nil {
		return 0, 0
	}
	return size[0], size[1]
}

// Changes tells when the size of the program's terminal may have changed, until
// stop is called.
func Changes() (changed <-chan os.Signal, stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGWINCH)
	return c, func() { signal.Stop(c) }
}

func ioctl(f *os.File, request uintptr, arg unsafe.Pointer) error {
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), request, uintptr(arg)); e != 0 {
		return e
	}
	return nil
}
