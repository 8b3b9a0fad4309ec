package images

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"mesos/isolators"
)

// tryOverlay mounts an overlay whose upper layer lies below dir, where nobody
// sees it: not every file system can bear one.
func tryOverlay(dir string) error {
	at, err := os.MkdirTemp(dir, "try-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(at) }() // what is left is found again by nobody
	for _, d := range []string{"lower", "upper", "work", "root"} {
		if err := os.Mkdir(filepath.Join(at, d), 0o700); err != nil {
			return err
		}
	}
	if err := onOwnThread(func() error { return mountApart(at) }); err != nil {
		return &isolators.MissingError{Feature: "overlay file system on the disk of " + dir, Needs: "root, and a file system that can be its upper layer", Err: err}
	}
	return nil
}

// onOwnThread calls f on a thread that ends with what f does to it. It is not the first one, which never ends, and by
// which the kernel tells the mounts of this program.
func onOwnThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			done <- onOwnThread(f) // as long as this goroutine waits, no other gets the thread
			runtime.UnlockOSThread()
			return
		}
		done <- f()
	}()
	return <-done
}

func mountApart(at string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS | unix.CLONE_FS); err != nil {
		return fmt.Errorf("mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mount namespace: %w", err)
	}
	root := filepath.Join(at, "root")
	data := "lowerdir=" + filepath.Join(at, "lower") + ",upperdir=" + filepath.Join(at, "upper") + ",workdir=" + filepath.Join(at, "work")
	if err := unix.Mount("overlay", root, "overlay", 0, data); err != nil {
		return err
	}
	err := os.WriteFile(filepath.Join(root, "file"), nil, 0o600)
	return errors.Join(err, unix.Unmount(root, unix.MNT_DETACH))
}
