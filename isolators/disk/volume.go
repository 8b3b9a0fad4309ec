package disk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/images"
)

// Volume is a directory of which the files are in a file system of a fixed size: an
// ext4 in a sparse file that nobody else can reach. Its methods do nothing for a
// directory that has none: what was made as a plain directory stays one.
type Volume struct {
	Dir   string // where it is mounted
	Image string // the file
}

// Make gives an empty directory a file system of so many bytes, and mounts it. One that
// holds something stays as it is. It can be repeated after a crash.
func (v Volume) Make(size uint64) error {
	if v.sized() {
		return v.Mount()
	}
	if has, err := os.ReadDir(v.Dir); err != nil || len(has) > 0 {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(v.Image), 0o700); err != nil {
		return err
	}
	next := v.Image + ".next"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := format(next, max(size, least), journal); err != nil {
		return err
	}
	if err := os.Rename(next, v.Image); err != nil {
		return err
	}
	return v.Mount()
}

func (v Volume) sized() bool {
	_, err := os.Lstat(v.Image)
	return err == nil
}

// Mount mounts it, unless it is.
func (v Volume) Mount() error {
	if !v.sized() {
		return nil
	}
	if is, err := isMount(v.Dir); is || err != nil {
		return err
	}
	// Some other mount namespace may have it mounted still: two devices of one
	// file would not know of each other.
	device, err := v.device()
	if err == nil && device == "" {
		err = mountImage(v.Image, v.Dir)
	} else if err == nil {
		err = mountDevice(device, v.Dir)
	}
	if err != nil {
		return fmt.Errorf("file system of %s: %w", v.Dir, err)
	}
	_ = os.Remove(filepath.Join(v.Dir, "lost+found")) // what is in it is kept
	return nil
}

// Detach leaves an empty directory, whoever looks into it. The data stays in the file.
func (v Volume) Detach() error {
	if !v.sized() {
		return nil
	}
	if is, err := isMount(v.Dir); errors.Is(err, fs.ErrNotExist) || err == nil && !is {
		return nil
	} else if err != nil {
		return err
	}
	if err := unix.Unmount(v.Dir, unix.MNT_DETACH); err != nil {
		return &os.PathError{Op: "unmount", Path: v.Dir, Err: err}
	}
	return nil
}

// Resize makes it larger or smaller, while nobody writes to it. The kernel makes it
// larger for who has the capability CAP_SYS_RESOURCE; else its files are copied to
// another one, so that it matters to nobody who has it mounted still. One that would
// not hold them is an error, and it stays as it was.
func (v Volume) Resize(ctx context.Context, size uint64) error {
	if !v.sized() {
		return nil
	}
	if err := v.Mount(); err != nil {
		return err
	}
	is, err := os.Stat(v.Image)
	if err != nil {
		return err
	}
	if size >= uint64(is.Size()) {
		var missing *isolators.MissingError
		if err := grow(v.Image, v.Dir, size); !errors.As(err, &missing) {
			return err
		}
	}
	if err := v.move(ctx, max(size, least)); err != nil {
		return fmt.Errorf("file system of %s, of %d bytes to %d: %w", v.Dir, is.Size(), size, err)
	}
	return nil
}

// move copies all files to a new file system, which takes the place of the old one.
func (v Volume) move(ctx context.Context, size uint64) error {
	next, at := v.Image+".next", v.Image+".at"
	_ = unix.Unmount(at, unix.MNT_DETACH) // where a crash has cut it short
	if err := errors.Join(os.RemoveAll(next), os.RemoveAll(at), os.Mkdir(at, 0o700)); err != nil {
		return err
	}
	defer func() { _ = os.Remove(at) }()
	err := format(next, size, journal)
	if err == nil {
		err = mountImage(next, at)
	}
	if err == nil {
		err = errors.Join(copyAll(ctx, v.Dir, at), unix.Unmount(at, unix.MNT_DETACH))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(next))
	}
	if err := v.Detach(); err != nil {
		return err
	}
	return errors.Join(os.Rename(next, v.Image), v.Mount())
}

// copyAll copies files to a new file system, and waits until they are on the disk.
func copyAll(ctx context.Context, from, to string) error {
	if err := os.Remove(filepath.Join(to, "lost+found")); err != nil {
		return err
	}
	if err := images.CopyTree(ctx, from, to); err != nil {
		return err
	}
	dir, err := os.Open(to)
	if err != nil {
		return err
	}
	defer dir.Close()
	return unix.Syncfs(int(dir.Fd()))
}

// device is the loop device that the file is behind, "" if none.
func (v Volume) device() (string, error) {
	var is unix.Stat_t
	if err := unix.Stat(v.Image, &is); err != nil {
		return "", &os.PathError{Op: "stat", Path: v.Image, Err: err}
	}
	all, err := filepath.Glob("/sys/block/loop*/loop")
	if err != nil {
		return "", err
	}
	for _, at := range all {
		path := filepath.Join("/dev", filepath.Base(filepath.Dir(at)))
		f, err := os.Open(path)
		if err != nil {
			continue // its node is gone, or it is
		}
		info, err := unix.IoctlLoopGetStatus64(int(f.Fd()))
		_ = f.Close()
		if err == nil && info.Inode == is.Ino && info.Device == is.Dev {
			return path, nil
		}
	}
	return "", nil
}
