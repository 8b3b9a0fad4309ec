package disk

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/isolatortest"
	v1 "mesos/messages/mesos/v1"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSuite(t *testing.T) {
	isolatortest.Run(t, isolatortest.Subject{New: func(*testing.T) isolators.Isolator {
		return New(Options{Interval: time.Millisecond, Enforce: true})
	}})
}

func write(t *testing.T, path string, bytes int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, bytes), 0o600); err != nil {
		t.Fatal(err)
	}
}

func measured(t *testing.T, dir string) uint64 {
	t.Helper()
	n, err := Measure(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestMeasure counts what is on the disk, once, and nothing elsewhere.
func TestMeasure(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "big"), 16<<20)
	empty := measured(t, dir)
	const size = 1 << 20
	write(t, filepath.Join(dir, "a", "b", "file"), size)
	within := func(what string, least uint64) {
		t.Helper()
		if got := measured(t, dir) - empty; got < least || got > least+64<<10 {
			t.Errorf("%s: got %d bytes, want %d and a little", what, got, least)
		}
	}
	within("a file", size)
	if err := os.Link(filepath.Join(dir, "a", "b", "file"), filepath.Join(dir, "again")); err != nil {
		t.Fatal(err)
	}
	within("a second name", size)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	within("a link out", size)
	hole, err := os.Create(filepath.Join(dir, "hole"))
	if err != nil {
		t.Fatal(err)
	}
	if err := hole.Truncate(1 << 30); err != nil {
		t.Fatal(err)
	}
	if err := hole.Close(); err != nil {
		t.Fatal(err)
	}
	within("a hole", size)
	if _, err := Measure(t.Context(), filepath.Join(dir, "none")); err == nil {
		t.Error("what is not there: got no error")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := Measure(ended, dir); err == nil {
		t.Error("after the end: got no error")
	}
}

func ready(t *testing.T, o Options, live ...isolators.Live) *DU {
	t.Helper()
	u := New(o)
	t.Cleanup(u.Close)
	if err := u.Recover(t.Context(), live); err != nil {
		t.Fatal(err)
	}
	return u
}

func volume(id, path string) isolators.Volume {
	return isolators.Volume{Path: path, Info: &v1.Resource_DiskInfo{Persistence: &v1.Resource_DiskInfo_Persistence{Id: &id}}}
}

// TestEnforced wants one limitation with figures, of the sandbox or of a volume, also
// of a container that an earlier run of the agent has launched.
func TestEnforced(t *testing.T) {
	for _, c := range []struct {
		name, fill, want string
		recovered        bool
	}{
		{"sandbox", "sandbox", "Disk usage (", false},
		{"volume", "volume", `Disk usage of persistent volume "data" (`, false},
		{"recovered", "volume", `Disk usage of persistent volume "data" (`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for _, d := range []string{"sandbox", "volume"} {
				if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			box, vols := filepath.Join(dir, "sandbox"), []isolators.Volume{volume("data", filepath.Join(dir, "volume"))}
			d := isolators.Demand{Disk: 2 << 20, Volumes: map[string]uint64{"data": 2 << 20}}
			o := Options{Interval: time.Millisecond, Enforce: true}
			var u *DU
			if c.recovered {
				u = ready(t, o, isolators.Live{ID: "c", Sandbox: box, Volumes: vols, Demand: d})
			} else {
				u = ready(t, o)
				if err := u.Prepare(t.Context(), isolators.Container{ID: "c", Sandbox: box, Volumes: vols, Demand: d}, &boot.Launch{}); err != nil {
					t.Fatal(err)
				}
			}
			isolatortest.Eventually(t, "a look", func() bool { return stats(t, u).DiskUsedBytes != nil })
			select {
			case l := <-u.Watch("c"):
				t.Fatalf("before anything was written: got %v", l.Message)
			default:
			}
			write(t, filepath.Join(dir, "big"), 3<<20) // and all of it at once for who looks
			if err := os.Rename(filepath.Join(dir, "big"), filepath.Join(dir, c.fill, "big")); err != nil {
				t.Fatal(err)
			}
			select {
			case l := <-u.Watch("c"):
				if l.Reason != v1.TaskStatus_REASON_CONTAINER_LIMITATION_DISK || !strings.HasPrefix(l.Message, c.want+"3") || !strings.HasSuffix(l.Message, "MB) exceeds quota (2MB)") {
					t.Errorf("got %v %q, want REASON_CONTAINER_LIMITATION_DISK %q with figures", l.Reason, l.Message, c.want)
				}
				if len(l.Resources) != 1 || l.Resources[0].GetScalar().GetValue() < 3 || (l.Resources[0].GetDisk() != nil) != (c.fill == "volume") {
					t.Errorf("resources: got %v, want disk of more than 3 MB", l.Resources)
				}
			case <-time.After(isolatortest.Deadline):
				t.Fatal("no limitation")
			}
		})
	}
}

func stats(t *testing.T, u *DU) *v1.ResourceStatistics {
	t.Helper()
	s := &v1.ResourceStatistics{}
	if err := u.Usage("c", s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestCounted tells figures, and limits nothing where that was not asked for or
// no quota is.
func TestCounted(t *testing.T) {
	box, data := t.TempDir(), t.TempDir()
	write(t, filepath.Join(box, "big"), 3<<20)
	u := ready(t, Options{Interval: time.Millisecond})
	if err := u.Prepare(t.Context(), isolators.Container{ID: "c", Sandbox: box, Volumes: []isolators.Volume{volume("data", data)}, Demand: isolators.Demand{Disk: 1 << 20}}, &boot.Launch{}); err != nil {
		t.Fatal(err)
	}
	var s *v1.ResourceStatistics
	isolatortest.Eventually(t, "3 MB in use", func() bool { s = stats(t, u); return s.GetDiskUsedBytes() >= 3<<20 })
	if s.GetDiskLimitBytes() != 1<<20 || len(s.DiskStatistics) != 1 || !proto.Equal(s.DiskStatistics[0], &v1.DiskStatistics{LimitBytes: s.DiskLimitBytes, UsedBytes: s.DiskUsedBytes}) {
		t.Errorf("got %v, want a limit of 1 MB and figures of the sandbox alone", s)
	}
	if err := u.Update(t.Context(), "c", isolators.Demand{Disk: 5 << 20, Volumes: map[string]uint64{"data": 7 << 20}}); err != nil {
		t.Fatal(err)
	}
	isolatortest.Eventually(t, "figures of the volume", func() bool {
		s = stats(t, u)
		return len(s.DiskStatistics) == 2 && s.DiskStatistics[1].UsedBytes != nil
	})
	if s.GetDiskLimitBytes() != 5<<20 || s.DiskStatistics[1].GetLimitBytes() != 7<<20 || s.DiskStatistics[1].GetPersistence().GetId() != "data" {
		t.Errorf("after the update: got %v, want limits of 5 and 7 MB", s)
	}
	select {
	case l := <-u.Watch("c"):
		t.Errorf("got %q, want nothing to be enforced", l.Message)
	default:
	}
}
