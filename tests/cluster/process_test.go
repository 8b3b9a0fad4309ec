package cluster

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// daemon is what a test process becomes when it stands in for a daemon: it answers /health and exits 7 on SIGTERM.
func daemon(addr string) {
	fmt.Println("serving")
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() {
		<-term
		os.Exit(7)
	}()
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	fmt.Println(http.ListenAndServe(addr, nil))
	os.Exit(1)
}

func startDaemon(t *testing.T) *Process {
	ip, base, release, err := claim(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &Process{Name: "stand-in", Addr: join(ip, base+masterPort), t: t, argv: []string{self}, health: "/health",
		logPath: filepath.Join(t.TempDir(), "log")}
	p.env = []string{"CLUSTER_TEST_DAEMON=" + p.Addr}
	if err := p.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.Done()
	})
	p.waitHealthy()
	return p
}

func TestProcessStop(t *testing.T) {
	p := startDaemon(t)
	if code := p.Stop(syscall.SIGTERM); code != 7 {
		t.Errorf("exit code after SIGTERM: got %d, want 7", code)
	}
}

func TestProcessKillAndRestart(t *testing.T) {
	p := startDaemon(t)
	first := p.PID()
	p.Kill()
	if err := syscall.Kill(first, 0); err != syscall.ESRCH {
		t.Errorf("signal 0 to the killed process: got %v, want %v", err, syscall.ESRCH)
	}
	p.Restart()
	if p.PID() == first {
		t.Errorf("pid after restart: got %d again", first)
	}
	second := p.PID()
	p.Restart() // of a running program: it is killed first
	if p.PID() == second {
		t.Errorf("pid after restart of a running program: got %d again", second)
	}
	if got := strings.Count(p.Log(), "serving"); got != 3 {
		t.Errorf("starts in the log: got %d, want 3\n%s", got, p.Log())
	}
}

// TestSweep leaves behind what an agent leaves behind: processes in sessions of their own, known by their sandbox only.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	sandbox := filepath.Join(dir, "slaves", "S0")
	if err := os.MkdirAll(sandbox, 0o755); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name string
		cwd  string
		env  []string
		want bool
	}{
		{"working directory is a sandbox", sandbox, nil, true},
		{"environment names a sandbox", "/", []string{"MESOS_SANDBOX=" + sandbox}, true},
		{"environment names a directory with a longer name", "/", []string{"MESOS_SANDBOX=" + dir + "x/y"}, false},
		{"stranger", "/", nil, false},
	}
	var cmds []*exec.Cmd
	for _, c := range cases {
		cmd := exec.Command("sleep", "1000")
		cmd.Dir, cmd.Env = c.cwd, append([]string{"PATH=" + os.Getenv("PATH")}, c.env...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	if err := sweep(dir); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		got := !livesIn(cmds[i].Process.Pid, cases[i].cwd)
		cmds[i].Process.Kill()
		cmds[i].Wait()
		if got != c.want {
			t.Errorf("%s: killed: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPollGivesUpWhenTheProgramEnds(t *testing.T) {
	gone := make(chan struct{})
	close(gone)
	err := poll(gone, func() error { return fmt.Errorf("refused") })
	if err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v, want the last error", err)
	}
}

func TestTail(t *testing.T) {
	p := &Process{Name: "x", t: t, logPath: filepath.Join(t.TempDir(), "log")}
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	if err := os.WriteFile(p.logPath, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	got := p.tail()
	if strings.Contains(got, "line 39\n") || !strings.Contains(got, "line 41\n") || !strings.Contains(got, "line 99") {
		t.Errorf("got the wrong lines:\n%s", got)
	}
}
