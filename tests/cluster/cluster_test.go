package cluster

import (
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv("CLUSTER_TEST_DAEMON"); addr != "" {
		daemon(addr)
	}
	os.Exit(Main(m))
}

func TestLocal(t *testing.T) {
	t.Parallel()
	c := Start(t, Options{Agents: 2})
	for i := range 2 {
		r, err := http.Get("http://" + c.AgentAddr(i) + "/health")
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Errorf("/health of agent %d: got %s, want 200", i, r.Status)
		}
	}
}

// TestSeparate kills and restarts each daemon once; after each the cluster is whole again.
func TestSeparate(t *testing.T) {
	t.Parallel()
	c := Start(t, Options{Separate: true, Agents: 2})

	c.Agents[0].Kill()
	c.Agents[0].Restart()
	c.WaitAgents(2)

	c.Master.Kill()
	c.Master.Restart()
	c.WaitAgents(2)

	if code := c.Master.Stop(syscall.SIGTERM); code != 0 {
		t.Errorf("exit code of the master after SIGTERM: got %d, want 0", code)
	}
}

// TestNoAgents starts a master that nobody joins.
func TestNoAgents(t *testing.T) {
	t.Parallel()
	c := Start(t, Options{Separate: true, Agents: None})
	if len(c.Agents) != 0 {
		t.Errorf("agents: got %d, want none", len(c.Agents))
	}
}

func TestClaimIsExclusive(t *testing.T) {
	ip, base, release, err := claim(2)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if err := allFree(ip, base+claimPort, 1); err == nil {
		t.Errorf("port %d of claimed address %s can be taken again", base+claimPort, ip)
	}
	for port := masterPort; port <= agentPort+1; port++ {
		if err := allFree(ip, base+port, 1); err != nil {
			t.Errorf("claimed port: %v", err)
		}
	}
}

func TestAgentCount(t *testing.T) {
	for _, c := range []struct{ in, want int }{{0, 1}, {None, 0}, {1, 1}, {7, 7}} {
		if got := agentCount(c.in); got != c.want {
			t.Errorf("agentCount(%s): got %d, want %d", strconv.Itoa(c.in), got, c.want)
		}
	}
}
