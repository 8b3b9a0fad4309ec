package faults

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// disk is a small file system under an agent's work directory.
type disk struct {
	t       testing.TB
	dir     string
	ballast string
}

// mountDisk gives dir a small file system of its own; nil and why if that is not allowed here.
func mountDisk(t testing.TB, dir, size string) (*disk, string) {
	t.Helper()
	if why := os.Getenv(insideEnv); why != "mounts" {
		return nil, why
	}
	if err := syscall.Mount("faults", dir, "tmpfs", 0, size); err != nil {
		return nil, "mount of a tmpfs: " + err.Error()
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the namespace ends with the tests anyway
	return &disk{t: t, dir: dir, ballast: filepath.Join(dir, "ballast")}, ""
}

// fill leaves not one byte.
func (d *disk) fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		switch _, err := f.Write(block); {
		case errors.Is(err, syscall.ENOSPC):
			block = block[:len(block)/2]
		case err != nil:
			d.t.Fatal(err)
		}
	}
}

// free gives all of it back.
func (d *disk) free() {
	d.t.Helper()
	if err := os.Truncate(d.ballast, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
}
