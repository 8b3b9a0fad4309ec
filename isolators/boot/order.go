package boot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// OrderArgument stands before the path of a file for RunOrder.
const OrderArgument = "--order"

// RunOrder is the program mesos-init in a container that another program made: an
// OCI runtime, say. The Launch is in a file. The namespaces are there; what is to
// be in them is done as Run does it. It only returns when the command cannot be
// executed, which it tells on standard error: with the status to exit with.
func RunOrder(path string) int {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	text, err := os.ReadFile(path)
	l := &Launch{}
	if err == nil {
		err = l.UnmarshalBinary(text)
	}
	if err == nil {
		err = enterCgroup(l)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mesos-init: what to run:", err)
		return NeverRan
	}
	l.Clone, l.Join, l.Hostname = l.Clone&unix.CLONE_NEWNS, nil, ""
	r, w, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mesos-init: pipe:", err)
		return NeverRan
	}
	go tell(l, r)
	err = become(l, w)
	fmt.Fprintln(os.Stderr, "mesos-init:", describe(l, err))
	return commandNotRun
}

// commandNotRun is the status of a command that could not be executed, as of shells.
const commandNotRun = 127

// tell writes what a process between this program and the command says of it.
func tell(l *Launch, r *os.File) {
	if failed, err := readAnswer(r); err == nil {
		fmt.Fprintln(os.Stderr, "mesos-init:", describe(l, failed))
	}
}

func describe(l *Launch, err error) string {
	var failed *Error
	if errors.As(err, &failed) && failed.What == Exec {
		return fmt.Sprintf("exec failed: %s: %v", l.File, failed.Errno)
	}
	return err.Error()
}

// enterCgroup puts this process into the cgroup of a Launch.
func enterCgroup(l *Launch) error {
	if l.Enter == "" {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(l.Enter, "cgroup.procs"), os.O_WRONLY, 0) // not made where it is missing
	if err != nil {
		return fmt.Errorf("cgroup: %w", err)
	}
	_, err = f.WriteString("0") // who writes
	return errors.Join(err, f.Close())
}
