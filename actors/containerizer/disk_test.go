package containerizer

import (
	"strings"
	"testing"
	"time"

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
