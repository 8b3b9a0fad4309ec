package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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
		return exec.CommandContext(ctx, filepath.Join(bin, "scheduler"), v0Flags(t, cl, bin, tasks)...)
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

func v0Flags(t *testing.T, cl *cluster.Cluster, bin string, tasks int) []string {
	t.Helper()
	return []string{
		"-master", cl.Addr(), "-executor", filepath.Join(bin, "executor"), "-task-count", strconv.Itoa(tasks),
		"-address", "127.0.0.1", "-artifactPort", strconv.Itoa(cluster.FreePort(t)), "-logtostderr",
	}
}

// TestV0SchedulerAuthenticates has the same driver show by SASL whose it is, to a master that hears no others.
func TestV0SchedulerAuthenticates(t *testing.T) {
	t.Parallel()
	bin, err := buildV0()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	known, secret, wrong := write("known", "alice s3cret\n"), write("secret", "s3cret"), write("wrong", "secret")
	cl := cluster.Start(t, cluster.Options{
		Separate: true, MasterFlags: []string{"--authenticate", "--authenticate_agents", "--credentials=" + known}, AgentFlags: []string{"--credential=" + known},
	})
	flags := func(secret string) []string {
		return append(v0Flags(t, cl, bin, 1), "-mesos_authentication_principal", "alice", "-mesos_authentication_secret_file", secret)
	}
	r := run(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, filepath.Join(bin, "scheduler"), flags(secret)...)
	})
	if r.code != 0 || !strings.Contains(r.output, "Status update: task 1  is in state  TASK_FINISHED") {
		t.Errorf("the driver with the secret: got %d, want 0 and its task finished", r.code)
	}
	if log := cl.Master.Log(); !strings.Contains(log, "msg=authenticated from=scheduler(1)@") || !strings.Contains(log, "principal=alice") {
		t.Error("the master's log does not say that alice authenticated")
	}
	// With another secret it tries, and then waits for ever.
	stranger := exec.Command(filepath.Join(bin, "scheduler"), flags(wrong)...)
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); !strings.Contains(cl.Master.Log(), `msg="authentication failed"`); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("the master's log does not say that the driver with another secret failed to authenticate")
			break
		}
	}
	_ = stranger.Process.Kill() // it may have ended
	_ = stranger.Wait()
	if n := strings.Count(cl.Master.Log(), `msg="framework subscribed"`); n != 1 {
		t.Errorf("frameworks that subscribed: got %d, want the one that authenticated", n)
	}
}
