package images

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// copier copies an unpacked layer over what lower ones have made.
type copier struct {
	from, to *os.Root
	toDir    string
	fromDir  string
	links    map[uint64]string // inode to the first name, of files that have several
}

// CopyTree copies a directory over another, with owners, rights, times, holes and
// names of the same file; as overlay would show it, if it is a layer. Sockets and
// device nodes stay behind.
func CopyTree(ctx context.Context, from, to string) error {
	c := &copier{fromDir: from, toDir: to, links: map[uint64]string{}}
	var err error
	if c.from, err = os.OpenRoot(from); err != nil {
		return err
	}
	defer func() { _ = c.from.Close() }()
	if c.to, err = os.OpenRoot(to); err != nil {
		return err
	}
	defer func() { _ = c.to.Close() }()
	return c.dir(ctx, ".")
}

// dir copies what a directory holds, and then its owner, rights and times.
func (c *copier) dir(ctx context.Context, name string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f, err := c.from.Open(name)
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, n := range names {
		if err := c.entry(ctx, filepath.Join(name, n)); err != nil {
			return err
		}
	}
	return c.like(name)
}

func (c *copier) entry(ctx context.Context, name string) error {
	var is unix.Stat_t
	if err := unix.Lstat(filepath.Join(c.fromDir, name), &is); err != nil {
		return err
	}
	switch kind := is.Mode & unix.S_IFMT; {
	case isWhiteout(&is):
		return c.to.RemoveAll(name)
	case kind == unix.S_IFDIR:
		if err := c.makeDir(name); err != nil {
			return err
		}
		return c.dir(ctx, name)
	}
	if err := c.to.RemoveAll(name); err != nil {
		return err
	}
	if is.Nlink > 1 {
		if first, known := c.links[is.Ino]; known {
			return c.to.Link(first, name)
		}
		c.links[is.Ino] = name
	}
	if err := c.create(name, &is); err != nil {
		return err
	}
	return c.like(name)
}

// makeDir makes a directory, or takes the one that is there; an opaque one begins
// empty.
func (c *copier) makeDir(name string) error {
	info, err := c.to.Lstat(name)
	mark := make([]byte, 1)
	n, _ := unix.Lgetxattr(filepath.Join(c.fromDir, name), opaqueXattr, mark)
	if err == nil && (!info.IsDir() || n == 1) {
		if err := c.to.RemoveAll(name); err != nil {
			return err
		}
		err = os.ErrNotExist
	}
	if err == nil {
		return nil
	}
	return c.to.Mkdir(name, 0o755)
}

func (c *copier) create(name string, is *unix.Stat_t) error {
	switch is.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		to, err := c.from.Readlink(name)
		if err != nil {
			return err
		}
		return unix.Symlink(to, filepath.Join(c.toDir, name))
	case unix.S_IFIFO:
		return unix.Mkfifo(filepath.Join(c.toDir, name), 0o600)
	case unix.S_IFREG:
		in, err := c.from.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		out, err := c.to.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		return errors.Join(copyData(out, in, is.Size), out.Close())
	}
	return nil // nothing else is in a layer
}

// copyData copies a file without filling its holes.
func copyData(out, in *os.File, size int64) error {
	for at := int64(0); at < size; {
		from, err := unix.Seek(int(in.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // a hole until the end
		}
		if err != nil {
			_, err = io.Copy(out, in) // the file system knows of no holes
			return err
		}
		to, err := unix.Seek(int(in.Fd()), from, unix.SEEK_HOLE)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.NewOffsetWriter(out, from), io.NewSectionReader(in, from, to-from)); err != nil {
			return err
		}
		at = to
	}
	return out.Truncate(size)
}

// like gives a copy owner, rights, attributes and times.
func (c *copier) like(name string) error {
	from, to := filepath.Join(c.fromDir, name), filepath.Join(c.toDir, name)
	var is unix.Stat_t
	if err := unix.Lstat(from, &is); err != nil {
		return err
	}
	if err := unix.Lchown(to, int(is.Uid), int(is.Gid)); err != nil {
		return err
	}
	if is.Mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Chmod(to, is.Mode&0o7777); err != nil {
			return err
		}
	}
	if err := copyAttributes(from, to); err != nil {
		return err
	}
	return unix.UtimesNanoAt(unix.AT_FDCWD, to, []unix.Timespec{is.Atim, is.Mtim}, unix.AT_SYMLINK_NOFOLLOW)
}

func copyAttributes(from, to string) error {
	names := make([]byte, 1<<16)
	n, err := unix.Llistxattr(from, names)
	if err != nil {
		return nil // the file system has none
	}
	for attr := range strings.SplitSeq(strings.TrimRight(string(names[:n]), "\x00"), "\x00") {
		if !mayHave(attr) {
			continue
		}
		value := make([]byte, 1<<16)
		n, err := unix.Lgetxattr(from, attr, value)
		if err == nil {
			err = unix.Lsetxattr(to, attr, value[:n], 0)
		}
		if err != nil && !errors.Is(err, unix.ENOTSUP) {
			return err
		}
	}
	return nil
}
