package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// checked launches a task with a health check that comes at once and often.
func (p *process) checked(line string, c *v1.HealthCheck) {
	if c.DelaySeconds == nil {
		c.DelaySeconds = proto.Float64(0)
	}
	if c.TimeoutSeconds == nil {
		c.TimeoutSeconds = proto.Float64(60)
	}
	c.IntervalSeconds = proto.Float64(0.02)
	t := p.task(shell(line))
	t.HealthCheck = c
	p.launchTask(t)
	p.update("STARTING")
	p.update("RUNNING")
}

func commandHealth(line string) *v1.HealthCheck {
	return &v1.HealthCheck{Type: v1.HealthCheck_COMMAND.Enum(), Command: shell(line), ConsecutiveFailures: proto.Uint32(2), GracePeriodSeconds: proto.Float64(0)}
}

func httpHealth(scheme string, addr net.Addr, path string) *v1.HealthCheck {
	return &v1.HealthCheck{Type: v1.HealthCheck_HTTP.Enum(), ConsecutiveFailures: proto.Uint32(1), GracePeriodSeconds: proto.Float64(0),
		Http: &v1.HealthCheck_HTTPCheckInfo{Scheme: &scheme, Port: proto.Uint32(uint32(addr.(*net.TCPAddr).Port)), Path: &path}}
}

// health takes the next update and checks what it says of health.
func (p *process) health(want string) *v1.TaskStatus {
	p.a.t.Helper()
	s := p.call(executorv1.Call_UPDATE).GetUpdate().GetStatus()
	p.ack(s)
	got := strings.TrimPrefix(s.GetState().String(), "TASK_")
	if s.Healthy != nil {
		got += fmt.Sprint(" ", s.GetHealthy())
	}
	if s.Message != nil {
		got += " " + s.GetMessage()
	}
	if got != want {
		p.a.t.Fatalf("got update %q, want %q", got, want)
	}
	return s
}

func TestCommandHealthCheck(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	c := commandHealth("[ -e well ]") // the task's directory is its own, too
	c.GracePeriodSeconds = proto.Float64(3600)
	p.checked("touch well; exec sleep 1000", c)
	if s := p.health("RUNNING true"); s.GetReason() != v1.TaskStatus_REASON_TASK_HEALTH_CHECK_STATUS_UPDATED {
		t.Errorf("got reason %v", s.GetReason())
	}
	os.Remove(filepath.Join(p.dir, "well"))
	p.health("RUNNING false Health check (COMMAND) failed 1 of 2 times: command exited with status 1")
	p.health("RUNNING false Health check (COMMAND) failed 2 of 2 times: command exited with status 1")
	p.health("KILLED false Command terminated with signal Terminated")
	p.ends(0)
}

func TestCheckCommandRunsAsTheTask(t *testing.T) {
	no := false
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	for d := p.dir; d != os.TempDir(); d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	task := p.task(shell("exec sleep 1000"))
	user := ""
	if os.Geteuid() == 0 {
		user = "nobody"
		task.Command.User = &user
	}
	task.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("A"), Value: proto.String("task")}, {Name: proto.String("B"), Value: proto.String("task")}}}
	task.Check = &v1.CheckInfo{Type: v1.CheckInfo_COMMAND.Enum(), DelaySeconds: proto.Float64(0), Command: &v1.CheckInfo_Command{Command: &v1.CommandInfo{
		Shell: &no, Value: proto.String("sh"), Arguments: []string{"me", "-c", `echo "$0 $A $B $(id -un) $(readlink /proc/self/fd/0)"; exit 7`},
		User:        proto.String("no such user counts"),
		Environment: &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("B"), Value: proto.String("check")}}},
	}}}
	p.launchTask(task)
	for _, state := range []string{"STARTING", "RUNNING"} {
		if s := p.update(state); s.GetCheckStatus().GetType() != v1.CheckInfo_COMMAND || s.GetCheckStatus().Command == nil || s.GetCheckStatus().GetCommand().ExitCode != nil {
			t.Errorf("%s: got check status %v, want an empty one of a command", state, s.GetCheckStatus())
		}
	}
	s := p.update("RUNNING")
	if s.GetReason() != v1.TaskStatus_REASON_TASK_CHECK_STATUS_UPDATED || s.GetCheckStatus().GetCommand().GetExitCode() != 7 {
		t.Errorf("got reason %v, check status %v, want exit code 7", s.GetReason(), s.GetCheckStatus())
	}
	if user == "" {
		user = os.Getenv("USER")
	}
	said, err := os.ReadFile(p.err.Name())
	if want := "me task check " + user + " /dev/null\n"; err != nil || string(said) != want {
		t.Errorf("got stderr %q, %v, want %q", said, err, want)
	}
	if got := p.stdout(); got != "" {
		t.Errorf("got stdout %q, want nothing in it: it is the task's", got)
	}
	p.kill()
	p.update("KILLED Command terminated with signal Terminated")
	p.ends(0)
}

// A check command that does not end is killed with all that it started, even
// what daemonized; the task runs on.
func TestCheckTimeoutKillsTheTree(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	c := commandHealth(`trap "" TERM
setsid sh -c '(setsid sh -c "echo \$\$ > daemon; while :; do sleep 1; done") &'
sleep 1000 & echo $! > child
while [ ! -s daemon ]; do sleep 0.01; done; echo $$ > self; wait`)
	c.TimeoutSeconds, c.ConsecutiveFailures = proto.Float64(2), proto.Uint32(1000)
	p.checked("(setsid sleep 1000 & echo $! > own); exec sleep 1000", c)
	pids := []int{p.pid("daemon"), p.pid("child"), p.pid("self")}
	p.health("RUNNING false Health check (COMMAND) failed 1 of 1000 times: no result within 2s")
	for _, pid := range pids {
		for proctree.Alive(pid) { // killed, perhaps after their leader
			time.Sleep(time.Millisecond)
		}
	}
	if !proctree.Alive(p.pid("own")) {
		t.Error("got the task's own daemon dead, want it alive")
	}
	p.kill()
	for {
		s := p.call(executorv1.Call_UPDATE).GetUpdate().GetStatus()
		p.ack(s)
		if s.GetState() == v1.TaskState_TASK_KILLED {
			break
		}
	}
	p.ends(0)
}

// A check that runs when the task ends goes with it.
func TestCheckEndsWithTheTask(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.checked("while [ ! -s check ]; do sleep 0.01; done", commandHealth("echo $$ > check; exec sleep 1000"))
	pid := p.pid("check")
	p.update("FINISHED Command exited with status 0")
	if proctree.Alive(pid) {
		t.Errorf("got the check's %d alive, want it dead", pid)
	}
	p.ends(0)
}

func TestCheckCommandThatCannotStart(t *testing.T) {
	no := false
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	c := commandHealth("")
	c.Command, c.ConsecutiveFailures = &v1.CommandInfo{Shell: &no, Value: proto.String("/no/such")}, proto.Uint32(1)
	p.checked("sleep 1000", c)
	p.health("RUNNING false Health check (COMMAND) failed 1 of 1 times: exec failed: /no/such: no such file or directory")
	p.health("KILLED false Command terminated with signal Terminated")
	p.ends(0)
}

func TestHTTPHealthChecks(t *testing.T) {
	mux := http.NewServeMux()
	plain := httptest.NewServer(mux)
	defer plain.Close()
	secure := httptest.NewUnstartedServer(mux)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	secure.StartTLS()
	defer secure.Close()
	mux.HandleFunc("/status/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		w.WriteHeader(n)
	})
	mux.Handle("/secure", http.RedirectHandler(secure.URL+"/status/200", http.StatusFound))
	for _, c := range []struct {
		name  string
		check *v1.HealthCheck
		want  string
	}{
		{"http", httpHealth("http", plain.Listener.Addr(), "/status/200"), "RUNNING true"},
		{"http, bad", httpHealth("http", plain.Listener.Addr(), "/status/500"), "RUNNING false Health check (HTTP " + plain.URL + "/status/500) failed 1 of 1 times: HTTP status 500"},
		{"https, of a certificate that nobody signed", httpHealth("https", secure.Listener.Addr(), "/status/204"), "RUNNING true"},
		{"https, bad", httpHealth("https", secure.Listener.Addr(), "/status/404"), "RUNNING false Health check (HTTP " + secure.URL + "/status/404) failed 1 of 1 times: HTTP status 404"},
		{"redirected from http to https", httpHealth("http", plain.Listener.Addr(), "/secure"), "RUNNING true"},
		{"https where http is spoken", httpHealth("https", plain.Listener.Addr(), "/"), "RUNNING false Health check (HTTP " + strings.Replace(plain.URL, "http:", "https:", 1) +
			"/) failed 1 of 1 times: mesos-probe exited with status 1: GET " + strings.Replace(plain.URL, "http:", "https:", 1) + "/: tls: first record does not look like a TLS handshake"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newAgent(t, "127.0.0.1:0").run(nil)
			p.subscribe()
			p.checked("exec sleep 1000", c.check)
			p.health(c.want)
			if c.want == "RUNNING true" {
				p.kill()
				p.health("KILLED Command terminated with signal Terminated")
			} else {
				p.health("KILLED false Command terminated with signal Terminated")
			}
			p.ends(0)
		})
	}
}

// A silent server holds a probe until the timeout, in this program as in mesos-probe.
func TestHTTPTimeout(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, scheme := range []string{"http", "https"} {
		p := newAgent(t, "127.0.0.1:0").run(nil)
		p.subscribe()
		c := httpHealth(scheme, l.Addr(), "/")
		c.TimeoutSeconds = proto.Float64(0.3)
		p.checked("exec sleep 1000", c)
		p.health(fmt.Sprintf("RUNNING false Health check (HTTP %s://%s/) failed 1 of 1 times: no result within 300ms", scheme, l.Addr()))
		p.health("KILLED false Command terminated with signal Terminated")
		p.ends(0)
	}
}

func TestTCPCheck(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	task := p.task(shell("exec sleep 1000"))
	task.Check = &v1.CheckInfo{Type: v1.CheckInfo_TCP.Enum(), DelaySeconds: proto.Float64(0), IntervalSeconds: proto.Float64(0.02),
		Tcp: &v1.CheckInfo_Tcp{Port: proto.Uint32(uint32(l.Addr().(*net.TCPAddr).Port))}}
	p.launchTask(task)
	p.update("STARTING")
	p.update("RUNNING")
	if s := p.update("RUNNING"); !s.GetCheckStatus().GetTcp().GetSucceeded() {
		t.Errorf("got check status %v, want succeeded", s.GetCheckStatus())
	}
	l.Close()
	if s := p.update("RUNNING"); s.GetCheckStatus().GetTcp().Succeeded == nil || s.GetCheckStatus().GetTcp().GetSucceeded() {
		t.Errorf("got check status %v, want not succeeded", s.GetCheckStatus())
	}
	p.kill()
	p.update("KILLED Command terminated with signal Terminated")
	p.ends(0)
}
