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

	"mesos/tests/cluster"
)

const mesosGo = "github.com/mesos/mesos-go/api/v1/cmd/"

var buildExample = sync.OnceValues(func() (string, error) {
	return cluster.BuildModule("tests/clients/mesosgo", mesosGo+"example-scheduler", mesosGo+"example-executor")
})

// TestExampleScheduler runs tasks on a custom executor that the agent fetches from the scheduler's own HTTP server.
// Success is a line of its log: it exits 1 whatever happens.
func TestExampleScheduler(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, codec string
		separate    bool
	}{
		{"protobuf", "protobuf", true},
		{"json", "json", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bin, err := buildExample()
			if err != nil {
				t.Fatal(err)
			}
			cl := cluster.Start(t, cluster.Options{Separate: c.separate})
			r := run(t, func(ctx context.Context) *exec.Cmd {
				return exec.CommandContext(ctx, filepath.Join(bin, "example-scheduler"),
					"-url", cl.URL("/api/v1/scheduler"), "-codec", c.codec, "-user", me(t), "-verbose",
					"-executor", filepath.Join(bin, "example-executor"), "-exec.image", "",
					"-tasks", "5", "-cpu", "0.5", "-server.address", "127.0.0.1",
					"-metrics.port", strconv.Itoa(cluster.FreePort(t)))
			})
			if !strings.Contains(r.output, "mission accomplished") {
				t.Errorf("the log has no \"mission accomplished\" (exit code %d)", r.code)
			}
			for task := 1; task <= 5; task++ {
				if line := "Task " + strconv.Itoa(task) + " is in state TASK_FINISHED"; !strings.Contains(r.output, line) {
					t.Errorf("the log has no %q", line)
				}
			}
		})
	}
}

var buildMsh = sync.OnceValues(func() (string, error) {
	return cluster.BuildModule("tests/clients/mesosgo", mesosGo+"msh")
})

// needC skips where no C compiler is found: msh sets its terminal up through cgo.
func needC(t *testing.T) {
	t.Helper()
	cc, err := exec.Command("go", "env", "CC").Output()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath(strings.TrimSpace(string(cc))); err != nil {
		t.Skipf("msh needs a C compiler to build: %v", err)
	}
}

// TestMsh runs one command each on the cluster's default way: the command executor, with MULTI_ROLE.
func TestMsh(t *testing.T) {
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
		{"success", []string{"echo", "hi from msh"}, 0, "hi from msh\n"},
		{"failed task", []string{"sh", "-c", "echo failing; exit 9"}, 3, "failing\n"},
		{"no such program", []string{"no-such-program"}, 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, func(ctx context.Context) *exec.Cmd {
				args := append([]string{"-master", cl.Addr(), "-user", me(t), "--"}, c.command...)
				return exec.CommandContext(ctx, filepath.Join(bin, "msh"), args...)
			})
			if r.code != c.code {
				t.Errorf("exit code: got %d, want %d", r.code, c.code)
			}
			if c.stdout != "" && !inSandbox(t, cl, c.stdout) {
				t.Errorf("no sandbox has a stdout that ends in %q", c.stdout)
			}
		})
	}
}

// inSandbox reports whether a task's stdout file, in Mesos's directory layout, ends in text.
func inSandbox(t *testing.T, c *cluster.Cluster, text string) bool {
	t.Helper()
	pattern := filepath.Join(c.AgentWorkDir(0), "slaves", "*", "frameworks", "*", "executors", "*", "runs", "*", "stdout")
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(string(b), text) {
			return true
		}
	}
	return false
}
