package cgroups

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mesos/isolators"
	"mesos/isolators/boot"
	v1 "mesos/messages/mesos/v1"
)

// TestDiskLimitHolds writes past the cache to the disk that holds the test's
// directory. A busy machine can only be slower.
func TestDiskLimitHolds(t *testing.T) {
	l := needKernel(t, "blkio")
	file := filepath.Join(t.TempDir(), "out")
	major, minor := diskOf(t, filepath.Dir(file))
	const size, perSecond = 2 << 20, 1 << 20
	i := on(t, l).ready(t, Options{}, "cgroups/blkio")
	p := container(t, i, isolators.Container{ID: "writer", IO: []isolators.IOLimit{{Major: major, Minor: minor, WriteBytes: perSecond}}},
		fmt.Sprintf("exec dd if=/dev/zero of=%s bs=64k count=%d oflag=direct 2>&1", file, size>>16))
	begin := time.Now()
	p.Release()
	if out, err := p.Wait(); err != nil {
		t.Skipf("direct writes to this file system: %v: %s", err, out)
	}
	// The kernel lets through what fits into its first slice, of a tenth of a second.
	if took, want := time.Since(begin), 1700*time.Millisecond; took < want {
		t.Errorf("2 MB at 1 MB/s: took %v, want at least %v", took, want)
	}
	for _, d := range usage(t, i, "writer").GetBlkioStatistics().GetThrottling() {
		if d.Device.GetMajorNumber() != uint64(major) || d.Device.GetMinorNumber() != uint64(minor) {
			continue
		}
		for _, v := range d.IoServiceBytes {
			if v.GetOp() == v1.CgroupInfo_Blkio_WRITE && v.GetValue() >= size && v.GetValue() < size+1<<20 {
				return
			}
		}
		t.Errorf("bytes written: got %v, want %d and what the file system adds", d.IoServiceBytes, size)
		return
	}
	t.Errorf("no figures of disk %d:%d", major, minor)
}

// diskOf is the whole disk below a directory, or the test is skipped.
func diskOf(t *testing.T, dir string) (major, minor uint32) {
	t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(dir, &s); err != nil {
		t.Fatal(err)
	}
	major, minor = unix.Major(s.Dev), unix.Minor(s.Dev)
	at := fmt.Sprintf("/sys/dev/block/%d:%d", major, minor)
	if _, err := os.Stat(filepath.Join(at, "queue")); err != nil {
		t.Skipf("the directory for tests is on no whole disk (%d:%d): %v", major, minor, err)
	}
	return major, minor
}

// TestWeight has a container's weight among those that use disks told to the kernel, or what the kernel has no weights for.
func TestWeight(t *testing.T) {
	m := on(t, needKernel(t, "blkio"))
	i := m.ready(t, Options{}, "cgroups/blkio")
	err := i.Prepare(t.Context(), isolators.Container{ID: "c", IOWeight: 123}, &boot.Launch{})
	d, files := i.dir("blkio", "c"), []string{"blkio.bfq.weight", "blkio.weight"}
	if d.Version == 2 {
		files = []string{"io.bfq.weight", "io.weight"}
	}
	var missing *isolators.MissingError
	if n := slices.IndexFunc(files, d.Has); n < 0 {
		if !errors.As(err, &missing) {
			t.Errorf("weight on a kernel without: got %v, want a MissingError", err)
		}
	} else if err != nil {
		t.Errorf("weight: %v", err)
	} else if got, err := d.Read(files[n]); err != nil || strings.TrimPrefix(strings.TrimSpace(got), "default ") != "123" {
		t.Errorf("%s: got %q, %v, want 123", files[n], got, err)
	}
	if err := i.Cleanup(t.Context(), "c"); err != nil {
		t.Error(err)
	}
}
