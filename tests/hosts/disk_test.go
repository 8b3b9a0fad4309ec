package hosts

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/consul"
)

// disk is a disk of its own, a file system on a loop device, that can be made slow
// for some programs: what they flush waits in the kernel's throttle of their cgroup.
type disk struct {
	t      testing.TB
	dir    string
	device string // major:minor
	group  string // a cgroup of version 1 for blkio
}

const blkio = "/sys/fs/cgroup/blkio"

// newDisk makes a disk that ends with the test. Its programs must have ended by then.
func newDisk(t testing.TB) *disk {
	t.Helper()
	needNamespaces(t)
	if _, err := os.Stat(filepath.Join(blkio, "blkio.throttle.write_iops_device")); err != nil {
		t.Skipf("a throttle for disks is needed: %v", err)
	}
	d := &disk{t: t, dir: t.TempDir(), group: filepath.Join(blkio, cgroupName(os.Getenv("TMPDIR")))}
	if err := d.make(); err != nil {
		t.Skipf("a disk is needed that can be made slow: %v", err)
	}
	return d
}

// make mounts the disk's memory, and on top of it the disk.
func (d *disk) make() error {
	if err := syscall.Mount("tmpfs", d.dir, "tmpfs", 0, "size=1g"); err != nil {
		return fmt.Errorf("memory for a disk: %w", err)
	}
	d.t.Cleanup(func() { d.undo("memory of the disk", syscall.Unmount(d.dir, 0)) })
	image, data := filepath.Join(d.dir, "image"), d.data()
	for _, argv := range [][]string{
		{"truncate", "-s", "768M", image}, {"mke2fs", "-q", "-t", "ext4", "-J", "size=8", image}, {"mkdir", data}, {"mount", "-o", "loop", image, data},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, out)
		}
	}
	d.t.Cleanup(func() { d.undo("disk", syscall.Unmount(data, 0)) }) // the device goes with its mount
	var s syscall.Stat_t
	if err := syscall.Stat(data, &s); err != nil {
		return err
	}
	d.device = fmt.Sprintf("%d:%d", s.Dev>>8&0xfff, s.Dev&0xff|s.Dev>>12&0xfff00)
	if err := os.Mkdir(d.group, 0o755); err != nil {
		return fmt.Errorf("cgroup: %w", err)
	}
	d.t.Cleanup(func() { d.undo("cgroup of the disk", os.Remove(d.group)) })
	return nil
}

func (d *disk) undo(what string, err error) {
	if err != nil {
		d.t.Errorf("%s: %v", what, err)
	}
}

func (d *disk) data() string { return filepath.Join(d.dir, "data") }

// throttle lets servers write so often in a second, all of them together; 0 means as
// often as they like.
func (d *disk) throttle(writes int, servers ...*consul.Server) {
	d.t.Helper()
	err := os.WriteFile(filepath.Join(d.group, "blkio.throttle.write_iops_device"), []byte(d.device+" "+strconv.Itoa(writes)), 0)
	for _, s := range servers {
		err = errors.Join(err, os.WriteFile(filepath.Join(d.group, "cgroup.procs"), []byte(strconv.Itoa(s.PID())), 0))
	}
	if err != nil {
		d.t.Fatal(err)
	}
}
