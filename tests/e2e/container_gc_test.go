package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestContainerSandboxesGo: the sandboxes of nested and standalone containers go some time after their ends, those of
// live ones and of the task around them stay.
func TestContainerSandboxesGo(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, AgentFlags: []string{"--gc_delay=1secs", "--gc_non_executor_container_sandboxes"}})
	url, task := containerTask(t, c)
	launch := func(id, command string) {
		t.Helper()
		call := `{"type":"LAUNCH_CONTAINER","launch_container":{` + id + `,"command":{"value":"` + command + `"}}}`
		if code, text := post(t, url, "application/json", "", strings.NewReader(call)); code != 200 {
			t.Fatalf("launch of %s: got %d %s, want 200", id, code, text)
		}
	}
	launch(nested(task, "lives"), "sleep 1000")
	launch(nested(task, "ends"), "true")
	launch(`"container_id":{"value":"alone-lives"}`, "sleep 1000")
	launch(`"container_id":{"value":"alone-ends"}`, "true")
	runs, err := filepath.Glob(filepath.Join(c.AgentWorkDir(0), "slaves/*/frameworks/*/executors/*/runs", task))
	if err != nil || len(runs) != 1 {
		t.Fatalf("got %v (%v), want the task's sandbox", runs, err)
	}
	gone := func(path string) func() bool {
		return func() bool {
			_, err := os.Stat(path)
			return os.IsNotExist(err)
		}
	}
	eventually(t, "the sandbox of the nested container to go", gone(filepath.Join(runs[0], "containers/ends")))
	eventually(t, "the sandbox of the standalone container to go", gone(filepath.Join(c.AgentWorkDir(0), "containers/alone-ends")))
	for _, path := range []string{runs[0], filepath.Join(runs[0], "containers/lives"), filepath.Join(c.AgentWorkDir(0), "containers/alone-lives")} {
		if gone(path)() {
			t.Errorf("%s is gone, and what works there lives", path)
		}
	}
	kill := `{"type":"KILL_CONTAINER","kill_container":{` + nested(task, "lives") + `}}`
	if code, text := post(t, url, "application/json", "", strings.NewReader(kill)); code != 200 {
		t.Fatalf("kill: got %d %s, want 200", code, text)
	}
	eventually(t, "its sandbox to go, too", gone(filepath.Join(runs[0], "containers/lives")))
}
