package webui

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/tests/cluster"
	"mesos/tests/consul"
)

// TestMasterRestarts has a page say that the leader is lost, and go on with the next run of it.
func TestMasterRestarts(t *testing.T) {
	c := start(t, cluster.Options{Agents: 1, Separate: true})
	run(t, c.Addr(), "--name=survivor", "--", "sleep", "1000")
	p := Open(t).Visit(c.URL("/"), 1440, 900)
	p.toTask("survivor", "", "running")
	p.must(p.Eval(`void (window.same = "page")`, nil))
	c.Master.Kill()
	p.Wait("that the leader is lost", `document.querySelector(".lost") && document.querySelector(".link.lost")`)
	p.Screenshot("lost")
	c.Master.Restart()
	p.Wait("the link", `document.querySelector(".link.live") && !document.querySelector(".lost")`)
	p.Wait("the task", `document.querySelector(".page-title .badge")?.innerText === "running" && window.same === "page"`)
}

// TestFollowsTheNextLeader kills the leader of two masters while a page of it is open.
func TestFollowsTheNextLeader(t *testing.T) {
	program(t)
	c := start(t, cluster.Options{Agents: 1, Separate: true, Masters: 2, Consul: startConsul(t)})
	leader, next := c.Masters[0], c.Masters[1]
	if follows(leader) {
		leader, next = next, leader
	}
	run(t, leader.Addr, "--name=survivor", "--", "sleep", "1000")
	b := Open(t)
	p := b.Visit(leader.URL("/"), 1440, 900)
	p.WaitText("as one computer")
	p.Wait("who stands by", `document.querySelector(".facts").innerText.includes("`+next.Addr+`")`)
	p.Go(leader.URL("/?again")) // its policy names those that stood by when it was loaded
	p.toTask("survivor", "", "running")
	leader.Kill()
	p.Wait("the next leader", `location.host === "`+next.Addr+`" && location.hash.startsWith("#/tasks/")`)
	p.Wait("the same task there", `document.querySelector("h1")?.innerText.startsWith("survivor") && document.querySelector(".page-title .badge")?.innerText === "running"`)
}

// follows says whether a master stands by.
func follows(m *cluster.Process) bool {
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		resp, err := client.Get(m.URL("/state-summary"))
		if err != nil {
			continue
		}
		_ = resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return false
		}
		if resp.StatusCode == http.StatusTemporaryRedirect {
			return true
		}
	}
	return false
}

// startConsul starts one server for masters to elect their leader at.
func startConsul(t testing.TB) string {
	t.Helper()
	binary, dir := consul.Binary(t), t.TempDir()
	ip := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 2+rand.IntN(250))
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	cmd := exec.Command(binary, "agent", "-server", "-bootstrap-expect=1", "-node=s", "-data-dir="+dir, "-bind="+ip, "-client="+ip, "-log-level=warn",
		"-hcl=performance { raft_multiplier = 1 } disable_update_check = true ports { dns = -1 grpc = -1 grpc_tls = -1 serf_wan = -1 }")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	at := "http://" + ip + ":8500/v1/status/leader"
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get(at); err == nil {
			text := make([]byte, 100)
			n, _ := resp.Body.Read(text)
			_ = resp.Body.Close()
			if strings.Contains(string(text[:n]), ":") {
				return "consul://" + ip + ":8500/mesos"
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("Consul has no leader")
		}
	}
}
