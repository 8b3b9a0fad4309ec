package zookeeper

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mesos/tests/cluster"
)

// patience is how long tests wait for what must happen; it measures nothing.
const patience = 2 * time.Minute

// jar is where Debian has the server, and names what else it needs.
const jar = "/usr/share/java/zookeeper.jar"

var ready = sync.OnceValues(func() (skip string, err error) {
	probe := func() error {
		if _, err := os.Stat(jar); err != nil {
			return err
		}
		_, err := exec.LookPath("java")
		return err
	}
	if probe() == nil {
		return "", nil
	}
	if skip, err := cluster.Debian("zookeeperd"); skip != "" || err != nil {
		return "ZooKeeper: " + skip, err
	}
	return "", probe()
})

// Server is a ZooKeeper server.
type Server struct {
	Addr string // host:port

	t    testing.TB
	args []string
	log  string
	cmd  *exec.Cmd
}

// Start starts a server that ends with the test. Sessions with it last for two to
// twenty ticks.
func Start(t testing.TB, tick time.Duration) *Server {
	t.Helper()
	if skip, err := ready(); err != nil {
		t.Fatal(err)
	} else if skip != "" {
		t.Skip(skip)
	}
	dir := t.TempDir()
	ip := fmt.Sprintf("127.%d.%d.9", 1+rand.IntN(254), rand.IntN(256))
	config := filepath.Join(dir, "zoo.cfg")
	text := fmt.Sprintf("tickTime=%d\ndataDir=%s\nclientPort=2181\nclientPortAddress=%s\nadmin.enableServer=false\nmaxClientCnxns=0\n4lw.commands.whitelist=srvr\n", tick.Milliseconds(), dir, ip)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: ip + ":2181", t: t, log: filepath.Join(dir, "log"), args: []string{
		"java", "-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dzookeeper.forceSync=no", "-cp", dir + ":" + jar,
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", config,
	}}
	t.Cleanup(s.Kill)
	t.Cleanup(func() {
		if t.Failed() {
			out, _ := os.ReadFile(s.log)
			t.Logf("--- ZooKeeper at %s\n%s", s.Addr, out[max(0, len(out)-3000):])
		}
	})
	s.Restart()
	return s
}

// URL is for --zk_announce and --master.
func (s *Server) URL() string { return "zk://" + s.Addr + "/mesos" }

// Restart starts the server again with its data, and waits until it serves.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, "ZooKeeper to serve", func() bool { return strings.Contains(s.ask("srvr"), "Mode:") })
}

// ask is what the server answers to one of its words, "" if it does not.
func (s *Server) ask(word string) string {
	c, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return ""
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Second)) // no deadline, no answer
	_, _ = c.Write([]byte(word))
	text, _ := io.ReadAll(c) // what came before an error counts
	return string(text)
}

// Kill ends the server as kill -9 does, with what it started; its data stays.
func (s *Server) Kill() {
	if s.cmd != nil && s.cmd.ProcessState == nil {
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = s.cmd.Wait()
	}
}

// Signal sends a signal to the server.
func (s *Server) Signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
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
