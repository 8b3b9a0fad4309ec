package e2e

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	v1 "mesos/messages/mesos/v1"
	"mesos/tests/cluster"
)

const rotating = "org_apache_mesos_LogrotateContainerLogger"

// Output is rotated and whole, though the agent is killed and another takes its
// place while the task writes.
func TestRotatedOutputOutlivesTheAgent(t *testing.T) {
	t.Parallel()
	c := separate(t, "--container_logger="+rotating,
		`--modules={"libraries":[{"modules":[{"name":"`+rotating+`","parameters":[{"key":"max_stdout_size","value":"64KB"},{"key":"logrotate_stdout_options","value":"rotate 500"}]}]}]}`)
	marker := filepath.Join(t.TempDir(), "go")
	const lines = 40_000
	b := startBatch(t, c, map[string]string{
		"t": fmt.Sprintf("seq 1 %d; while [ ! -e %s ]; do sleep 0.1; done; seq %d %d", lines/2, marker, lines/2+1, lines),
	})
	var sandbox string
	eventually(t, "the first half", func() bool {
		found, _ := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves/*/frameworks/*/executors/t/runs/*-*"))
		if len(found) != 1 {
			return false
		}
		sandbox = found[0]
		return strings.HasSuffix(rotated(sandbox, "stdout"), fmt.Sprintf("\n%d\n", lines/2))
	})
	c.Agents[0].Kill()
	if err := os.WriteFile(marker, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range lines {
		fmt.Fprintln(&want, i+1)
	}
	eventually(t, "the second half, without an agent", func() bool { return strings.HasSuffix(rotated(sandbox, "stdout"), fmt.Sprintf("\n%d\n", lines)) })
	c.Agents[0].Restart()
	b.endsIn(t, v1.TaskState_TASK_FINISHED, "t")
	if got := rotated(sandbox, "stdout"); got != want.String() {
		t.Errorf("got %d bytes of output, want the %d written, in their order", len(got), want.Len())
	}
	files, _ := filepath.Glob(filepath.Join(sandbox, "stdout*"))
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Size() > 64<<10 {
			t.Errorf("got %v, %v, want files of at most 64 KB", info, err)
		}
	}
	code, body := get(t, "http://"+c.AgentAddr(0)+"/files/download?path="+url.QueryEscape(sandbox+"/stdout"))
	if code != http.StatusOK || !strings.HasSuffix(want.String(), body) || body == "" {
		t.Errorf("got %d and %d bytes served as stdout, want the end of the output", code, len(body))
	}
}

// rotated reads a log with all its older files.
func rotated(sandbox, name string) (text string) {
	for n := 0; ; n++ {
		path := filepath.Join(sandbox, name)
		if n > 0 {
			path += fmt.Sprint(".", n)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return text
		}
		text = string(b) + text
	}
}

// mesos run shows all of a rotated output.
func TestRunFollowsRotatedOutput(t *testing.T) {
	t.Parallel()
	c := separate(t, "--container_logger="+rotating)
	code, stdout, stderr := mesos(t, c, "run", "--env", "CONTAINER_LOGGER_MAX_STDOUT_SIZE=4KB", "--", "sh", "-c", "echo hello; seq 1 100")
	if code != 0 || !strings.HasPrefix(stdout, "hello\n1\n") || !strings.HasSuffix(stdout, "\n100\n") {
		t.Errorf("got exit %d, %q, %q, want all lines", code, stdout, stderr)
	}
}

// smallDisk is an agent on a disk of its own, of 24 MB.
func smallDisk(t *testing.T, c *cluster.Cluster) (dir string, start func() *program) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	dir = filepath.Join(c.WorkDir, "small")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m,mode=755"); err != nil {
		t.Skipf("cannot mount here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	_, port, _ := strings.Cut(c.AgentAddr(0), ":")
	return dir, func() *program {
		return startProgram(t, cluster.Binary(t, "mesos-agent"), nil, "--master="+c.Addr(), "--ip="+c.IP(), "--port="+port, "--hostname="+c.IP(),
			"--work_dir="+dir, "--launcher_dir="+filepath.Dir(cluster.Binary(t, "mesos-executor")), "--registration_backoff_factor=100ms",
			"--executor_reregistration_timeout=10secs", "--resources=cpus:2;mem:512;disk:64", "--disk_watch_interval=100ms")
	}
}

// History and sandboxes of what is over are shown by the agent's next run, until
// the disk is full; what is live and what is not a sandbox stays.
func TestSandboxesOnAFullDisk(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: cluster.None, Separate: true})
	dir, start := smallDisk(t, c)
	agent := start()
	b := startBatch(t, c, map[string]string{"live": "echo alive; sleep 1000", "a": "echo from a", "b": "true", "c": "exit 3"})
	eventually(t, "the short tasks to be over", func() bool { return b.over() == 3 && len(b.states("live")) == 2 })
	a, live := sandboxOf(t, dir, "a"), sandboxOf(t, dir, "live")
	base := "http://" + c.AgentAddr(0)
	completed := func() int {
		code, body := get(t, base+"/state")
		if code != http.StatusOK {
			return -1
		}
		_, after, _ := strings.Cut(body, `"completed_executors"`)
		return strings.Count(after, `"container":`)
	}
	eventually(t, "three executors in the history", func() bool { return completed() == 3 })
	agent.signal(syscall.SIGKILL)
	agent.wait()
	start()
	eventually(t, "the next agent", func() bool {
		resp, err := http.Get(base + "/health")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	if got := completed(); got != 3 {
		t.Errorf("got %d executors in the history after the restart, want 3", got)
	}
	read := base + "/files/download?path=" + url.QueryEscape(a+"/stdout")
	if code, body := get(t, read); code != http.StatusOK || body != "from a\n" {
		t.Errorf("got %d %q of a task that is over, after the restart", code, body)
	}
	volume := filepath.Join(dir, "volumes", "roles", "r", "v")
	if err := os.MkdirAll(volume, 0o755); err != nil {
		t.Fatal(err)
	}
	fill(t, filepath.Join(volume, "ballast"), 22<<20)
	eventually(t, "the sandboxes to be removed", func() bool { return metric(t, base, "gc/path_removals_succeeded") == 3 })
	if _, err := os.Stat(a); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the sandbox gone", err)
	}
	if code, _ := get(t, read); code != http.StatusNotFound {
		t.Errorf("got %d for a file of a removed sandbox, want 404", code)
	}
	for _, path := range []string{filepath.Join(live, "stdout"), filepath.Join(volume, "ballast")} {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("got %v, want it to stay", err)
		}
	}
	if n := metric(t, base, "gc/path_removals_failed"); n != 0 {
		t.Errorf("got %v failed removals, want none", n)
	}
	if s := b.last("live"); s.GetState() != v1.TaskState_TASK_RUNNING {
		t.Errorf("got the live task %v, want it running", s.GetState())
	}
}

func fill(t *testing.T, path string, size int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.CopyN(f, zeros{}, size); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
