package consul

import (
	"fmt"
	"math/rand/v2"
	"net/url"
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

// Options say where Consul servers run. The zero value is three servers on loopback
// addresses of their own.
type Options struct {
	Servers int                       // 0 means 3
	Place   func(i int) cluster.Place // host of server i; nil: a loopback address
	Dir     string                    // where their data is kept; "": a temporary directory
	Port    int                       // of their HTTP; 0 means 8500
}

// Servers are a Consul cluster.
type Servers struct {
	t   testing.TB
	All []*Server
	URL string // for --consul and --master, without settings
}

// Server is one Consul server on an address of its own. Its methods are for the
// goroutine of the test.
type Server struct {
	Addr string // host:port of its HTTP

	t     testing.TB
	place cluster.Place
	args  []string
	cmd   *exec.Cmd
	log   string
}

// Start starts servers that have elected a leader and that end with the test.
func Start(t testing.TB, o Options) *Servers {
	t.Helper()
	o = o.withDefaults(t)
	binary := Binary(t)
	s := &Servers{t: t}
	var addrs []string
	for i := range o.Servers {
		place := o.Place(i)
		home := filepath.Join(o.Dir, fmt.Sprint(i))
		if err := os.Mkdir(home, 0o755); err != nil {
			t.Fatal(err)
		}
		args := []string{
			binary, "agent", "-server", "-bootstrap-expect=" + fmt.Sprint(o.Servers), "-node=s" + fmt.Sprint(i), "-data-dir=" + home,
			"-bind=" + place.IP, "-client=" + place.IP, "-retry-join=" + o.Place(0).IP, "-retry-interval=500ms", "-log-level=warn",
			"-hcl=performance { raft_multiplier = 1 } disable_update_check = true ports { http = " + fmt.Sprint(o.Port) +
				" dns = -1 grpc = -1 grpc_tls = -1 serf_wan = -1 } leave_on_terminate = false",
		}
		one := &Server{t: t, Addr: fmt.Sprintf("%s:%d", place.IP, o.Port), place: place, args: args, log: home + ".log"}
		s.All, addrs = append(s.All, one), append(addrs, one.Addr)
		one.Start()
		t.Cleanup(one.Kill)
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, one := range s.All {
				text, _ := os.ReadFile(one.log)
				t.Logf("--- Consul at %s\n%s", one.Addr, text[max(0, len(text)-3000):])
			}
		}
	})
	s.URL = "consul://" + strings.Join(addrs, ",") + "/mesos"
	for _, one := range s.All {
		eventually(t, "Consul to have a leader", func() bool { return len(get("http://"+one.Addr+"/v1/status/leader")) > 4 })
	}
	return s
}

func (o Options) withDefaults(t testing.TB) Options {
	t.Helper()
	if o.Servers == 0 {
		o.Servers = 3
	}
	if o.Place == nil {
		net := fmt.Sprintf("127.%d.%d.", 1+rand.IntN(254), rand.IntN(256))
		o.Place = func(i int) cluster.Place { return cluster.Place{IP: net + fmt.Sprint(10+i)} }
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Port == 0 {
		o.Port = 8500
	}
	return o
}

// Start starts a server that does not run.
func (s *Server) Start() {
	s.t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := cluster.StartIn(s.place.Net, s.cmd); err != nil {
		s.t.Fatal(err)
	}
}

// Kill ends the server as kill -9 does; its data stays.
func (s *Server) Kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
		_ = s.cmd.Wait()
	}
}

// PID is the process id of the server, or of the last one.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// URL is http://Addr.
func (s *Server) URL() *url.URL { return &url.URL{Scheme: "http", Host: s.Addr} }

// Signal sends sig to the server.
func (s *Server) Signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Leader is the server that leads the others.
func (s *Servers) Leader() *Server {
	s.t.Helper()
	var found *Server
	eventually(s.t, "Consul to have a leader", func() bool {
		for _, one := range s.All {
			if strings.Contains(get("http://"+one.Addr+"/v1/status/leader"), fmt.Sprintf("%q", one.place.IP+":8300")) {
				found = one
			}
		}
		return found != nil
	})
	return found
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
