package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// resizeFS is EXT4_IOC_RESIZE_FS: the new number of blocks, of a file system that
// is mounted.
const resizeFS = 0x40086610

// grow makes the mounted file system of an image larger. The error wraps a
// *isolators.MissingError where this process may not.
func grow(image, at string, size uint64) error {
	dir, err := os.Open(at)
	if err != nil {
		return err
	}
	defer dir.Close()
	var is unix.Statfs_t
	if err := unix.Fstatfs(int(dir.Fd()), &is); err != nil {
		return &os.PathError{Op: "statfs", Path: at, Err: err}
	}
	resize := func(blocks uint64) error {
		if _, _, e := unix.Syscall(unix.SYS_IOCTL, dir.Fd(), resizeFS, uintptr(unsafe.Pointer(&blocks))); e != 0 {
			return e
		}
		return nil
	}
	if err := resize(0); errors.Is(err, unix.EPERM) { // no size at all: it only tells whether we may
		return &isolators.MissingError{Feature: "growth of mounted ext4", Needs: "an agent with the capability CAP_SYS_RESOURCE", Err: err}
	}
	if err := widen(image, dir, size); err != nil {
		return fmt.Errorf("loop device of %s: %w", at, err)
	}
	if err := resize(size / uint64(is.Bsize)); err != nil {
		return &os.PathError{Op: "growth", Path: at, Err: err}
	}
	return nil
}

// widen makes an image larger, and has the device that it is mounted by know.
func widen(image string, dir *os.File, size uint64) error {
	var is unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &is); err != nil {
		return err
	}
	link, err := os.Readlink(fmt.Sprintf("/sys/dev/block/%d:%d", unix.Major(is.Dev), unix.Minor(is.Dev)))
	if err != nil {
		return err
	}
	if err := os.Truncate(image, int64(size)); err != nil {
		return err
	}
	device, err := os.OpenFile(filepath.Join("/dev", filepath.Base(link)), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer device.Close()
	return unix.IoctlSetInt(int(device.Fd()), unix.LOOP_SET_CAPACITY, 0)
}
