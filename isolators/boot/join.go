package boot

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"
)

// rank is the order in which namespaces are entered: rights in the others come
// from the user namespace, and paths mean something else in another mount namespace.
var rank = map[int]int{unix.CLONE_NEWUSER: -1, unix.CLONE_NEWNS: 1}

// join enters namespaces. That of pids is left out: it was entered by whoever made
// this process, as it counts for children alone.
func join(l *Launch) error {
	joins := slices.DeleteFunc(slices.Clone(l.Join), func(j Join) bool { return j.Kind == unix.CLONE_NEWPID })
	slices.SortStableFunc(joins, func(a, b Join) int { return cmp.Compare(rank[a.Kind], rank[b.Kind]) })
	fds := make([]int, len(joins))
	for i, j := range joins { // all of them are opened where their paths are right
		fd, err := unix.Open(j.Path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return fail("namespace "+j.Path, err)
		}
		fds[i] = fd
	}
	for i, j := range joins {
		if err := enter(fds[i], j.Kind); err != nil {
			return fail("entering of namespace "+j.Path, err)
		}
		_ = unix.Close(fds[i])
	}
	return nil
}

// enter enters one. A mount namespace cannot be entered by a thread that shares
// its working directory with others, as Go's do.
func enter(fd, kind int) error {
	if kind == unix.CLONE_NEWNS {
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			return err
		}
	}
	return unix.Setns(fd, kind)
}

// EnterPID has what this thread makes from now on be in a pid namespace. The
// caller must have locked itself to the thread.
func EnterPID(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fail("namespace "+path, err)
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Setns(fd, unix.CLONE_NEWPID); err != nil {
		return fail("entering of namespace "+path, err)
	}
	return nil
}
