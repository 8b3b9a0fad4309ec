package network

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// makeNamespace makes a network namespace that lasts as long as a file, with a
// loopback device that works.
func makeNamespace(path string) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDONLY, 0o400)
	if err != nil {
		return fmt.Errorf("file of a network namespace: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("file of a network namespace: %w", err)
	}
	return inAnother(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("network namespace: %w", err)
		}
		if err := unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount of a network namespace at %s: %w", path, err)
		}
		lo, err := netlink.LinkByName("lo")
		if err == nil {
			err = netlink.LinkSetUp(lo)
		}
		if err != nil {
			return fmt.Errorf("loopback device of a network namespace: %w", err)
		}
		return nil
	})
}

// inAnother runs f on a thread that may change its network namespace. The thread
// goes back afterwards; if that fails it ends, and nobody else gets it.
func inAnother(f func() error) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			runtime.UnlockOSThread()
			failed <- fmt.Errorf("network namespace of the agent: %w", err)
			return
		}
		err = f()
		if back := unix.Setns(home, unix.CLONE_NEWNET); back == nil {
			runtime.UnlockOSThread()
		}
		_ = unix.Close(home)
		failed <- err
	}()
	return <-failed
}

// removeNamespace lets go of one, if it is there. What holds on to it elsewhere,
// as the mounts of other containers, which are copies of the agent's, loses it
// with the file.
func removeNamespace(path string) error {
	err := unix.Unmount(path, unix.MNT_DETACH)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) { // it is no mount, or not there
		return fmt.Errorf("mount of a network namespace at %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("file of a network namespace: %w", err)
	}
	return nil
}

// keepNamespace keeps that of a process at a path where it is none any more: it was lost
// with the mounts of an agent that had mounts of its own, as services may.
func keepNamespace(path string, pid int) error {
	if isNamespace(path) {
		return nil
	}
	if err := removeNamespace(path); err != nil {
		return err
	}
	if err := os.WriteFile(path, nil, 0o400); err != nil {
		return fmt.Errorf("file of a network namespace: %w", err)
	}
	if err := unix.Mount(fmt.Sprintf("/proc/%d/ns/net", pid), path, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount of a network namespace at %s: %w", path, err)
	}
	return nil
}

// isNamespace says that a file is a namespace, and not what is left of one after a
// restart of the machine.
func isNamespace(path string) bool {
	var is unix.Statfs_t
	return unix.Statfs(path, &is) == nil && is.Type == unix.NSFS_MAGIC
}
