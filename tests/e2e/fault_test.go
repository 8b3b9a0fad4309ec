package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// A task's first updates are lost between agent and master; the agent tells them again, and the task is not.
func TestFaultInjection(t *testing.T) {
	t.Parallel()
	rules := filepath.Join(t.TempDir(), "rules")
	if err := os.WriteFile(rules, []byte("drop message=StatusUpdateMessage direction=in count=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, MasterFlags: []string{"--fault_rules=" + rules}})
	at := c.Addr()
	step := func(code int, want string, args ...string) {
		t.Helper()
		got, stdout, stderr := mesos(t, c, args...)
		if got != code || !strings.Contains(stdout+stderr, want) {
			t.Fatalf("mesos %s: got %d, %q, %q, want %d with %q", strings.Join(args, " "), got, stdout, stderr, code, want)
		}
	}
	step(0, "drop message=StatusUpdateMessage direction=in count=1", "fault", "list", "--at", at)
	step(0, "duplicate message=Call.ACKNOWLEDGE", "fault", "add", "--at", at, "duplicate", "message=Call.ACKNOWLEDGE")
	step(0, "", "run", "--", "true")
	step(0, "StatusUpdateMessage  [dropped by 1]", "fault", "trace", "--at", at)
	step(0, "-xp", "fault", "trace", "--at", at, "-o", "mermaid")
	step(0, `"did":"doubled by 2"`, "fault", "trace", "--at", at, "-o", "json")
	step(0, "hold message=PongSlaveMessage", "fault", "add", "--at", at, "hold", "message=PongSlaveMessage", "direction=in")
	step(0, "hold message=PongSlaveMessage", "fault", "release", "--at", at, "--reverse", "3")
	step(1, "that rule is not a hold", "fault", "release", "--at", at, "1")
	step(2, "release what?", "fault", "release", "--at", at)
	step(1, "nothing in this program can start it again", "fault", "add", "--at", at, "crash", "message=Call.KILL", "restart=5s")
	step(2, `"lose" is no action`, "fault", "add", "--at", at, "lose", "everything")
	step(2, "which rule?", "fault", "add", "--at", at)
	step(1, `no message is called "StatusUpdates"`, "fault", "add", "--at", at, "drop", "message=StatusUpdates")
	step(0, "", "fault", "clear", "--at", at)
	step(0, "ID", "fault", "list", "--at", at)
	step(1, "injects no faults", "fault", "list", "--at", c.AgentAddr(0))
}
