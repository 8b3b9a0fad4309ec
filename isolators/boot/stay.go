package boot

import (
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// stay starts a child that goes on with a Launch and remains as what reaps, until
// the child has ended. The rest of the pid namespace dies with this process.
func stay(l *Launch, answer *os.File) error {
	if plain(l) {
		return beside(l, answer)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fail("pipe", err)
	}
	rest := *l
	rest.Init, rest.Clone, rest.Join, rest.Hostname, rest.Loopback, rest.OwnCgroups, rest.Remap = false, 0, nil, "", false, false, ""
	sys := child()
	if l.users >= 0 {
		remap(l, sys)
		rest.Dir = "." // where it is already: it may have no right to walk there
	}
	pid, err := syscall.ForkExec("/proc/self/exe", os.Args[:1], &syscall.ProcAttr{
		Dir: ".", Env: os.Environ(), Files: []uintptr{0, 1, 2, r.Fd(), answer.Fd()}, Sys: sys,
	})
	if err != nil {
		return fail("start of the command's process", err)
	}
	if l.users >= 0 {
		if err := limit(pid, l.RLimits); err != nil {
			_ = unix.Kill(pid, unix.SIGKILL)
			return err
		}
		rest.RLimits = nil
	}
	answer.Close() // exec of the command must be the end of it
	r.Close()
	go forward(listen(), pid)
	if l.program >= 0 {
		// From here on this process is no more than the command is.
		if err := confine(&rest); err != nil {
			_ = unix.Kill(pid, unix.SIGKILL)
			return err
		}
	}
	_ = writeOrder(w, &rest) // one that is gone is reaped below
	w.Close()
	if l.program >= 0 {
		blockSignals()
		err := syscall.Exec("/proc/self/fd/"+strconv.Itoa(l.program), []string{os.Args[0], Remain, strconv.Itoa(pid)}, os.Environ())
		return fail("program beside the command", err) // and that ends with this process
	}
	exitBy(reap(pid))
	return nil
}

// Remain is the first argument of mesos-init when it goes on as what reaps, and
// the command's process the second.
const Remain = "remain"

// Reap is the program mesos-init that remains beside a command. It does not return.
func Reap(pid int) {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	go forward(listen(), pid)
	exitBy(reap(pid))
}

// blockSignals has those that come wait until the next program can take them: the
// first process of a pid namespace would not get them at all.
func blockSignals() {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &all, nil)
}

// traced says that the command will be able to trace what stays beside it, which
// must not be more than the command is.
func traced(l *Launch) bool {
	switch {
	case l.users >= 0: // to which it is a stranger
		return false
	case !l.Init || !l.own() || l.Capabilities == nil && len(l.Seccomp) == 0 && !l.NoNewPrivs:
		return false
	case l.Capabilities != nil:
		return l.Capabilities.Bounding&(1<<unix.CAP_SYS_PTRACE) != 0
	}
	return l.User == nil || l.User.UID == 0
}

// openProgram opens this program's file on a mount of its own that is read-only:
// who can trace a process can open its file, which is the machine's.
func openProgram() (int, error) {
	path, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return -1, err
	}
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE)
	if err != nil {
		return -1, err
	}
	return fd, unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
}

// listen has signals come as values.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals)
	return signals
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

// child is how the command's process stands to this one: a terminal's session is
// this process's, and the command its foreground.
func child() *syscall.SysProcAttr {
	terminal := isTerminal(0)
	return &syscall.SysProcAttr{Setsid: !terminal, Setpgid: terminal, Foreground: terminal}
}

func isTerminal(fd uintptr) bool {
	var t unix.Termios
	_, _, e := unix.Syscall(unix.SYS_IOCTL, fd, unix.TCGETS, uintptr(unsafe.Pointer(&t)))
	return e == 0
}
