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
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its namespace
		done <- mountApart(at)
	}()
	if err := <-done; err != nil {
		return &isolators.MissingError{Feature: "overlay file system on the disk of " + dir, Needs: "root, and a file system that can be its upper layer", Err: err}
	}
	return nil
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
