package launch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"

	"mesos/isolators/boot"
)

// ErrExec is wrapped when the process could not be made or the file could not
// be executed.
var ErrExec = errors.New("exec failed")

// Spec is one process to start.
type Spec struct {
	File    string     // what is executed; relative to Dir unless absolute
	Argv    []string   // argv[0] first
	Env     []string   // complete
	Dir     string     // working directory, "" for the caller's
	Account *Account   // nil: as the caller
	Files   [3]uintptr // stdin, stdout, stderr
	Extra   []uintptr  // descriptors 3 and up; nothing else is inherited

	// Session makes the process the leader of a session of its own,
	// otherwise it only leads a process group of its own.
	Session bool
	// Terminal makes stdin, which is a terminal, the controlling one of the
	// new session.
	Terminal bool
	// Foreground gives the terminal that is stdin to the new process group.
	Foreground bool
	// Clone has the namespaces (CLONE_NEW…) that the process gets of its own;
	// UIDs and GIDs are for a user namespace.
	Clone      uintptr
	UIDs, GIDs []boot.IDMap
	// DieWithParent has the kernel kill the process when the thread that
	// called Start ends; the caller must have locked itself to a thread
	// that lives as long as the program.
	DieWithParent bool
}

// Process is what Start made.
type Process struct {
	PID   int
	PIDFD int // close it; -1 where the kernel has none (before 5.4)
}

// Start forks and executes. No thread is held and nothing is copied of a large
// caller: the kernel's vfork does the work. Errors wrap ErrExec, name the file
// and keep the system's error.
func Start(s Spec) (Process, error) {
	p := Process{PIDFD: -1}
	attr := &syscall.ProcAttr{
		Dir:   s.Dir,
		Env:   s.Env,
		Files: append(s.Files[:], s.Extra...),
		Sys:   &syscall.SysProcAttr{Setsid: s.Session, Setpgid: !s.Session, Setctty: s.Terminal, Foreground: s.Foreground, PidFD: &p.PIDFD},
	}
	attr.Sys.Cloneflags = s.Clone
	if s.Clone&syscall.CLONE_NEWUSER != 0 {
		attr.Sys.UidMappings, attr.Sys.GidMappings, attr.Sys.GidMappingsEnableSetgroups = idMap(s.UIDs), idMap(s.GIDs), true
		attr.Sys.Credential = &syscall.Credential{}
	}
	if s.DieWithParent {
		attr.Sys.Pdeathsig = syscall.SIGKILL
	}
	if a := s.Account; a != nil {
		attr.Sys.Credential = &syscall.Credential{Uid: a.UID, Gid: a.GID, Groups: a.Groups}
	}
	pid, err := forkExec(s.File, s.Argv, attr)
	if err != nil {
		return Process{PIDFD: -1}, ExecError(s, err)
	}
	p.PID = pid
	return p, nil
}

// ExecError is the error of a Start that the system refused.
func ExecError(s Spec, err error) error {
	return fmt.Errorf("%w: %s: %w%s", ErrExec, s.File, err, s.hint(err))
}

func idMap(of []boot.IDMap) (out []syscall.SysProcIDMap) {
	for _, m := range of {
		out = append(out, syscall.SysProcIDMap{ContainerID: m.Inside, HostID: m.Outside, Size: m.Size})
	}
	return out
}

// busyTries and busyPause bound the wait for a file that is still open for
// writing: 10 + 20 + … ms, about half a second in all.
const (
	busyTries = 10
	busyPause = 10 * time.Millisecond
)

// forkExec tries again while the file is busy: between the fork and the exec of
// another container a child holds every file of this program, and so also the
// one that was fetched a moment ago.
func forkExec(file string, argv []string, attr *syscall.ProcAttr) (pid int, err error) {
	for try := range busyTries {
		if pid, err = syscall.ForkExec(file, argv, attr); !errors.Is(err, syscall.ETXTBSY) {
			break
		}
		time.Sleep(time.Duration(try+1) * busyPause)
	}
	return pid, err
}

// hint says what the system's error leaves open: whether the file, the
// interpreter or the directory was meant.
func (s Spec) hint(err error) string {
	if s.Dir != "" {
		if _, e := os.Stat(s.Dir); e != nil {
			return fmt.Sprintf(" (working directory %s: %v)", s.Dir, e)
		}
	}
	switch {
	case errors.Is(err, syscall.ENOEXEC):
		return " (neither a binary for this machine nor a script that begins with #!)"
	case errors.Is(err, fs.ErrPermission) && s.Account != nil:
		return fmt.Sprintf(" (user %s needs the right to execute it and to enter %s)", s.Account.Name, s.Dir)
	case errors.Is(err, syscall.EINVAL):
		for _, e := range s.Env {
			if strings.ContainsRune(e, 0) {
				name, _, _ := strings.Cut(e, "=")
				return fmt.Sprintf(" (environment variable %q holds a NUL byte)", name)
			}
		}
	}
	return ""
}
