package boot

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"mesos/isolators/boot/early"
)

// Follow is the program mesos-init with early.Argument, where it was begun by Go's
// runtime. It returns the status to exit with.
func Follow() int {
	status, child := early.Follow()
	if child == 0 {
		return status
	}
	signals := listen()
	var none unix.Sigset_t
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &none, nil) // what waited comes now
	_, _ = unix.Close(orderFD), unix.Close(answerFD)      // exec of the command must be the end of it
	go forward(signals, int(child))
	exitBy(reap(int(child)))
	return 1
}

// calls are what Run would call for a Launch, where that can be known beforehand;
// nil if not: files below a root are looked for, other namespaces opened, rights
// compared with those that the process has, and what stays beside a command that
// has less of them must have less itself.
func (l *Launch) calls() *early.List {
	switch {
	case !early.Able || l.Remap != "" || l.Rootfs != "" || l.Loopback || l.Capabilities != nil || len(l.Seccomp) > 0 || l.Init && l.NoNewPrivs:
		return nil
	case slices.ContainsFunc(l.Join, func(j Join) bool { return j.Kind != unix.CLONE_NEWPID }):
		return nil
	case l.Search != "" && !strings.Contains(l.File, "/"):
		return nil
	}
	c := early.New(32 + 3*len(l.Masked) + 4*len(l.ReadOnly) + len(l.Mounts) + 2*busyTries)
	// Only close_range (5.11) would close others than the two pipes, if there were some.
	c.Add(early.Call{Trap: unix.SYS_CLOSE_RANGE, Args: []any{orderFD, 1<<31 - 1, unix.CLOSE_RANGE_CLOEXEC}, Except: early.Any})
	for _, fd := range []int{orderFD, answerFD} {
		c.Add(early.Call{What: "pipe", Trap: unix.SYS_FCNTL, Args: []any{fd, unix.F_SETFD, unix.FD_CLOEXEC}})
	}
	if l.OwnCgroups {
		c.Add(early.Call{What: "cgroup namespace", Trap: unix.SYS_UNSHARE, Args: []any{unix.CLONE_NEWCGROUP}})
	}
	if l.own() && !l.mounts(c) {
		return nil
	}
	if l.Hostname != "" {
		c.Add(early.Call{What: "host name " + l.Hostname, Trap: unix.SYS_SETHOSTNAME, Args: []any{[]byte(l.Hostname), len(l.Hostname)}})
	}
	c.Add(early.Call{What: "working directory " + l.Dir, Trap: unix.SYS_CHDIR, Args: []any{l.Dir}})
	if l.Init {
		stays(c)
	}
	for _, r := range l.RLimits {
		c.Add(early.Call{What: "resource limit", Trap: unix.SYS_PRLIMIT64, Args: []any{0, r.Which, raw(&unix.Rlimit{Cur: r.Soft, Max: r.Hard}), 0}})
	}
	l.gives(c)
	l.execs(c)
	return c
}

// mounts is arrange without a root.
func (l *Launch) mounts(c *early.List) bool {
	if len(l.ReadOnly) > 0 && !protects() {
		return false
	}
	c.Add(early.Call{What: "mounts apart from those of the machine", Trap: unix.SYS_MOUNT, Args: []any{"", "/", "", unix.MS_REC | unix.MS_SLAVE, ""}})
	for _, m := range l.Mounts {
		if m.Make || m.Within != "" || m.From != "" || m.Flags&unix.MS_BIND != 0 {
			return false
		}
		c.Add(early.Call{What: "mount at " + m.Target, Trap: unix.SYS_MOUNT, Args: []any{m.Source, m.Target, m.Type, m.Flags, m.Data}})
	}
	for _, p := range l.Masked {
		what := "masked path " + p
		c.Add(early.Call{What: what, Trap: unix.SYS_FACCESSAT, Args: []any{unix.AT_FDCWD, p, unix.F_OK}, Except: unix.ENOENT, Pass: 2})
		c.Add(early.Call{What: what, Trap: unix.SYS_MOUNT, Args: []any{"tmpfs", p, "tmpfs", hidden, noFiles}, Skip: 1, Except: unix.ENOTDIR})
		c.Add(early.Call{What: what, Trap: unix.SYS_MOUNT, Args: []any{"/dev/null", p, "", unix.MS_BIND, ""}})
	}
	readOnly := c.Bytes(raw(&unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}))
	for _, p := range l.ReadOnly {
		what, at := "read-only path "+p, c.String(p)
		protect := early.Call{What: what, Trap: unix.SYS_MOUNT_SETATTR, Args: []any{unix.AT_FDCWD, at, unix.AT_RECURSIVE, readOnly, int(unsafe.Sizeof(unix.MountAttr{}))}}
		// What is mounted there already is this namespace's own; what is not is mounted first.
		mounted := protect
		mounted.Skip, mounted.Except = 3, early.Any
		c.Add(mounted)
		c.Add(early.Call{What: what, Trap: unix.SYS_FACCESSAT, Args: []any{unix.AT_FDCWD, at, unix.F_OK}, Except: unix.ENOENT, Pass: 2})
		c.Add(early.Call{What: what, Trap: unix.SYS_MOUNT, Args: []any{at, at, "", unix.MS_BIND | unix.MS_REC, ""}})
		c.Add(protect)
	}
	return true
}

// stays is beside: a child goes on, to which this process stands as child says. Signals wait from
// before there is one to hand them to.
func stays(c *early.List) {
	none := make([]byte, 8)
	all, before := c.Bytes(bytes.Repeat([]byte{0xff}, 8)), c.Bytes(none)
	pid := c.Bytes(none)
	c.Add(early.Call{What: "signals", Trap: unix.SYS_RT_SIGPROCMASK, Args: []any{unix.SIG_SETMASK, all, before, 8}})
	c.Add(early.Call{What: "start of the command's process", Trap: unix.SYS_CLONE, Args: []any{int(unix.SIGCHLD)}, Stays: true})
	c.Add(early.Call{Trap: unix.SYS_IOCTL, Args: []any{0, unix.TCGETS, raw(&unix.Termios{})}, Except: early.Any, Pass: 3})
	c.Add(early.Call{What: "process group", Trap: unix.SYS_SETPGID, Args: []any{0, 0}})
	c.Add(early.Call{What: "process", Trap: unix.SYS_GETPID, Keep: pid})
	c.Add(early.Call{What: "foreground of the terminal", Trap: unix.SYS_IOCTL, Args: []any{0, unix.TIOCSPGRP, pid}, Skip: 1})
	c.Add(early.Call{What: "session", Trap: unix.SYS_SETSID})
	c.Add(early.Call{What: "signals", Trap: unix.SYS_RT_SIGPROCMASK, Args: []any{unix.SIG_SETMASK, before, 0, 8}})
}

// protects says that the kernel has mount_setattr (5.12).
var protects = sync.OnceValue(func() bool {
	return !errors.Is(unix.MountSetattr(-1, "", unix.AT_EMPTY_PATH, &unix.MountAttr{}), unix.ENOSYS)
})

// gives is confine, for what does not depend on the rights that the process has.
func (l *Launch) gives(c *early.List) {
	if u := l.User; u != nil {
		groups := make([]byte, 0, 4*len(u.Groups)+4)
		for _, g := range u.Groups {
			id := uint32(g)
			groups = append(groups, raw(&id)...)
		}
		c.Add(early.Call{What: "supplementary groups", Trap: unix.SYS_SETGROUPS, Args: []any{len(u.Groups), groups}})
		c.Add(early.Call{What: "group", Trap: unix.SYS_SETRESGID, Args: []any{u.GID, u.GID, u.GID}})
		c.Add(early.Call{What: "user", Trap: unix.SYS_SETRESUID, Args: []any{u.UID, u.UID, u.UID}})
	}
	if l.DieWithParent { // a change of user has undone it
		c.Add(early.Call{What: "death with the parent", Trap: unix.SYS_PRCTL, Args: []any{unix.PR_SET_PDEATHSIG, int(unix.SIGKILL)}})
	}
	if l.NoNewPrivs {
		c.Add(early.Call{What: "no_new_privs", Trap: unix.SYS_PRCTL, Args: []any{unix.PR_SET_NO_NEW_PRIVS, 1}})
	}
}

// execs is executeAt.
func (l *Launch) execs(c *early.List) {
	run := early.Call{What: Exec, Trap: unix.SYS_EXECVE, Args: []any{c.String(l.File), c.Strings(l.Argv), c.Strings(l.Env)}, Except: unix.ETXTBSY}
	for try := range busyTries {
		c.Add(run)
		pause := unix.NsecToTimespec(int64(try+1) * int64(busyPause))
		c.Add(early.Call{Trap: unix.SYS_NANOSLEEP, Args: []any{raw(&pause), 0}, Except: early.Any})
	}
	run.Except = 0
	c.Add(run)
}

// raw are the bytes of a value as the kernel takes it.
func raw[T any](v *T) []byte {
	return slices.Clone(unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v)))
}
