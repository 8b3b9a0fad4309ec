package consul

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"mesos/tests/cluster"
)

// contestant is one of several marathons. Its supervisor is the test.
type contestant struct {
	t     *testing.T
	base  string
	flags []string
	cmd   *exec.Cmd
	log   *strings.Builder
	ended chan struct{}
}

func (m *contestant) start() {
	m.t.Helper()
	m.cmd = exec.Command(cluster.Binary(m.t, "marathon"), m.flags...)
	m.cmd.Stderr = m.log
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	ended := make(chan struct{})
	m.ended = ended
	cmd := m.cmd
	go func() {
		_ = cmd.Wait() // how it ended is asked for by ProcessState
		close(ended)
	}()
}

func (m *contestant) kill() {
	_ = m.cmd.Process.Kill() // it may have ended by itself
	<-m.ended
}

// ask sends a request and gives the status, 0 without an answer, and what stands in the answer.
func (m *contestant) ask(method, path, body string) (int, string) {
	r, err := http.NewRequestWithContext(m.t.Context(), method, m.base+path, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(answer)
}

// leader is host:port of who leads, as m says, "" if it does not know.
func (m *contestant) leader() string {
	var x struct{ Leader string }
	if code, text := m.ask("GET", "/v2/leader", ""); code != 200 || json.Unmarshal([]byte(text), &x) != nil {
		return ""
	}
	return x.Leader
}

func startContestants(t *testing.T, s *Servers, c *cluster.Cluster, n int) (all []*contestant) {
	t.Helper()
	for range n {
		port := cluster.FreePort(t)
		m := &contestant{t: t, base: fmt.Sprintf("http://%s:%d", c.IP(), port), log: &strings.Builder{}, flags: []string{
			"--master=" + c.Master.Addr, "--consul=" + strings.TrimSuffix(s.URL, "/mesos") + "/marathon",
			"--ip=" + c.IP(), "--hostname=" + c.IP(), fmt.Sprintf("--http_port=%d", port),
		}}
		m.start()
		all = append(all, m)
		t.Cleanup(func() {
			m.kill()
			if t.Failed() {
				t.Logf("--- marathon at %s\n%s", m.base, m.log)
			}
		})
	}
	return all
}

// agreed waits until all of them name one leader, other than old, and gives it and the others.
func agreed(t *testing.T, all []*contestant, old *contestant) (leader *contestant, others []*contestant) {
	t.Helper()
	eventually(t, "all marathons to name one leader", func() bool {
		leader, others = nil, nil
		at := all[0].leader()
		for _, m := range all {
			if m.leader() != at {
				return false
			}
			if "http://"+at == m.base {
				leader = m
			} else {
				others = append(others, m)
			}
		}
		return leader != nil && leader != old
	})
	return leader, others
}

// Of several marathons one leads, and the others hand on to it what they are asked. The leader is killed in the middle of
// a deployment, and then asked to abdicate: each time another one finishes what was begun.
func TestMarathonsElectALeader(t *testing.T) {
	s := startServers(t, 3)
	c := cluster.Start(t, cluster.Options{Separate: true, Agents: 2, Resources: "cpus:4;mem:2048;disk:64;ports:[31000-31099]"})
	all := startContestants(t, s, c, 3)
	leader, others := agreed(t, all, nil)

	app := func(version string, n int) string {
		return fmt.Sprintf(`{"cmd":"sleep 100000","env":{"VERSION":%q},"instances":%d,"cpus":0.1,"mem":16,"upgradeStrategy":{"minimumHealthCapacity":0.8,"maximumOverCapacity":0}}`, version, n)
	}
	// put sends a change to somebody who lives, until it is taken.
	put := func(to *contestant, body string) {
		t.Helper()
		eventually(t, "the change to be taken", func() bool {
			code, text := to.ask("PUT", "/v2/apps/web?force=true", body)
			if code >= 400 && code < 500 {
				t.Fatalf("got %d, %s", code, text)
			}
			return code/100 == 2
		})
	}
	// runs says how many instances of a version run, and whether nothing is under way.
	runs := func(m *contestant, version string) (n int, quiet bool) {
		var x struct {
			App struct {
				Version     string
				Tasks       []struct{ State, Version string }
				Deployments []any
			}
		}
		code, text := m.ask("GET", "/v2/apps/web", "")
		var def struct {
			App struct{ Env map[string]string }
		}
		if code != 200 || json.Unmarshal([]byte(text), &x) != nil || json.Unmarshal([]byte(text), &def) != nil || def.App.Env["VERSION"] != version {
			return 0, false
		}
		for _, k := range x.App.Tasks {
			if k.State == "TASK_RUNNING" && k.Version == x.App.Version {
				n++
			}
		}
		return n, len(x.App.Deployments) == 0 && n == len(x.App.Tasks)
	}
	done := func(m *contestant, version string, n int) func() bool {
		return func() bool {
			got, quiet := runs(m, version)
			return quiet && got == n
		}
	}
	put(others[0], app("1", 5))
	eventually(t, "5 instances", done(others[1], "1", 5))

	put(others[0], app("2", 5))
	eventually(t, "the first instance of version 2", func() bool { n, _ := runs(others[1], "2"); return n > 0 })
	if _, quiet := runs(leader, "2"); quiet {
		t.Log("the deployment was over before the leader was killed")
	}
	leader.kill()
	next, _ := agreed(t, others, leader)
	eventually(t, "the end of the deployment", done(others[0], "2", 5))
	leader.start()

	if code, text := next.ask("DELETE", "/v2/leader", ""); code != 200 || !strings.Contains(text, "abdicated") {
		t.Fatalf("DELETE /v2/leader: got %d, %s", code, text)
	}
	<-next.ended
	next.start()
	agreed(t, all, next)
	put(leader, app("3", 3))
	eventually(t, "3 instances of version 3", done(next, "3", 3))
}
