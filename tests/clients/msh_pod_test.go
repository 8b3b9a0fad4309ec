package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"mesos/tests/cluster"
)

// TestMshPod runs one command each as a task group: msh asks for a default executor with the least that Mesos allows.
func TestMshPod(t *testing.T) {
	t.Parallel()
	needC(t)
	bin, err := buildMsh()
	if err != nil {
		t.Fatal(err)
	}
	cl := cluster.Start(t, cluster.Options{Separate: true})
	for _, c := range []struct {
		name    string
		command []string
		code    int
		stdout  string
	}{
		{"success", []string{"echo", "hi from a pod"}, 0, "hi from a pod\n"},
		{"failed task", []string{"sh", "-c", "echo failing pod; exit 9"}, 3, "failing pod\n"},
		{"no such program", []string{"no-such-program"}, 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, func(ctx context.Context) *exec.Cmd {
				args := append([]string{"-master", cl.Addr(), "-user", me(t), "-pod", "--"}, c.command...)
				return exec.CommandContext(ctx, filepath.Join(bin, "msh"), args...)
			})
			if r.code != c.code {
				t.Errorf("exit code: got %d, want %d", r.code, c.code)
			}
			if c.stdout != "" && !inTaskSandbox(t, cl, c.stdout) {
				t.Errorf("no task's own sandbox has a stdout of %q", c.stdout)
			}
		})
	}
}

// inTaskSandbox reports whether the stdout of a task of a pod, found under the task's name, is text.
func inTaskSandbox(t *testing.T, c *cluster.Cluster, text string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "*", "runs", "latest", "tasks", "*", "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && string(b) == text {
			return true
		}
	}
	return false
}
