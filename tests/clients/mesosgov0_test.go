package clients

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"mesos/tests/cluster"
)

const mesosGoV0 = "github.com/mesos/mesos-go/api/v0/examples/"

var buildV0 = sync.OnceValues(func() (string, error) {
	return cluster.BuildModule("tests/clients/mesosgo", mesosGoV0+"scheduler", mesosGoV0+"executor", mesosGoV0+"persistent_scheduler")
})

// TestV0Scheduler runs tasks with a driver of version 0, which speaks libprocess, on an executor that does, too.
func TestV0Scheduler(t *testing.T) {
	t.Parallel()
	bin, err := buildV0()
	if err != nil {
		t.Fatal(err)
	}
	const tasks = 5
	cl := cluster.Start(t, cluster.Options{Separate: true})
	r := run(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, filepath.Join(bin, "scheduler"),
			"-master", cl.Addr(), "-executor", filepath.Join(bin, "executor"), "-task-count", strconv.Itoa(tasks),
			"-address", "127.0.0.1", "-artifactPort", strconv.Itoa(cluster.FreePort(t)), "-logtostderr")
	})
	if r.code != 0 {
		t.Errorf("exit code: got %d, want 0", r.code)
	}
	for task := 1; task <= tasks; task++ {
		for _, state := range []string{"TASK_RUNNING", "TASK_FINISHED"} {
			if line := "Status update: task " + strconv.Itoa(task) + "  is in state  " + state; !strings.Contains(r.output, line) {
				t.Errorf("the log has no %q", line)
			}
		}
	}
	if ids := frameworkIDs(t, cl); len(ids) != 0 {
		t.Errorf("frameworks after the driver's stop: got %q, want none", ids)
	}
}
