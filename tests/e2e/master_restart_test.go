package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/cluster"
)

// clusterState is what these tests read of /state.
type clusterState struct {
	Unreachable float64 `json:"unreachable_slaves"`
	Slaves      []struct {
		ID  string `json:"id"`
		PID string `json:"pid"`
	} `json:"slaves"`
	Recovered []struct {
		ID string `json:"id"`
	} `json:"recovered_slaves"`
	Frameworks []struct {
		ID        string `json:"id"`
		Recovered bool   `json:"recovered"`
	} `json:"frameworks"`
	Completed []struct {
		ID string `json:"id"`
	} `json:"completed_frameworks"`
}

func stateOf(t *testing.T, c *cluster.Cluster) (s clusterState) {
	t.Helper()
	r, err := http.Get(c.URL("/state"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// idAt is the id of the registered agent at an address.
func (s clusterState) idAt(addr string) string {
	for _, a := range s.Slaves {
		if strings.HasSuffix(a.PID, "@"+addr) {
			return a.ID
		}
	}
	return ""
}

// The master is killed and started again: agents come back under their ids, tasks
// run on, who is gone stays gone, and who does not come back is unreachable.
func TestMasterKeepsItsRegistry(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{
		Agents: 3, Resources: "cpus:1;mem:256;disk:64;ports:[31000-31010]", Separate: true,
		MasterFlags: []string{"--agent_reregister_timeout=10secs"}, AgentFlags: []string{"--registration_backoff_factor=100ms"},
	})
	before := stateOf(t, c)
	stays, gone, away := before.idAt(c.AgentAddr(0)), before.idAt(c.AgentAddr(1)), before.idAt(c.AgentAddr(2))
	call := `{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"` + gone + `"}}}`
	if code, text := post(t, c.URL("/api/v1"), "application/json", "", strings.NewReader(call)); code != 200 {
		t.Fatalf("MARK_AGENT_GONE: got %d %q, want 200", code, text)
	}
	c.Agents[2].Kill()
	b := startBatch(t, c, map[string]string{"long": "sleep 1000"})
	eventually(t, "the task to run", func() bool { return len(b.states("long")) == 2 })

	c.Master.Kill()
	c.Master.Restart()
	if s := stateOf(t, c); len(s.Slaves)+len(s.Recovered) > 2 {
		t.Errorf("after the restart %d agents are known, want two", len(s.Slaves)+len(s.Recovered))
	}
	eventually(t, "the agent to be back under its id", func() bool { return stateOf(t, c).idAt(c.AgentAddr(0)) == stays })
	eventually(t, "the agent that does not come back to be unreachable", func() bool { return stateOf(t, c).Unreachable == 1 })
	if got := b.states("long"); len(got) != 2 {
		t.Errorf("the task was told %v over the restart, want nothing new", got)
	}

	p := startProgram(t, cluster.Binary(t, "mesos-agent"), nil, "--master="+c.Addr(), "--ip="+c.IP(), "--port="+portOf(c.AgentAddr(1)), "--hostname="+c.IP(),
		"--work_dir="+c.AgentWorkDir(1), "--launcher_dir="+filepath.Dir(cluster.Binary(t, "mesos-executor")), "--resources=cpus:1;mem:256;disk:64;ports:[31000-31010]")
	if code := p.wait(); code != 1 || !strings.Contains(p.stderr.String(), "marked gone") {
		t.Errorf("the agent that is gone: exit %d, %q, want 1 and why", code, p.stderr.String())
	}
	c.Agents[2].Restart()
	eventually(t, "the unreachable agent to be back under its id", func() bool {
		s := stateOf(t, c)
		return s.idAt(c.AgentAddr(2)) == away && s.Unreachable == 0
	})
}

func portOf(addr string) string { return addr[strings.LastIndex(addr, ":")+1:] }

// A framework that is away has its failover timeout, however often the master is
// restarted meanwhile; then it is removed, with its task.
func TestFailoverDeadlineOutlivesTheMaster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	pid := filepath.Join(t.TempDir(), "pid")
	p := startMesos(t, c, "run", "--", "sh", "-c", "echo $$ > "+pid+"; echo started; exec sleep 1000")
	p.until(&p.stdout, "started")
	f := subscribeFor(t, c, 20)
	for range 2 {
		c.Master.Kill()
		c.Master.Restart()
		eventually(t, "the framework to be known to the new master", func() bool {
			s := stateOf(t, c)
			for _, k := range s.Frameworks {
				if k.ID == f {
					return k.Recovered
				}
			}
			for _, k := range s.Completed {
				if k.ID == f {
					return true // this machine was slow
				}
			}
			return false
		})
	}
	eventually(t, "the framework to be removed at its deadline", func() bool {
		for _, k := range stateOf(t, c).Completed {
			if k.ID == f {
				return true
			}
		}
		return false
	})
	if number := strings.TrimSpace(readFile(pid)); !alive(t, number) {
		t.Error("the task of the framework that stayed is gone")
	}
	p.signal(syscall.SIGINT)
	p.wait()
}

// subscribeFor lets a framework of the given failover timeout, in seconds,
// subscribe and go away.
func subscribeFor(t *testing.T, c *cluster.Cluster, seconds int) string {
	t.Helper()
	body := fmt.Sprintf(`{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"away","failover_timeout":%d}}}`, seconds)
	resp := request(t, c.URL("/api/v1/scheduler"), "application/json", "", strings.NewReader(body))
	var text [4096]byte
	n, err := resp.Body.Read(text[:])
	if err != nil && n == 0 {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text[:n]), `"framework_id":{"value":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no framework id in %q", text[:n])
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the framework to be gone", func() bool { return strings.Contains(c.Master.Log(), "framework disconnected") })
	// A read of the cluster comes after the end of the stream, a read of the registry after all that is durable by then.
	stateOf(t, c)
	r, err := http.Get(c.URL("/registrar(1)/registry"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusOK {
		t.Fatalf("registry: got %d (%v), want 200", r.StatusCode, err)
	}
	return id
}

// The commands that look after a registry, on one that a master left.
func TestRegistryCommands(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	agent := stateOf(t, c).idAt(c.AgentAddr(0))
	dir := filepath.Join(c.WorkDir, "master")
	if code, _, stderr := mesos(t, c, "registry", "verify", "--work_dir", dir); code != 1 || !strings.Contains(stderr, fmt.Sprintf("process %d", c.Master.PID())) {
		t.Errorf("verify of a registry in use: exit %d, %q, want 1 and the master's process", code, stderr)
	}
	c.Master.Kill()
	exported, copied := filepath.Join(t.TempDir(), "export.json"), t.TempDir()
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"verify", "--work_dir", dir}, "is whole"},
		{[]string{"show", "--work_dir", dir}, agent},
		{[]string{"show", "--work_dir", dir, "-o", "json"}, `"id": "` + agent + `"`},
		{[]string{"export", "--work_dir", dir, "--file", exported}, ""},
		{[]string{"import", "--work_dir", copied, "--file", exported}, "1 agents"},
		{[]string{"show", "--work_dir", copied}, agent},
	} {
		if code, stdout, stderr := mesos(t, c, append([]string{"registry"}, step.args...)...); code != 0 || !strings.Contains(stdout, step.want) {
			t.Errorf("%v: exit %d, %q, %q, want 0 and %q", step.args, code, stdout, stderr, step.want)
		}
	}
	if code, _, stderr := mesos(t, c, "registry", "import", "--work_dir", copied, "--file", exported); code != 1 || !strings.Contains(stderr, "has a registry") {
		t.Errorf("import over a registry: exit %d, %q, want 1 and why", code, stderr)
	}
	if err := os.Truncate(filepath.Join(dir, "registry.db"), 10000); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"verify", "show", "export"} {
		if code, _, stderr := mesos(t, c, "registry", name, "--work_dir", dir); code != 1 || !strings.Contains(stderr, "cut short") {
			t.Errorf("%s of a truncated file: exit %d, %q, want 1 and that it is cut short", name, code, stderr)
		}
	}
	p := startProgram(t, cluster.Binary(t, "mesos-master"), nil, "--ip="+c.IP(), "--port=0", "--work_dir="+dir)
	if code := p.wait(); code != 1 || !strings.Contains(p.stderr.String(), "cut short") {
		t.Errorf("a master on a truncated file: exit %d, %q, want 1 and why", code, p.stderr.String())
	}
}
