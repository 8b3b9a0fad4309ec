package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/cluster"
)

func TestRun(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:4;mem:1024;disk:100;ports:[31000-31010]"})
	for _, tt := range []struct {
		name   string
		args   []string
		code   int
		stdout string
		stderr string // part of it
	}{
		{"hello", []string{"--", "sh", "-c", "echo hello; exit 3"}, 3, "hello\n", "failed: Command exited with status 3\n"},
		{"without dashes", []string{"echo", "-n", "a b"}, 0, "a b", "finished\n"},
		{"line for a shell", []string{"echo hello; exit 3"}, 3, "hello\n", "exited with status 3"},
		{"arguments as they are", []string{"--", "printf", "%s|", "$HOME", "", "a b"}, 0, "$HOME||a b|", ""},
		{"silent", []string{"--", "true"}, 0, "", "running\n"},
		{"signal", []string{"kill -9 $$"}, 137, "", "terminated with signal"},
		{"no such program", []string{"--", "no-such-program"}, 1, "", `"no-such-program" is not in PATH`},
		{"bytes", []string{"--", "printf", `\377\000\342\202`}, 0, "\xff\x00\xe2\x82", ""},
		{"much", []string{"--", "seq", "1", "100000"}, 0, sequence(100000), ""},
		{"stderr", []string{"-q", "--", "sh", "-c", "echo oh >&2"}, 0, "", "oh\n"},
		{"late", []string{"-q", "--", "sh", "-c", "echo a; sleep 0.7; echo b"}, 0, "a\nb\n", ""},
		{"environment", []string{"-e", "A=1,2", "--env", "B=", `echo "$A,$B"`}, 0, "1,2,\n", ""},
		{"name", []string{"--name", "my job", "--", "true"}, 0, "", "mesos: my-job-"},
		{"disk", []string{"--disk", "50", "--", "true"}, 0, "", ""},
		{"timeout", []string{"--timeout", "300ms", "--", "sleep", "600"}, 124, "", "--timeout=300ms is over"},
		{"timeout before an offer", []string{"--cpus", "5", "--timeout", "300ms", "--", "true"}, 124, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := mesos(t, c, append([]string{"run"}, tt.args...)...)
			if code != tt.code || stdout != tt.stdout || !strings.Contains(stderr, tt.stderr) {
				t.Errorf("got %d, %.100q, %q, want %d, %.100q, %q", code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
			}
			if slices.Contains(tt.args, "-q") && stderr != tt.stderr {
				t.Errorf("quiet: got %q on stderr, want %q", stderr, tt.stderr)
			}
		})
	}
}

func sequence(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintln(&b, i)
	}
	return b.String()
}

func TestRunInstances(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:1;mem:1024"})
	// Only two fit at a time; each ends differently.
	line := `echo "out $MESOS_EXECUTOR_ID" | sed 's/-.*\./ /'; echo err >&2; exit ${MESOS_EXECUTOR_ID##*.}`
	code, stdout, stderr := mesos(t, c, "run", "--instances", "5", "--cpus", "1", "--name", "n", line)
	if code != 1 {
		t.Errorf("got %d, want 1: the first code that is not 0", code)
	}
	lines := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
	slices.Sort(lines)
	want := []string{"[0] out n 0", "[1] out n 1", "[2] out n 2", "[3] out n 3", "[4] out n 4"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %q, want %q", lines, want)
	}
	for i := range 5 {
		if !strings.Contains(stderr, fmt.Sprintf("[%d] err\n", i)) {
			t.Errorf("stderr of instance %d is missing", i)
		}
	}
}

// The words are tasks of one pod, which share a directory; what fails says how the pod ended.
func TestRunPod(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 2, Resources: "cpus:1;mem:1024"})
	code, stdout, stderr := mesos(t, c, "run", "--pod", "--share", "d", "--", "echo hi > d/w; mv d/w d/word", "until [ -e d/word ]; do sleep 0.02; done; cat d/word")
	if code != 0 || stdout != "[1] hi\n" {
		t.Errorf("got exit code %d, output %q, stderr %q; want the second task to read what the first wrote", code, stdout, stderr)
	}
	code, _, stderr = mesos(t, c, "run", "--pod", "--", "sleep 600", "exit 7")
	if code != 7 || !strings.Contains(stderr, "killed: Command terminated") {
		t.Errorf("got exit code %d, stderr %q; want 7 and the other task killed", code, stderr)
	}
}

func TestRunURI(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		_, _ = fmt.Fprint(w, "from the web\n")
	}))
	defer s.Close()
	local := filepath.Join(t.TempDir(), "local.txt")
	if err := os.WriteFile(local, []byte("from the disk\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := cluster.Start(t, cluster.Options{})
	code, stdout, _ := mesos(t, c, "run", "-u", s.URL+"/web.txt", "--uri", "file://"+local, "--", "cat", "web.txt", "local.txt")
	if want := "from the web\nfrom the disk\n"; code != 0 || stdout != want {
		t.Errorf("got %d, %q, want 0, %q", code, stdout, want)
	}
	if n := len(asked); n != 1 {
		t.Errorf("fetched %d times, want once", n)
	}
	code, _, stderr := mesos(t, c, "run", "--uri", s.URL+"/../x", "--uri", "file:///no/such/file", "--", "true")
	if code != 1 || !strings.Contains(stderr, "/no/such/file") {
		t.Errorf("a file that is not there: got %d, %q, want 1 and its name", code, stderr)
	}
}

// startSleep runs a task that tells its process id and stays.
func startSleep(t *testing.T, c *cluster.Cluster, args ...string) (p *program, pid string) {
	t.Helper()
	p = startMesos(t, c, append(append([]string{"run"}, args...), "--", "sh", "-c", "echo $$; exec sleep 600")...)
	p.until(&p.stdout, "\n")
	return p, strings.TrimSpace(p.stdout.String())
}

// nothingLeft waits until the cluster runs neither the process nor a task or framework.
func nothingLeft(t *testing.T, c *cluster.Cluster, pid string) {
	t.Helper()
	eventually(t, "the end of process "+pid, func() bool { return !alive(t, pid) })
	for _, command := range []string{"ps", "frameworks"} {
		eventually(t, "an empty `mesos "+command+"`", func() bool {
			code, stdout, _ := mesos(t, c, command, "-o", "json")
			return code == 0 && strings.TrimSpace(stdout) == "[]"
		})
	}
	eventually(t, "free agents", func() bool {
		_, stdout, _ := mesos(t, c, "agents", "-o", "json")
		var agents []struct{ Used struct{ CPUs float64 } }
		return json.Unmarshal([]byte(stdout), &agents) == nil && len(agents) == 1 && agents[0].Used.CPUs == 0
	})
}

func TestRunInterrupted(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{})
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p, pid := startSleep(t, c)
		p.signal(sig)
		if code := p.wait(); code != 130 {
			t.Errorf("%v: got exit code %d, want 130", sig, code)
		}
		if alive(t, pid) {
			t.Errorf("%v: the task still runs when `mesos run` has ended", sig)
		}
		nothingLeft(t, c, pid)
	}
}

// TestRunKilled ends the client in a way that it cannot notice: its tasks go with it.
func TestRunKilled(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{})
	p, pid := startSleep(t, c)
	p.signal(syscall.SIGKILL)
	p.wait()
	nothingLeft(t, c, pid)
}

func TestRunWithoutRoom(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Resources: "cpus:2;mem:512"})
	p := startMesos(t, c, "run", "--cpus", "3", "--", "true")
	p.until(&p.stderr, "no offer fits; needed: cpus 3, mem 32 MB; the largest offer had cpus 2, mem 512 MB")
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 {
		t.Errorf("got exit code %d, want 130", code)
	}
}

// TestRunWithoutRoomNow waits while another has everything, and goes on when it is free.
func TestRunWithoutRoomNow(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Resources: "cpus:2;mem:512"})
	holder, _ := startSleep(t, c, "--cpus", "2", "--mem", "512")
	p := startMesos(t, c, "run", "--cpus", "1", "--", "echo", "at last")
	p.until(&p.stderr, "no offers come; needed: cpus 1, mem 32 MB; in use: 2 of 2 cpus, 512 of 512 MB")
	holder.signal(syscall.SIGINT)
	if code := p.wait(); code != 0 || p.stdout.String() != "at last\n" {
		t.Errorf("got %d, %q", code, p.stdout.String())
	}
}

// TestRunOutlivesMaster restarts the master under a task. Neither the task nor its output is lost.
func TestRunOutlivesMaster(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Separate: true, AgentFlags: []string{"--registration_backoff_factor=100ms"}})
	gate := filepath.Join(t.TempDir(), "gate")
	p := startMesos(t, c, "run", "--", "sh", "-c", "echo before; while ! [ -e "+gate+" ]; do sleep 0.05; done; echo after; exit 7")
	p.until(&p.stdout, "before\n")
	c.Master.Kill()
	p.until(&p.stderr, "the connection to the master is lost")
	c.Master.Restart()
	p.until(&p.stderr, "the master is back")
	if err := os.WriteFile(gate, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 7 || p.stdout.String() != "before\nafter\n" {
		t.Errorf("got %d, %q, want 7 and both lines", code, p.stdout.String())
	}
}

// TestStandby asks a master that does not lead and whose leader's hostname nobody can resolve.
func TestStandby(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{})
	standby := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "//"+c.Addr()+r.URL.Path)
		if r.URL.Path == "/redirect" {
			w.Header().Set("Location", "//leader.invalid:5050")
			w.Header().Set("Mesos-Leader", "master@"+c.Addr())
		}
		w.WriteHeader(http.StatusTemporaryRedirect)
	}))
	defer standby.Close()
	if code, stdout, stderr := mesos(t, c, "run", "--master", standby.URL, "-q", "--", "echo", "found"); code != 0 || stdout != "found\n" {
		t.Errorf("run: got %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := mesos(t, c, "agents", "--master", standby.URL); code != 0 || !strings.Contains(stdout, c.AgentAddr(0)) {
		t.Errorf("agents: got %d, %q, %q", code, stdout, stderr)
	}
	r, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, c.URL("/redirect"), nil))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if got, want := r.Header.Get("Mesos-Leader"), "master@"+c.Addr(); got != want {
		t.Errorf("the leader itself: got Mesos-Leader %q, want %q", got, want)
	}
}

func TestListsAndKill(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{LocalFlags: []string{"--attributes=rack:r{n}"}})
	p, pid := startSleep(t, c, "--name", "sleeper", "--cpus", "0.5")
	p.until(&p.stderr, " running\n") // its first words may come earlier

	for _, tt := range []struct {
		args string
		want []string
	}{
		{"ps", []string{"TASK", "sleeper-", "running", "0.5", "32", "run sleeper"}},
		{"agents", []string{"HOST", c.AgentAddr(0), "active", "0.5/4", "32/4096", "rack:r1"}},
		{"frameworks", []string{"FRAMEWORK", "run sleeper", "active", "*"}},
	} {
		code, stdout, stderr := mesos(t, c, strings.Fields(tt.args)...)
		for _, want := range tt.want {
			if code != 0 || !strings.Contains(stdout, want) {
				t.Errorf("mesos %s: got %d, %s%s, want %q in it", tt.args, code, stdout, stderr, want)
			}
		}
	}

	_, stdout, _ := mesos(t, c, "ps", "-o", "json")
	var tasks []struct {
		TaskID      string `json:"task_id"`
		FrameworkID string `json:"framework_id"`
		State       string
	}
	if err := json.Unmarshal([]byte(stdout), &tasks); err != nil || len(tasks) != 1 || tasks[0].State != "TASK_RUNNING" {
		t.Fatalf("ps -o json: got %s, %v", stdout, err)
	}
	if code, _, stderr := mesos(t, c, "kill", "sleeper", "--framework", "nobody"); code != 1 || !strings.Contains(stderr, "no task of a framework") {
		t.Errorf("kill in another framework: got %d, %q", code, stderr)
	}
	code, stdout, stderr := mesos(t, c, "kill", "sleep", "--framework", tasks[0].FrameworkID)
	if want := tasks[0].TaskID + " will be killed\n"; code != 0 || stdout != want {
		t.Fatalf("kill: got %d, %q, %q, want 0, %q", code, stdout, stderr, want)
	}
	if code := p.wait(); code != 143 || !strings.Contains(p.stderr.String(), "killed") {
		t.Errorf("the run whose task was killed: got %d, want 143", code)
	}
	nothingLeft(t, c, pid)
	for args, want := range map[string]string{"ps -a": "killed", "frameworks -a": "completed"} {
		if _, stdout, _ := mesos(t, c, strings.Fields(args)...); !strings.Contains(stdout, want) {
			t.Errorf("mesos %s: got %s, want %q in it", args, stdout, want)
		}
	}
	if code, _, stderr := mesos(t, c, "kill", tasks[0].TaskID); code != 1 || !strings.Contains(stderr, "does not run any more: it is killed") {
		t.Errorf("second kill: got %d, %q", code, stderr)
	}
}

func TestCommandsWithoutMaster(t *testing.T) {
	t.Parallel()
	addr := fmt.Sprintf("127.0.0.1:%d", cluster.FreePort(t))
	for _, args := range [][]string{{"run", "--", "true"}, {"ps"}, {"agents"}, {"frameworks"}, {"kill", "x"}} {
		p := startProgram(t, cluster.Binary(t, "mesos"), []string{"MESOS_MASTER=" + addr}, args...)
		code := p.wait()
		want := "mesos: no master at " + addr + ": start one with `mesos local`, or name it with --master or MESOS_MASTER"
		if got := p.stderr.String(); code != 1 || !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 1 {
			t.Errorf("%v: got %d, %q, want 1, %q", args, code, got, want)
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	for _, c := range []struct{ word, want string }{
		{"rnu", `unknown command "rnu": did you mean run?`},
		{"xyzzyq", "`mesos --help` lists them"},
	} {
		out, err := exec.Command(cluster.Binary(t, "mesos"), c.word).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), c.want) {
			t.Errorf("mesos %s: %v, %q, want exit code 2 and %q", c.word, err, out, c.want)
		}
	}
}
