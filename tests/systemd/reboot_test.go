package systemd

import (
	_ "embed"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mesos/tests/vm"
)

// rebootScript runs in the machine, once before and once after its restart.
//
//go:embed testdata/reboot.sh
var rebootScript string

// TestReboot restarts a whole machine with a master, an agent and two tasks. The services come back by themselves, the
// agent under its id; the tasks are gone, and their framework hears exactly that; new ones run.
func TestReboot(t *testing.T) {
	t.Parallel()
	dest, _ := install(t, "/usr")
	files := map[string]string{"/opt/framework": os.Args[0]}
	if err := filepath.WalkDir(dest, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != "mesos" { // the command line is not needed, and big
			files[strings.TrimPrefix(path, dest)] = path
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r := vm.Run(t, vm.Job{Script: rebootScript, Files: files})
	if r.Code != 0 {
		t.Fatalf("got exit code %d, want 0; the script says\n%s\nand the journal\n%s", r.Code, r.Output, r.Files["journal"])
	}
	for name, same := range map[string]bool{"agent-id": true, "machine-boot-id": false} {
		before, after := string(r.Files[name+"-1"]), string(r.Files[name+"-2"])
		if before == "" || after == "" || (before == after) != same {
			t.Errorf("%s: got %q before the restart and %q after it, want the same: %v", name, before, after, same)
		}
	}
	heard := strings.Split(strings.TrimSpace(string(r.Files["updates"])), "\n")
	for task, want := range map[string][]string{
		"before-1": {"TASK_STARTING", "TASK_RUNNING", "TASK_GONE"},
		"before-2": {"TASK_STARTING", "TASK_RUNNING", "TASK_GONE"},
		"after":    {"TASK_STARTING", "TASK_RUNNING"},
	} {
		var got []string
		for _, line := range heard {
			rest, ours := strings.CutPrefix(line, task+" ")
			// The agent's word (AGENT_RESTARTED) and the master's answer to the driver (RECONCILIATION) are the same news.
			if state, _, _ := strings.Cut(rest, " "); ours && !slices.Contains(got, state) {
				got = append(got, state)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: its framework heard %q, want %q", task, got, want)
		}
	}
}
