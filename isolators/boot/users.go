package boot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// openUsers opens the user namespace of Remap, where its path is right.
func openUsers(l *Launch) error {
	l.users = -1
	if l.Remap == "" {
		return nil
	}
	var err error
	if l.users, err = unix.Open(l.Remap, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		l.users = -1
		return fail("user namespace "+l.Remap, err)
	}
	return nil
}

// remap has a child be in a user namespace of its own, as its root. That root has
// no rights in the other namespaces, which the machine's root made: so it gets the
// one that servers ask for, where the network is its own.
func remap(l *Launch, sys *syscall.SysProcAttr) {
	sys.Cloneflags |= unix.CLONE_NEWUSER
	sys.UidMappings, sys.GidMappings, sys.GidMappingsEnableSetgroups = idMap(l.UIDs), idMap(l.GIDs), true
	sys.Credential = &syscall.Credential{}
	if l.Clone&unix.CLONE_NEWNET != 0 {
		// Kernels before 4.11 have no such setting.
		_ = os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0)
	}
	reopen(l)
}

func idMap(of []IDMap) (out []syscall.SysProcIDMap) {
	for _, m := range of {
		out = append(out, syscall.SysProcIDMap{ContainerID: m.Inside, HostID: m.Outside, Size: m.Size})
	}
	return out
}

// reopen opens stdout and stderr once more where they are files of the sandbox, as
// the container sees that: by /dev/stdout their owner must be one that it knows.
// Where that does not work, they stay as they are.
func reopen(l *Launch) {
	sandbox := ""
	for _, e := range l.Env {
		if path, is := strings.CutPrefix(e, "MESOS_SANDBOX="); is {
			sandbox = path
		}
	}
	if sandbox == "" {
		return
	}
	for fd, name := range map[int]string{1: "stdout", 2: "stderr"} {
		again, err := unix.Open(filepath.Join(sandbox, name), unix.O_WRONLY|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		var is, same unix.Stat_t
		if unix.Fstat(again, &is) == nil && unix.Fstat(fd, &same) == nil && is.Ino == same.Ino && is.Dev == same.Dev {
			_ = unix.Dup3(again, fd, 0)
		}
		_ = unix.Close(again)
	}
}

// limit sets resource limits of a child, which may not do so itself.
func limit(pid int, limits []RLimit) error {
	for _, r := range limits {
		if err := unix.Prlimit(pid, r.Which, &unix.Rlimit{Cur: r.Soft, Max: r.Hard}, nil); err != nil {
			return fail("resource limit", err)
		}
	}
	return nil
}

// bind mounts a path at another; with users other than -1, owners are its ids.
func bind(source, at string, recursive uintptr, users int) error {
	if users < 0 {
		return unix.Mount(source, at, "", unix.MS_BIND|recursive, "")
	}
	tree, err := shifted(source, recursive, users)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(tree) }()
	return unix.MoveMount(tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_SYMLINKS)
}

// shifted takes a copy of what is mounted at a path, whose files have owners of a
// user namespace.
func shifted(source string, recursive uintptr, users int) (int, error) {
	var deep uint
	if recursive != 0 {
		deep = unix.AT_RECURSIVE
	}
	tree, err := unix.OpenTree(unix.AT_FDCWD, source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|deep)
	if err != nil {
		return -1, err
	}
	err = unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH|deep, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(users)})
	if err != nil && !errors.Is(err, unix.EPERM) { // it lies in one that is shifted already
		_ = unix.Close(tree)
		return -1, err
	}
	return tree, nil
}

// Shift tries whether the owners of files below a directory can be ids of a user namespace.
func Shift(dir string, users int) error {
	tree, err := shifted(dir, 0, users)
	if err != nil {
		return err
	}
	return unix.Close(tree)
}

// overlay mounts one whose layers are shifted, as it cannot be itself. The layers
// are mounted in a small file system, which the overlay then hides.
func overlay(root string, m Mount, l *Launch) error {
	under, done, err := openTarget(root, m.Target)
	if err != nil {
		return err
	}
	err = unix.Mount("tmpfs", under, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "mode=0700,size=1m")
	done()
	if err != nil {
		return err
	}
	at, done, err := openTarget(root, m.Target)
	if err != nil {
		return err
	}
	defer done()
	n := 0
	layer := func(path string) (string, error) {
		to := filepath.Join(at, strconv.Itoa(n))
		n++
		if err := unix.Mkdir(to, 0o700); err != nil {
			return "", err
		}
		return to, bind(path, to, 0, l.users)
	}
	data, err := eachLayer(m.Data, layer)
	if err != nil {
		return err
	}
	return asRoot(l, func() error { return unix.Mount(m.Source, at, m.Type, m.Flags, data) })
}

// asRoot calls f while this thread makes files as root of the user namespace that is
// to be, with all the rights that it has. Who mounts an overlay is who writes to its
// upper layer, which knows no others.
func asRoot(l *Launch, f func() error) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return err
	}
	files := func(uid, gid int) {
		_, _, _ = unix.RawSyscall(unix.SYS_SETFSGID, uintptr(gid), 0, 0) // they tell what was, and no errors
		_, _, _ = unix.RawSyscall(unix.SYS_SETFSUID, uintptr(uid), 0, 0)
	}
	files(l.UIDs[0].Outside, l.GIDs[0].Outside)
	defer files(unix.Geteuid(), unix.Getegid())
	// Another user of files has none of root's rights over them, unless it takes them again.
	if err := unix.Capset(&header, &have[0]); err != nil {
		return err
	}
	return f()
}

// eachLayer replaces the directories of an overlay's data. The upper one and that
// for work lie side by side, and must be in one mount.
func eachLayer(data string, replaced func(string) (string, error)) (string, error) {
	var lower []string
	var upper, work string
	for option := range strings.SplitSeq(data, ",") {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "lowerdir":
			lower = strings.Split(value, ":")
		case "upperdir":
			upper = value
		case "workdir":
			work = value
		}
	}
	if upper == "" || filepath.Dir(upper) != filepath.Dir(work) {
		return "", fmt.Errorf("overlay of %q: its upper and work directories do not lie side by side", data)
	}
	for i, path := range lower {
		var err error
		if lower[i], err = replaced(path); err != nil {
			return "", err
		}
	}
	beside, err := replaced(filepath.Dir(upper))
	if err != nil {
		return "", err
	}
	return "lowerdir=" + strings.Join(lower, ":") + ",upperdir=" + filepath.Join(beside, filepath.Base(upper)) + ",workdir=" + filepath.Join(beside, filepath.Base(work)), nil
}
