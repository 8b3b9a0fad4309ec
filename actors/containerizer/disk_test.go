package containerizer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/isolators"
	"mesos/isolators/catalog"
	"mesos/isolators/disk"
	v1 "mesos/messages/mesos/v1"
)

// TestDiskLimit ends a container whose sandbox takes up more than it may.
func TestDiskLimit(t *testing.T) {
	p := newIsolatedBy(t, "disk/du", catalog.Options{Disk: disk.Options{Interval: 10 * time.Millisecond, Enforce: true}})
	c := config(t, "c", shell("head -c 5000000 /dev/zero > big; exec sleep 1000"))
	c.Resources = amounts(t, "cpus:0.1;mem:32;disk:2")
	e := run(t, p, c)
	if !e.HasReason || e.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_DISK || !strings.HasSuffix(e.Message, "exceeds quota (2MB)") {
		t.Errorf("got %+v, want REASON_CONTAINER_LIMITATION_DISK with figures", e)
	}
	if len(e.Limitation) != 1 || e.Limitation[0].GetName() != "disk" {
		t.Errorf("limitation: got %v, want disk", e.Limitation)
	}
}

// TestDiskOfFixedSize fills a sandbox that is a file system of its own: the task is
// told that it is full, and what it wrote is there when it is over.
func TestDiskOfFixedSize(t *testing.T) {
	needLinux(t)
	dir := t.TempDir()
	_, err := disk.NewLoop(disk.LoopOptions{Dir: dir})
	var missing *isolators.MissingError
	if errors.As(err, &missing) {
		t.Skip(err)
	}
	p := newIsolatedBy(t, "disk/loop,filesystem/linux,namespaces/pid", catalog.Options{Loop: disk.LoopOptions{Dir: dir}})
	c := config(t, "c", shell("echo begun; head -c 5000000 /dev/zero > big || (rm big; echo full; df -B1 --output=target . | tail -1)"))
	c.Resources = amounts(t, "cpus:0.1;mem:32;disk:2")
	e := run(t, p, c)
	eventually(t, func() bool { left, err := os.ReadDir(dir); return err == nil && len(left) == 0 })
	if out, says := read(t, c.Sandbox, "stdout"), read(t, c.Sandbox, "stderr"); e.Status != 0 || out != "begun\nfull\n"+c.Sandbox+"\n" {
		t.Errorf("got %s, %q, %q, want that the sandbox is full", e.Message, out, says)
	}
	c.ContainerID = "gone" // what is never started leaves its sandbox plain, too
	c.Sandbox = filepath.Join(filepath.Dir(c.Sandbox), "gone")
	c.Command = program("/no/such/program")
	if _, err := p.Launch(t.Context(), c); err == nil {
		t.Fatal("got no error of a program that is not there")
	}
	eventually(t, func() bool { left, err := os.ReadDir(dir); return err == nil && len(left) == 0 })
}
