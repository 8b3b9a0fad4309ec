package shim

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// openTerminal makes a terminal: the side that the shim reads and writes, and
// the one that the command gets.
func openTerminal(w Window) (master, slave *os.File, err error) {
	const flags = syscall.O_RDWR | syscall.O_NOCTTY | syscall.O_CLOEXEC
	fd, err := syscall.Open("/dev/ptmx", flags|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("terminal: /dev/ptmx: %w", err)
	}
	master = os.NewFile(uintptr(fd), "terminal")
	var number, unlock int32
	if err := ioctl(fd, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)); err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("terminal: unlocking: %w", err)
	}
	if err := ioctl(fd, syscall.TIOCGPTN, unsafe.Pointer(&number)); err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("terminal: number: %w", err)
	}
	name := "/dev/pts/" + strconv.Itoa(int(number))
	slaveFD, err := syscall.Open(name, flags, 0)
	if err != nil {
		master.Close()
		return nil, nil, fmt.Errorf("terminal: %s: %w", name, err)
	}
	if err := resize(master, w); err != nil {
		master.Close()
		_ = syscall.Close(slaveFD)
		return nil, nil, err
	}
	return master, os.NewFile(uintptr(slaveFD), name), nil
}

// resize sets the size of a terminal; the programs in its foreground get
// SIGWINCH.
func resize(master *os.File, w Window) error {
	size := [4]uint16{w.Rows, w.Columns}
	conn, err := master.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := conn.Control(func(fd uintptr) { failed = ioctl(int(fd), syscall.TIOCSWINSZ, unsafe.Pointer(&size)) }); err != nil {
		return err
	}
	if failed != nil {
		return fmt.Errorf("terminal: size %dx%d: %w", w.Rows, w.Columns, failed)
	}
	return nil
}

func ioctl(fd int, request uintptr, arg unsafe.Pointer) error {
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); e != 0 {
		return e
	}
	return nil
}
