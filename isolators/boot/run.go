package boot

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Run is the program mesos-init. It must be called on the program's first
// thread, with the pipes as descriptors 3 and 4, and only returns when the
// command cannot be executed: with the status to exit with.
func Run() int {
	// Whoever is in the pid namespace already must not reach the program's file
	// through /proc/PID/exe, nor read what it holds: exec undoes this.
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.CloseRange(orderFD, 1<<31-1, unix.CLOSE_RANGE_CLOEXEC)
	unix.CloseOnExec(orderFD) // where the kernel has no close_range (before 5.11)
	unix.CloseOnExec(answerFD)
	order, answer := os.NewFile(orderFD, "order"), os.NewFile(answerFD, "answer")
	l, err := readOrder(order)
	if errors.Is(err, errShort) {
		_ = writeAnswer(answer, &Error{What: "what to run is " + err.Error()})
		return 1
	}
	if err != nil {
		return NeverRan
	}
	err = become(l, answer)
	var failed *Error
	if !errors.As(err, &failed) {
		failed = &Error{What: err.Error()}
	}
	_ = writeAnswer(answer, failed) // the agent may be gone
	return 1
}

// become carries out a Launch. It returns only with an error.
func become(l *Launch, answer *os.File) error {
	if err := openUsers(l); err != nil {
		return err
	}
	if err := join(l); err != nil {
		return err
	}
	l.program = -1
	if traced(l) {
		var err error
		if l.program, err = openProgram(); err != nil {
			return fail("program beside the command", err)
		}
	}
	if l.OwnCgroups { // it is isolated by now
		if err := unix.Unshare(unix.CLONE_NEWCGROUP); err != nil {
			return fail("cgroup namespace", err)
		}
	}
	if l.Loopback {
		if err := loopback(); err != nil {
			return fail("interface lo", err)
		}
	}
	if l.own() {
		if err := arrange(l); err != nil {
			return err
		}
	}
	if l.Hostname != "" {
		if err := unix.Sethostname([]byte(l.Hostname)); err != nil {
			return fail("host name "+l.Hostname, err)
		}
	}
	if err := unix.Chdir(l.Dir); err != nil {
		return fail("working directory "+l.Dir, err)
	}
	if l.Init || l.users >= 0 {
		return stay(l, answer)
	}
	for _, r := range l.RLimits {
		if err := unix.Setrlimit(r.Which, &unix.Rlimit{Cur: r.Soft, Max: r.Hard}); err != nil {
			return fail("resource limit", err)
		}
	}
	if err := confine(l); err != nil {
		return err
	}
	return execute(l, func(file string) error { return syscall.Exec(file, l.Argv, l.Env) })
}

// execute runs the command, whose file is looked for if it is a mere name. It tries again while the file is busy: between the fork and the exec of
// another container a child holds every file of the agent, and so also one that
// was fetched a moment ago. About half a second in all. It returns nil if run does.
func execute(l *Launch, run func(file string) error) error {
	if l.Search == "" || strings.Contains(l.File, "/") {
		return executeAt(l.File, run)
	}
	var failed error = &Error{Exec, syscall.ENOENT}
	for dir := range strings.SplitSeq(l.Search, ":") {
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(l.Dir, dir)
		}
		err := executeAt(filepath.Join(dir, l.File), run)
		if err == nil {
			return nil
		}
		if !errors.Is(err, unix.ENOENT) && !errors.Is(err, unix.ENOTDIR) {
			failed = err // it is there and cannot be run: that is what to tell
		}
	}
	return failed
}

const (
	busyTries = 10
	busyPause = 10 * time.Millisecond
)

func executeAt(file string, run func(file string) error) error {
	for try := 0; ; try++ {
		err := run(file)
		if !errors.Is(err, unix.ETXTBSY) || try == busyTries {
			return fail0(Exec, err)
		}
		time.Sleep(time.Duration(try+1) * busyPause)
	}
}

// fail makes an Error of the system's.
func fail(what string, err error) error {
	var no syscall.Errno
	if errors.As(err, &no) {
		return &Error{what, no}
	}
	return &Error{What: what + ": " + err.Error()}
}
