package gc

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestMaxAge(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for _, tt := range []struct {
		headroom, usage float64
		want            time.Duration
	}{
		{0.1, 0, week * 9 / 10},
		{0.1, 0.4, week / 2},
		{0.1, 0.9, 0},
		{0.1, 1, 0},
		{0, 0, week},
		{1, 0, 0},
	} {
		got := Policy{Delay: week, Headroom: tt.headroom}.MaxAge(tt.usage)
		if diff := got - tt.want; diff < -time.Second || diff > time.Second {
			t.Errorf("headroom %v, usage %v: got %v, want %v", tt.headroom, tt.usage, got, tt.want)
		}
	}
}

func TestDue(t *testing.T) {
	now := time.Unix(1000, 0)
	s := &Schedule{}
	for path, age := range map[string]time.Duration{"c": 1, "a": 30, "b": 10, "d": -5} {
		s.Add(Found{path, now.Add(-age * time.Second)})
	}
	for _, tt := range []struct {
		maxAge time.Duration
		want   []string
		left   int
	}{
		{time.Minute, nil, 4},
		{10 * time.Second, []string{"a", "b"}, 2},
		{0, []string{"c"}, 1},
		{0, nil, 1},
		{-5 * time.Second, []string{"d"}, 0},
	} {
		if got := s.Due(now.Add(-tt.maxAge)); !slices.Equal(got, tt.want) || s.Len() != tt.left {
			t.Errorf("age %v: got %q and %d left, want %q and %d", tt.maxAge, got, s.Len(), tt.want, tt.left)
		}
	}
}

// tree makes a work directory with the given directories.
func tree(t *testing.T, dirs ...string) Disk {
	t.Helper()
	d := Disk{t.TempDir()}
	for _, dir := range dirs {
		if err := os.MkdirAll(filepath.Join(d.WorkDir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

const (
	run1 = "slaves/A/frameworks/F/executors/e/runs/c1"
	run2 = "slaves/A/frameworks/F/executors/e/runs/c2"
	run3 = "slaves/old/frameworks/G/executors/x/runs/c3"
)

func TestFind(t *testing.T) {
	d := tree(t, run1, run2+"/containers/n", run3, "volumes/roles/r/v", "containers/c", "meta/slaves/A", "slaves/A/frameworks/F/executors/e/other/c")
	link(t, "c2", filepath.Join(d.WorkDir, filepath.Dir(run1), "latest"))
	link(t, d.WorkDir+"/slaves/A", filepath.Join(d.WorkDir, "slaves/latest"))
	ended := time.Unix(1_700_000_000, 0)
	if err := d.Touch(filepath.Join(d.WorkDir, run1), ended); err != nil {
		t.Fatal(err)
	}
	found, err := d.Find()
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range found {
		rel, _ := filepath.Rel(d.WorkDir, f.Path)
		paths = append(paths, rel)
		if rel == run1 && !f.Ended.Equal(ended) {
			t.Errorf("got the end %v, want %v", f.Ended, ended)
		}
	}
	slices.Sort(paths)
	if want := []string{run1, run2, run3}; !slices.Equal(paths, want) {
		t.Errorf("got %q, want %q", paths, want)
	}
	if found, err := (Disk{t.TempDir()}).Find(); len(found) != 0 || err != nil {
		t.Errorf("got %v, %v for an empty work directory", found, err)
	}
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

func there(d Disk, path string) bool {
	_, err := os.Lstat(filepath.Join(d.WorkDir, path))
	return err == nil
}

func TestRemove(t *testing.T) {
	d := tree(t, run1+"/deep/er", run2, run3, "volumes/roles/r/v")
	volume := filepath.Join(d.WorkDir, "volumes/roles/r/v")
	os.WriteFile(filepath.Join(volume, "data"), nil, 0o644)
	os.WriteFile(filepath.Join(d.WorkDir, run1, "deep/locked"), nil, 0o400)
	os.Chmod(filepath.Join(d.WorkDir, run1, "deep"), 0o500)
	link(t, volume, filepath.Join(d.WorkDir, run1, "volume"))
	link(t, "c2", filepath.Join(d.WorkDir, filepath.Dir(run1), "latest"))
	remove := func(path string) {
		t.Helper()
		if err := d.Remove(filepath.Join(d.WorkDir, path)); err != nil {
			t.Fatal(err)
		}
	}
	remove(run1)
	if there(d, run1) || !there(d, run2) || !there(d, filepath.Dir(run1)+"/latest") || !there(d, "volumes/roles/r/v/data") {
		t.Errorf("got c1 %v, c2 %v, latest %v, volume %v after the removal of c1", there(d, run1), there(d, run2), there(d, filepath.Dir(run1)+"/latest"), there(d, "volumes/roles/r/v/data"))
	}
	remove(run2)
	if there(d, "slaves/A/frameworks") || !there(d, "slaves") || !there(d, run3) {
		t.Errorf("got the empty directories still there, or others gone")
	}
	remove(run2) // again
}

func TestRemoveRefuses(t *testing.T) {
	d := tree(t, run1, "volumes/roles/r/v", "slaves/A/meta")
	for _, path := range []string{"", "volumes/roles/r/v", "slaves/A", filepath.Dir(run1), run1 + "/deep", "../x", "slaves/../volumes/frameworks/F/executors/e/runs/c"} {
		if err := d.Remove(d.WorkDir + "/" + path); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%q: got %v, want ErrNotOurs", path, err)
		}
	}
	if !there(d, run1) || !there(d, "volumes/roles/r/v") {
		t.Error("got something removed")
	}
}

func TestMountIsLeftAlone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	d := tree(t, run1+"/vol ume", "volumes/v")
	data := filepath.Join(d.WorkDir, "volumes/v/data")
	os.WriteFile(data, nil, 0o644)
	at := filepath.Join(d.WorkDir, run1, "vol ume")
	if err := syscall.Mount(filepath.Dir(data), at, "", syscall.MS_BIND, ""); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	err := d.Remove(filepath.Join(d.WorkDir, run1))
	if uerr := syscall.Unmount(at, 0); uerr != nil {
		t.Fatal(uerr)
	}
	if _, serr := os.Stat(data); !errors.Is(err, ErrMounted) || serr != nil {
		t.Errorf("got %v, the volume's file %v, want ErrMounted and the file there", err, serr)
	}
	if err := d.Remove(filepath.Join(d.WorkDir, run1)); err != nil {
		t.Errorf("got %v after the unmount", err)
	}
}

func TestMountBelow(t *testing.T) {
	const info = "22 1 0:5 / / rw - ext4 /dev/a rw\n23 22 0:6 / /w/a\\040b/c rw - tmpfs t rw\n24 22 0:7 / /w/ab rw - tmpfs t rw\n"
	for path, want := range map[string]bool{"/w/a b": true, "/w/a b/c": true, "/w/a": false, "/w/ab": true, "/w/a b/c/d": false} {
		if _, got := mountBelow([]byte(info), path); got != want {
			t.Errorf("%q: got %v, want %v", path, got, want)
		}
	}
}

func TestUsage(t *testing.T) {
	u, err := Disk{t.TempDir()}.Usage()
	if err != nil || u < 0 || u > 1 {
		t.Errorf("got %v, %v, want a share", u, err)
	}
	if _, err := (Disk{"/no/such/dir"}).Usage(); err == nil {
		t.Error("got no error for a directory that is not there")
	}
}
