package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"unsafe"
)

// Terminal is what a program was started at, seen from the person before it.
type Terminal struct {
	t      testing.TB
	master *os.File
}

// StartAtTerminal starts a command at a terminal of its own of 24 rows and 80
// columns, and copies what it shows to screen until the test ends. The caller
// waits for the command.
func StartAtTerminal(t testing.TB, cmd *exec.Cmd, screen io.Writer) *Terminal {
	t.Helper()
	fd, err := syscall.Open("/dev/ptmx", syscall.O_RDWR|syscall.O_NOCTTY|syscall.O_CLOEXEC|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &Terminal{t, os.NewFile(uintptr(fd), "terminal")}
	var number, unlock int32
	term.ioctl(syscall.TIOCSPTLCK, unsafe.Pointer(&unlock))
	term.ioctl(syscall.TIOCGPTN, unsafe.Pointer(&number))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer slave.Close()
	term.Resize(24, 80)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	shown := make(chan struct{})
	go func() {
		defer close(shown)
		_, _ = io.Copy(screen, term.master) // ends when nobody has the terminal open any more
	}()
	t.Cleanup(func() {
		term.master.Close()
		<-shown
	})
	return term
}

// Type sends keys to the program. One that has ended gets nothing.
func (t *Terminal) Type(keys string) {
	t.t.Helper()
	if _, err := t.master.WriteString(keys); err != nil && !errors.Is(err, syscall.EIO) {
		t.t.Fatal(err)
	}
}

// Resize changes the size of the terminal, in characters.
func (t *Terminal) Resize(rows, columns uint16) {
	t.t.Helper()
	size := [4]uint16{rows, columns}
	t.ioctl(syscall.TIOCSWINSZ, unsafe.Pointer(&size))
}

func (t *Terminal) ioctl(request uintptr, arg unsafe.Pointer) {
	t.t.Helper()
	conn, err := t.master.SyscallConn()
	if err != nil {
		t.t.Fatal(err)
	}
	var e syscall.Errno
	if err := conn.Control(func(fd uintptr) { _, _, e = syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(arg)) }); err != nil {
		t.t.Fatal(err)
	}
	if e != 0 {
		t.t.Fatal(e)
	}
}
