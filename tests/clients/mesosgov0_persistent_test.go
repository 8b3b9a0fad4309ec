package clients

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestV0PersistentScheduler reserves resources, makes volumes on them and runs tasks there, by the ACCEPT calls that
// mesos-go's driver of version 0 sends by plain HTTP. It ends when it believes all of it to be given back.
func TestV0PersistentScheduler(t *testing.T) {
	t.Parallel()
	bin, err := buildV0()
	if err != nil {
		t.Fatal(err)
	}
	const tasks = 3
	cl := cluster.Start(t, cluster.Options{Separate: true})
	r := run(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, filepath.Join(bin, "persistent_scheduler"),
			"-master", cl.Addr(), "-executor", filepath.Join(bin, "executor"), "-task-count", strconv.Itoa(tasks),
			"-address", "127.0.0.1", "-artifactPort", strconv.Itoa(cluster.FreePort(t)), "-logtostderr")
	})
	if r.code != 0 {
		t.Errorf("exit code: got %d, want 0", r.code)
	}
	for task := 1; task <= tasks; task++ {
		if line := "Status update: task persistent-task-" + strconv.Itoa(task) + "  is in state  TASK_FINISHED"; !strings.Contains(r.output, line) {
			t.Errorf("the log has no %q", line)
		}
	}
	if line := "Total tasks completed and unreserved"; !strings.Contains(r.output, line) {
		t.Errorf("the log has no %q", line)
	}
}
