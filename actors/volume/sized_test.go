package volume

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/disk"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// needLoops skips with what the machine lacks.
func needLoops(t *testing.T) {
	t.Helper()
	k, err := disk.NewLoop(disk.LoopOptions{Dir: t.TempDir()})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	k.Close()
}

// TestSized takes volumes that are file systems through their life, those of an agent
// that had no such before included.
func TestSized(t *testing.T) {
	needLoops(t)
	work := t.TempDir()
	old, v := made(t, "a/b", "old", nil, false), made(t, "a/b", "v", nil, false)
	if err := New(work).Create(old); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(work, "volumes/roles/a b/old/file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := NewSized(work)
	dir, image := filepath.Join(work, "volumes/roles/a b/v"), filepath.Join(work, "volumes/images/a b/v")
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }) // where the test failed before
	for _, one := range []resources.Resource{old, v, v} {
		if err := d.Create(one); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(work, "volumes/images/a b/old")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory with data: got %v, want it to stay one", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "full"), make([]byte, 12<<20), 0o600); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("more than it holds: got %v, want %v", err, unix.ENOSPC)
	}
	if err := unix.Unmount(dir, 0); err != nil { // the machine restarts
		t.Fatal(err)
	}
	res, err := resources.FromProto([]*v1.Resource{v.Proto(), old.Proto()})
	if err != nil {
		t.Fatal(err)
	}
	if mounts, err := New(work).Mounts(res); err != nil || len(mounts) != 2 {
		t.Errorf("an agent without: got %v, %v, want both", mounts, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "full")); err != nil {
		t.Errorf("after a restart of the machine: %v", err)
	}
	for _, one := range []resources.Resource{old, v} {
		if err := d.Resize(one); err != nil {
			t.Errorf("resize of %v: %v", one, err)
		}
		for range 2 {
			if err := d.SetAside(one, one.PersistenceID()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, gone := range []string{dir, image} {
		if _, err := os.Lstat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s of a destroyed volume: got %v, want it gone", gone, err)
		}
	}
	if err := d.Delete(v, "v"); err != nil {
		t.Fatal(err)
	}
	if err := d.Purge(resources.Resources{}, map[string]bool{"old": true})(); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(work, "volumes", aside+"*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != aside+"old" {
		t.Errorf("left: got %v, %v, want what is another's to delete", left, err)
	}
}
