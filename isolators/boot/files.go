package boot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// arrange makes the files that the container sees, in its own mount namespace.
func arrange(l *Launch) error {
	// What the machine mounts comes in, what the container mounts stays within.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fail("mounts apart from those of the machine", err)
	}
	root := "/"
	if l.Rootfs != "" {
		root = l.Rootfs
		if err := bind(root, root, unix.MS_REC, l.users); err != nil {
			return fail("root file system "+root, err)
		}
	}
	if err := furnish(l, root); err != nil {
		return err
	}
	if l.Rootfs == "" {
		return nil
	}
	if err := hooks(l); err != nil {
		return err
	}
	return pivot(root)
}

// furnish makes mounts in a root, and hides and protects what is to be.
func furnish(l *Launch, root string) error {
	// Trees of other containers first: their paths are of the machine's /proc.
	trees := make([]int, len(l.Mounts))
	for i, m := range l.Mounts {
		trees[i] = -1
		if m.From == "" {
			continue
		}
		var err error
		if trees[i], err = treeOf(m.From, m.Source); err != nil {
			return fail("mount of "+m.Source+" of another container", err)
		}
	}
	for i, m := range l.Mounts {
		if err := mount(root, m, trees[i], l); err != nil {
			return err
		}
	}
	for _, p := range l.Masked {
		if err := mask(root, p); err != nil {
			return err
		}
	}
	for _, p := range l.ReadOnly {
		if err := readOnly(root, p); err != nil {
			return err
		}
	}
	return nil
}

// pivot makes a mounted directory the root, and lets go of the old one.
func pivot(root string) error {
	if err := unix.Chdir(root); err != nil {
		return fail("root file system "+root, err)
	}
	if err := unix.PivotRoot(".", "."); err != nil { // the old root is on top of the new
		return fail("root file system "+root, err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fail("root of the machine", err)
	}
	return fail0("root", unix.Chdir("/"))
}

func fail0(what string, err error) error {
	if err == nil {
		return nil
	}
	return fail(what, err)
}

// open finds a path within a root without following any link out of it.
func open(root, path string, flags uint64) (int, error) {
	dir, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(dir) }()
	return unix.Openat2(dir, strings.TrimPrefix(path, "/"), &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS})
}

// openWithin opens what lies in a directory, and not behind a link.
func openWithin(dir, path string) (int, error) {
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return -1, err
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(fd) }()
	return unix.Openat2(fd, rel, &unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS})
}

// openTarget finds where something is to be mounted, as a path that stays the
// same whatever becomes of links.
func openTarget(root, path string) (where string, done func(), err error) {
	if path == "/" {
		path = "."
	}
	fd, err := open(root, path, 0)
	if err != nil {
		return "", nil, err
	}
	return "/proc/self/fd/" + strconv.Itoa(fd), func() { _ = unix.Close(fd) }, nil
}

// mount carries out one mount of a Launch, of a tree if that is not -1.
func mount(root string, m Mount, tree int, l *Launch) error {
	if m.Within != "" {
		fd, err := openWithin(m.Within, m.Source)
		if err != nil {
			return fail("mount of "+m.Source, err)
		}
		defer func() { _ = unix.Close(fd) }()
		m.Source = "/proc/self/fd/" + strconv.Itoa(fd)
	}
	if m.Make {
		err := makeTarget(root, m)
		if l.users >= 0 && errors.Is(err, unix.EOVERFLOW) { // the owners of what is in there are ids of the user namespace
			err = asRoot(l, func() error { return makeTarget(root, m) })
		}
		if err != nil {
			return fail("mount point "+m.Target, err)
		}
	}
	at, done, err := openTarget(root, m.Target)
	if err != nil {
		return fail("mount point "+m.Target, err)
	}
	defer done()
	if tree >= 0 {
		defer func() { _ = unix.Close(tree) }()
		return fail0("mount at "+m.Target, unix.MoveMount(tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_SYMLINKS))
	}
	switch shifted := m.Owned && l.users >= 0; {
	case shifted && m.Type == "overlay":
		err = overlay(root, m, l)
	case shifted && m.Flags&unix.MS_BIND != 0:
		err = bind(m.Source, at, m.Flags&unix.MS_REC, l.users)
	default:
		err = unix.Mount(m.Source, at, m.Type, m.Flags, m.Data)
	}
	if err != nil {
		return fail("mount at "+m.Target, err)
	}
	const more = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if m.Flags&unix.MS_BIND == 0 || m.Flags&more == 0 {
		return nil
	}
	// A bind mount takes other flags only when it is there.
	return remount(root, m.Target, m.Flags&more)
}

// remount adds flags to what is mounted at a path.
func remount(root, path string, flags uintptr) error {
	at, done, err := openTarget(root, path)
	if err != nil {
		return fail("mount point "+path, err)
	}
	defer done()
	var is unix.Statfs_t
	if err := unix.Statfs(at, &is); err != nil {
		return fail("mount at "+path, err)
	}
	// Those that it has already must be named, too. (The numbers are those of mount.)
	have := uintptr(is.Flags) & (unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME | unix.MS_NODIRATIME)
	return fail0("mount at "+path, unix.Mount("", at, "", unix.MS_REMOUNT|unix.MS_BIND|have|flags, ""))
}

// treeOf takes a copy of what is mounted at a path in another mount namespace.
func treeOf(namespace, path string) (int, error) {
	other, err := unix.Open(namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(other) }()
	own, err := unix.Open("/proc/thread-self/ns/mnt", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(own) }()
	if err := enter(other, unix.CLONE_NEWNS); err != nil {
		return -1, err
	}
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	return fd, errors.Join(err, unix.Setns(own, unix.CLONE_NEWNS))
}

// makeTarget makes a mount point that is missing: a file for a file. No link
// is followed out of the root.
func makeTarget(root string, m Mount) error {
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	path := strings.TrimPrefix(filepath.Clean(m.Target), "/")
	if _, err := r.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	info, err := os.Stat(m.Source)
	if m.Flags&unix.MS_BIND == 0 || m.From != "" || err == nil && info.IsDir() {
		return r.MkdirAll(path, 0o755)
	}
	if err := r.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := r.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}

// What hides a directory.
const (
	hidden  = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	noFiles = "size=0k,nr_inodes=2"
)

// mask hides a file or directory, if there is one.
func mask(root, path string) error {
	fd, err := open(root, path, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fail("masked path "+path, err)
	}
	defer func() { _ = unix.Close(fd) }()
	var is unix.Stat_t
	if err := unix.Fstat(fd, &is); err != nil {
		return fail("masked path "+path, err)
	}
	at := "/proc/self/fd/" + strconv.Itoa(fd)
	if is.Mode&unix.S_IFMT == unix.S_IFDIR {
		return fail0("masked path "+path, unix.Mount("tmpfs", at, "tmpfs", hidden, noFiles))
	}
	return fail0("masked path "+path, unix.Mount("/dev/null", at, "", unix.MS_BIND, ""))
}

// readOnly lets nobody write to a path, if there is one.
func readOnly(root, path string) error {
	if path == "/" {
		path = "."
	}
	fd, err := open(root, path, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fail("read-only path "+path, err)
	}
	defer func() { _ = unix.Close(fd) }()
	attr := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	// What is mounted there already is this namespace's own.
	err = unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, attr)
	if err == nil {
		return nil
	}
	at := "/proc/self/fd/" + strconv.Itoa(fd)
	if err := unix.Mount(at, at, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fail("read-only path "+path, err)
	}
	over, done, err := openTarget(root, path)
	if err != nil {
		return fail("read-only path "+path, err)
	}
	defer done()
	err = unix.MountSetattr(unix.AT_FDCWD, over, unix.AT_RECURSIVE, attr)
	if errors.Is(err, unix.ENOSYS) { // before 5.12: without what is mounted below
		return remount(root, path, unix.MS_RDONLY)
	}
	return fail0("read-only path "+path, err)
}
