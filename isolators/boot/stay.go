package boot

import (
	"encoding/json"
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stay starts a child that goes on with a Launch and remains as what reaps, until
// the child has ended. The rest of the pid namespace dies with this process.
func stay(l *Launch, answer *os.File) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fail("pipe", err)
	}
	rest := *l
	rest.Init, rest.Clone, rest.Join, rest.Hostname, rest.Loopback, rest.OwnCgroups = false, 0, nil, "", false, false
	terminal := isTerminal(0)
	pid, err := syscall.ForkExec("/proc/self/exe", os.Args[:1], &syscall.ProcAttr{
		Dir: ".", Env: os.Environ(), Files: []uintptr{0, 1, 2, r.Fd(), answer.Fd()},
		// A terminal's session is this process's, and the command its foreground.
		Sys: &syscall.SysProcAttr{Setsid: !terminal, Setpgid: terminal, Foreground: terminal},
	})
	if err != nil {
		return fail("start of the command's process", err)
	}
	answer.Close() // exec of the command must be the end of it
	r.Close()
	signals := make(chan os.Signal, 16)
	signal.Notify(signals)
	go forward(signals, pid)
	_ = json.NewEncoder(w).Encode(&rest) // one that is gone is reaped below
	w.Close()
	exitBy(reap(pid))
	return nil
}

// forward hands on what was meant for the command.
func forward(signals <-chan os.Signal, pid int) {
	for s := range signals {
		switch s {
		case unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE: // for this program alone
		default:
			if n, ok := s.(syscall.Signal); ok {
				_ = unix.Kill(pid, n) // it may have ended
			}
		}
	}
}

// reap waits for the command, and for all orphans until then.
func reap(main int) syscall.WaitStatus {
	for {
		var ws syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ws, 0, nil)
		switch {
		case err == syscall.EINTR || err == nil && pid != main:
			continue
		case err != nil:
			return syscall.WaitStatus(1 << 8) // exit status 1
		}
		return ws
	}
}

func isTerminal(fd uintptr) bool {
	var t unix.Termios
	_, _, e := unix.Syscall(unix.SYS_IOCTL, fd, unix.TCGETS, uintptr(unsafe.Pointer(&t)))
	return e == 0
}
