package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// TestMarkAgentGone ends an agent by an operator's word: the subscribers hear
// it, the agent ends, and so does what ran there.
func TestMarkAgentGone(t *testing.T) {
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	url := c.URL("/api/v1")
	events := openStream(t, url, "application/json", `{"type":"SUBSCRIBE"}`)
	first := events.until(t, `"type":"SUBSCRIBED"`, `"agent_info"`)
	_, rest, _ := strings.Cut(first, `"id":{"value":"`)
	agent, _, _ := strings.Cut(rest, `"`)
	events.until(t, "HEARTBEAT")

	pid := filepath.Join(t.TempDir(), "pid")
	run := startMesos(t, c, "run", "--", "sh", "-c", "echo $$ > "+pid+"; echo started; exec sleep 1000")
	run.until(&run.stdout, "started")
	events.until(t, "FRAMEWORK_ADDED")
	events.until(t, "TASK_ADDED")
	events.until(t, "TASK_UPDATED", "TASK_RUNNING")
	number, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}

	call := `{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"` + agent + `"}}}`
	if code, text := post(t, url, "application/json", "", strings.NewReader(call)); code != 200 {
		t.Fatalf("MARK_AGENT_GONE: got %d %q, want 200", code, text)
	}
	events.until(t, "TASK_UPDATED", "REASON_AGENT_REMOVED_BY_OPERATOR")
	events.until(t, "AGENT_REMOVED", agent)
	eventually(t, "the end of the task's process", func() bool { return !alive(t, strings.TrimSpace(string(number))) })
	run.wait()
}
