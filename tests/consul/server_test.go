package consul

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// patience is how long tests wait for what must happen; it measures nothing.
const patience = 2 * time.Minute

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }

// servers are a Consul cluster.
type servers struct {
	t   testing.TB
	all []*server
	URL string // for --consul and --master, without settings
}

// server is one Consul server on an address of its own.
type server struct {
	t    testing.TB
	addr string // of its HTTP
	args []string
	cmd  *exec.Cmd
	log  string
}

// startServers starts n servers that have elected a leader.
func startServers(t testing.TB, n int) *servers {
	t.Helper()
	binary, dir := Binary(t), t.TempDir()
	s := &servers{t: t}
	net := fmt.Sprintf("127.%d.%d.", 1+rand.IntN(254), rand.IntN(256))
	var addrs []string
	for i := range n {
		ip := net + fmt.Sprint(10+i)
		home := filepath.Join(dir, fmt.Sprint(i))
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		args := []string{
			binary, "agent", "-server", "-bootstrap-expect=" + fmt.Sprint(n), "-node=s" + fmt.Sprint(i), "-data-dir=" + home,
			"-bind=" + ip, "-client=" + ip, "-retry-join=" + net + "10", "-retry-interval=500ms", "-log-level=warn",
			"-hcl=performance { raft_multiplier = 1 } disable_update_check = true ports { dns = -1 grpc = -1 grpc_tls = -1 serf_wan = -1 } leave_on_terminate = false",
		}
		one := &server{t: t, addr: ip + ":8500", args: args, log: home + ".log"}
		s.all, addrs = append(s.all, one), append(addrs, one.addr)
		one.start()
		t.Cleanup(one.kill)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, one := range s.all {
				text, _ := os.ReadFile(one.log)
				t.Logf("--- Consul at %s\n%s", one.addr, text[max(0, len(text)-3000):])
			}
		}
	})
	s.URL = "consul://" + strings.Join(addrs, ",") + "/mesos"
	for _, one := range s.all {
		eventually(t, "Consul to have a leader", func() bool { return len(get("http://"+one.addr+"/v1/status/leader")) > 4 })
	}
	return s
}

func (s *server) start() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// kill ends the server as kill -9 does; its data stays.
func (s *server) kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		_ = s.cmd.Wait()
	}
}

// eventually waits for what must happen.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for start := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatalf("after %v: still waiting for %s", patience, what)
		}
	}
}

// destroySessions ends every session, as an operator may.
func (s *servers) destroySessions() {
	s.t.Helper()
	var sessions []struct{ ID string }
	if err := json.Unmarshal([]byte(get("http://"+s.all[0].addr+"/v1/session/list?consistent")), &sessions); err != nil {
		s.t.Fatal(err)
	}
	for _, one := range sessions {
		r, err := http.NewRequest(http.MethodPut, "http://"+s.all[0].addr+"/v1/session/destroy/"+one.ID, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		answer, err := client.Do(r)
		if err != nil {
			s.t.Fatal(err)
		}
		answer.Body.Close()
	}
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}
