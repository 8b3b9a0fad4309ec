package vm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A machine without systemd: every controller is there, files come in and out, the exit code counts, and a restart is one.
func TestBare(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "note")
	if err := os.WriteFile(note, []byte("from outside"), 0o640); err != nil {
		t.Fatal(err)
	}
	r := Run(t, Job{
		Bare: true, Files: map[string]string{"/opt/note": note},
		Script: `
			echo boot $BOOT
			cat /proc/sys/kernel/random/boot_id >>$OUT/boots
			[ $BOOT = 2 ] || vm-reboot
			cp /sys/fs/cgroup/cgroup.controllers $OUT/
			cp /opt/note $OUT/
			stat -c %a /opt/note
			exit 3`,
	})
	if want := "boot 1\nboot 2\n640\n"; r.Code != 3 || r.Output != want {
		t.Errorf("got code %d and output %q, want 3 and %q", r.Code, r.Output, want)
	}
	if boots := strings.Fields(string(r.Files["boots"])); len(boots) != 2 || boots[0] == boots[1] {
		t.Errorf("got boot ids %q, want two different ones", boots)
	}
	if got := string(r.Files["note"]); got != "from outside" {
		t.Errorf("got note %q, want it as it was", got)
	}
	for _, want := range []string{"cpu", "cpuset", "io", "memory", "pids", "hugetlb"} {
		if got := strings.Fields(string(r.Files["cgroup.controllers"])); !slices.Contains(got, want) {
			t.Errorf("got controllers %q, want %s among them", got, want)
		}
	}
}
