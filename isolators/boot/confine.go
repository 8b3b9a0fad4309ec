package boot

import (
	"errors"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// confine gives up rights, on this thread alone: it is the one that executes the
// command, and exec ends the others.
func confine(l *Launch) error {
	// A user keeps none of root's, unless they were asked for.
	privileged := l.Capabilities == nil && (l.User == nil || l.User.UID == 0) || l.Capabilities != nil && l.Capabilities.Effective&(1<<unix.CAP_SYS_ADMIN) != 0
	filtered := false
	if len(l.Seccomp) > 0 && !l.NoNewPrivs && !privileged {
		// The right to filter is about to go. A filter that is there already
		// must let the calls below through, as those of Docker do.
		if err := filter(l.Seccomp); err != nil {
			return err
		}
		filtered = true
	}
	if err := rights(l); err != nil {
		return err
	}
	if l.DieWithParent { // a change of user has undone it
		if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
			return fail("death with the parent", err)
		}
	}
	if l.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fail("no_new_privs", err)
		}
	}
	if len(l.Seccomp) > 0 && !filtered {
		return filter(l.Seccomp)
	}
	return nil
}

// rights sets user and capabilities.
func rights(l *Launch) error {
	c := l.Capabilities
	if c != nil {
		if err := bound(c.Bounding); err != nil {
			return err
		}
		if l.User != nil {
			if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
				return fail("capabilities over the change of user", err)
			}
		}
	}
	if l.User != nil {
		if err := switchUser(l.User); err != nil {
			return err
		}
	}
	if c == nil {
		return nil
	}
	return capabilities(c, l.User == nil || l.User.UID == 0)
}

// switchUser changes the user of this thread alone, which package unix cannot.
func switchUser(u *User) error {
	groups := make([]uint32, len(u.Groups)+1)
	for i, g := range u.Groups {
		groups[i] = uint32(g)
	}
	for _, s := range []struct {
		what    string
		trap    uintptr
		a, b, c uintptr
	}{
		{"supplementary groups", unix.SYS_SETGROUPS, uintptr(len(u.Groups)), uintptr(unsafe.Pointer(&groups[0])), 0},
		{"group", unix.SYS_SETRESGID, uintptr(u.GID), uintptr(u.GID), uintptr(u.GID)},
		{"user", unix.SYS_SETRESUID, uintptr(u.UID), uintptr(u.UID), uintptr(u.UID)},
	} {
		if _, _, e := unix.RawSyscall(s.trap, s.a, s.b, s.c); e != 0 {
			return fail(s.what, e)
		}
	}
	runtime.KeepAlive(groups)
	return nil
}

// bound drops what is not in a set from all that can ever be had.
func bound(set uint64) error {
	for n := uintptr(0); n < 64; n++ {
		has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, n, 0, 0, 0)
		if err != nil {
			return nil // beyond the last that the kernel knows
		}
		if has == 1 && set&(1<<n) == 0 {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, n, 0, 0, 0); err != nil {
				return fail("bounding capabilities", err)
			}
		}
	}
	return nil
}

// secbits: root is nobody special, and that cannot be changed again.
const secbitNoRoot, secbitNoRootLocked = 1 << 0, 1 << 1

// capabilities sets what the command begins with. To exec, root means the whole
// bounding set: where it is to have less, root must mean nothing.
func capabilities(c *Capabilities, root bool) error {
	if root && c.Effective&c.Bounding != c.Bounding {
		if err := unix.Prctl(unix.PR_SET_SECUREBITS, secbitNoRoot|secbitNoRootLocked, 0, 0, 0); err != nil {
			return fail("secure bits", err)
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return fail("capabilities", err)
	}
	var set [2]unix.CapUserData
	for i := range set {
		part := uint32(c.Effective>>(32*i)) & have[i].Permitted
		set[i] = unix.CapUserData{Effective: part, Permitted: part, Inheritable: part}
	}
	if err := unix.Capset(&header, &set[0]); err != nil {
		return fail("capabilities", err)
	}
	// Ambient ones are what lives over exec without the help of the file.
	err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
	if errors.Is(err, unix.EINVAL) && root && c.Effective&c.Bounding == c.Bounding {
		return nil // a kernel without them, as gVisor's: to exec, root means the bounding set, which is all that it is to have
	}
	if err != nil {
		return fail("ambient capabilities", err)
	}
	for n := range 64 {
		if set[n/32].Permitted&(1<<(n%32)) == 0 {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(n), 0, 0); err != nil {
			return fail("ambient capabilities", err)
		}
	}
	return nil
}

// filter sets a filter of system calls.
func filter(program []byte) error {
	const size = int(unsafe.Sizeof(unix.SockFilter{}))
	if len(program)%size != 0 {
		return &Error{What: "system call filter: its length is not a multiple of 8"}
	}
	p := unix.SockFprog{Len: uint16(len(program) / size), Filter: (*unix.SockFilter)(unsafe.Pointer(&program[0]))}
	if _, _, e := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&p))); e != 0 {
		return fail("system call filter", e)
	}
	runtime.KeepAlive(program)
	return nil
}
