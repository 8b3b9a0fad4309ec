package images

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ErrDevice is wrapped when a layer holds a device node outside of /dev.
var ErrDevice = errors.New("images must not hold device nodes")

// Names that mean something in a layer's archive, and the mark that overlay
// knows for a directory of which nothing below is seen.
const (
	whiteout    = ".wh."
	opaqueMark  = ".wh..wh..opq"
	opaqueXattr = "trusted.overlay.opaque"
)

// unpacker writes a layer into a directory, in the form that overlay takes for
// a lower one. Every path is resolved by the kernel as if the directory were the
// root, and never through a link in its last part.
type unpacker struct {
	root int
	dirs []dirTime
}

type dirTime struct {
	path string
	at   time.Time
}

// unpack reads a layer's archive to its end.
func unpack(ctx context.Context, r io.Reader, dir string) error {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	u := &unpacker{root: fd}
	archive := tar.NewReader(r)
	for {
		h, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return u.times()
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		if err := u.entry(h, archive); err != nil {
			return fmt.Errorf("%q: %w", h.Name, err)
		}
	}
}

// entry writes one.
func (u *unpacker) entry(h *tar.Header, content io.Reader) error {
	name := path.Clean("/" + h.Name)[1:]
	if name == "" {
		return u.owned(u.root, ".", h)
	}
	base := path.Base(name)
	parent, err := u.dir(path.Dir(name))
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(parent) }()
	switch gone, is := strings.CutPrefix(base, whiteout); {
	case base == opaqueMark:
		return opaque(parent, ".")
	case strings.HasPrefix(base, whiteout+whiteout): // of aufs, for itself
		return nil
	case is:
		return hide(parent, gone)
	}
	if (h.Typeflag == tar.TypeChar || h.Typeflag == tar.TypeBlock) && path.Dir(name) == "dev" {
		return nil // a container has its own /dev
	}
	if err := u.create(parent, base, h, content); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeDir {
		u.dirs = append(u.dirs, dirTime{name, h.ModTime})
	}
	if h.Typeflag == tar.TypeLink {
		return nil // it has what its other name has
	}
	return u.owned(parent, base, h)
}

// create makes a file in place of what has its name.
func (u *unpacker) create(parent int, base string, h *tar.Header, content io.Reader) error {
	if h.Typeflag == tar.TypeDir {
		return makeDir(parent, base)
	}
	if err := os.RemoveAll(below(parent, base)); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeReg:
		return write(parent, base, content)
	case tar.TypeSymlink:
		return unix.Symlinkat(h.Linkname, parent, base)
	case tar.TypeLink:
		to := path.Clean("/" + h.Linkname)[1:]
		at, err := u.dir(path.Dir(to))
		if err != nil {
			return err
		}
		defer func() { _ = unix.Close(at) }()
		if err := unix.Linkat(at, path.Base(to), parent, base, 0); err != nil {
			return fmt.Errorf("hard link to %q: %w", h.Linkname, err)
		}
		return nil
	case tar.TypeFifo:
		return unix.Mknodat(parent, base, unix.S_IFIFO|0o600, 0)
	case tar.TypeChar, tar.TypeBlock:
		return fmt.Errorf("%w: number %d:%d", ErrDevice, h.Devmajor, h.Devminor)
	}
	return fmt.Errorf("an archive's entry of type %q is not known", h.Typeflag)
}

func write(parent int, base string, content io.Reader) error {
	fd, err := unix.Openat(parent, base, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(fd), base)
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// makeDir makes a directory; one that is there stays with what it holds. One that
// takes the place of something that the layer hides shows nothing from below.
func makeDir(parent int, base string) error {
	var is unix.Stat_t
	err := unix.Fstatat(parent, base, &is, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case err == nil && is.Mode&unix.S_IFMT == unix.S_IFDIR:
		return nil
	case err == nil:
		if err := unix.Unlinkat(parent, base, 0); err != nil {
			return err
		}
	}
	if err := unix.Mkdirat(parent, base, 0o755); err != nil {
		return err
	}
	if isWhiteout(&is) {
		return opaque(parent, base)
	}
	return nil
}

func isWhiteout(is *unix.Stat_t) bool { return is.Mode&unix.S_IFMT == unix.S_IFCHR && is.Rdev == 0 }

// hide makes overlay hide what lower layers have under a name.
func hide(parent int, base string) error {
	if base == "" || base == "." || base == ".." {
		return errors.New("it hides no name")
	}
	err := unix.Mknodat(parent, base, unix.S_IFCHR, 0)
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	// The layer itself has such a file: then only what is below is hidden.
	var is unix.Stat_t
	if err := unix.Fstatat(parent, base, &is, unix.AT_SYMLINK_NOFOLLOW); err != nil || is.Mode&unix.S_IFMT != unix.S_IFDIR {
		return err
	}
	return opaque(parent, base)
}

func opaque(parent int, base string) error {
	return unix.Lsetxattr(below(parent, base), opaqueXattr, []byte("y"), 0)
}

// below is a path to what a directory holds under a name.
func below(dir int, base string) string { return "/proc/self/fd/" + strconv.Itoa(dir) + "/" + base }

// owned gives a file its owner, rights, attributes and times.
func (u *unpacker) owned(parent int, base string, h *tar.Header) error {
	if err := unix.Fchownat(parent, base, h.Uid, h.Gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeSymlink {
		if err := unix.Fchmodat(parent, base, uint32(h.Mode)&0o7777, 0); err != nil {
			return err
		}
	}
	for key, value := range h.PAXRecords {
		attr, is := strings.CutPrefix(key, "SCHILY.xattr.")
		if !is || !mayHave(attr) {
			continue
		}
		if err := unix.Lsetxattr(below(parent, base), attr, []byte(value), 0); err != nil && !errors.Is(err, unix.ENOTSUP) {
			return fmt.Errorf("attribute %s: %w", attr, err)
		}
	}
	return u.touch(parent, base, h.ModTime)
}

// mayHave says which attributes an image may set: those of overlay itself could
// lead out of the layer.
func mayHave(attr string) bool {
	return strings.HasPrefix(attr, "user.") || slices.Contains([]string{"security.capability", "system.posix_acl_access", "system.posix_acl_default"}, attr)
}

func (u *unpacker) touch(parent int, base string, at time.Time) error {
	ts, err := unix.TimeToTimespec(at)
	if err != nil {
		return nil // a time that the file system has not
	}
	return unix.UtimesNanoAt(parent, base, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
}

// times sets those of directories, which writing into them has changed.
func (u *unpacker) times() error {
	for _, d := range u.dirs {
		parent, err := u.dir(path.Dir(d.path))
		if err != nil {
			return err
		}
		err = u.touch(parent, path.Base(d.path), d.at)
		_ = unix.Close(parent)
		if err != nil && !errors.Is(err, unix.ENOENT) { // it may have been replaced
			return err
		}
	}
	return nil
}

// dir opens a directory of the layer, which is made if it is missing.
func (u *unpacker) dir(name string) (int, error) {
	how := &unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	fd, err := unix.Openat2(u.root, name, how)
	if !errors.Is(err, unix.ENOENT) || name == "." {
		return fd, err
	}
	up, err := u.dir(path.Dir(name))
	if err != nil {
		return -1, err
	}
	defer func() { _ = unix.Close(up) }()
	if err := makeDirIn(up, path.Base(name)); err != nil {
		return -1, fmt.Errorf("directory %q: %w", name, err)
	}
	return unix.Openat2(u.root, name, how)
}

func makeDirIn(up int, base string) error {
	err := unix.Mkdirat(up, base, 0o755)
	if !errors.Is(err, unix.EEXIST) {
		return err
	}
	return errors.New("in its place is a link that leads nowhere")
}
