package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"mesos/tests/cluster"
	"mesos/tests/zookeeper"
)

// debianPython is the interpreter that Debian's packages are for.
const debianPython = "/usr/bin/python3"

// debianPackages are what pymesos needs and what is compiled code, which Debian has built.
var debianPackages = []string{"python3-http-parser", "python3-six", "python3-kazoo", "python3-venv"}

// pythonReady is nil if the interpreter has what pymesos needs, after installing it where that may be done.
var pythonReady = sync.OnceValues(func() (skip string, err error) {
	if _, err := exec.LookPath(debianPython); err != nil {
		return fmt.Sprintf("pymesos needs Debian's python3: %v", err), nil
	}
	probe := func() ([]byte, error) {
		return exec.Command(debianPython, "-c", "import http_parser.parser, six, kazoo, ensurepip").CombinedOutput()
	}
	if _, err := probe(); err == nil {
		return "", nil
	}
	if skip, err := cluster.Debian(debianPackages...); skip != "" || err != nil {
		return "pymesos: " + skip, err
	}
	if out, err := probe(); err != nil {
		return "", fmt.Errorf("packages of pymesos after their installation: %w\n%s", err, out)
	}
	return "", nil
})

// pymesos makes a virtual environment with the packages that requirements.txt pins, checked by their hashes, and
// returns its interpreter. It is kept among what make builds.
var pymesos = sync.OnceValues(func() (string, error) {
	root, err := cluster.Root()
	if err != nil {
		return "", err
	}
	want, err := os.ReadFile(filepath.Join(root, "tests/clients/pymesos/requirements.txt"))
	if err != nil {
		return "", err
	}
	venv := filepath.Join(root, "bin", "pymesos")
	python, done := filepath.Join(venv, "bin", "python3"), filepath.Join(venv, "requirements.txt")
	if have, err := os.ReadFile(done); err == nil && string(have) == string(want) {
		return python, nil
	}
	for _, argv := range [][]string{
		{debianPython, "-m", "venv", "--clear", "--system-site-packages", venv},
		{
			python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes",
			"-r", filepath.Join(root, "tests/clients/pymesos/requirements.txt"),
		},
	} {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", strings.Join(argv, " "), err, out)
		}
	}
	return python, os.WriteFile(done, want, 0o644)
})

// TestPymesos runs a scheduler, an executor and both operator drivers of pymesos: JSON all the way, parsed by hand.
func TestPymesos(t *testing.T) {
	t.Parallel()
	testPymesos(t, nil)
}

// testPymesos runs them with the master's address, or with that of a ZooKeeper server where the master is announced.
func testPymesos(t *testing.T, zk *zookeeper.Server) {
	if skip, err := pythonReady(); err != nil {
		t.Fatal(err)
	} else if skip != "" {
		t.Skip(skip)
	}
	python, err := pymesos()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("pymesos")
	if err != nil {
		t.Fatal(err)
	}
	const tasks = "4"
	o := cluster.Options{Separate: true}
	if zk != nil {
		o.MasterFlags, o.Detect = []string{"--zk_announce=" + zk.URL()}, zk.URL()
	}
	cl := cluster.Start(t, o)
	master := cl.Addr()
	if zk != nil {
		master = zk.URL()
	}
	r := run(t, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, python, filepath.Join(here, "run.py"), master, cl.AgentAddr(0), me(t), tasks,
			"exec '"+python+"' '"+filepath.Join(here, "executor.py")+"'", cl.Addr())
	})
	if r.code != 0 {
		t.Errorf("exit code: got %d, want 0", r.code)
	}
	for line, want := range map[string]int{
		`SUBSCRIBED \S+`: 1, `UPDATE \S+ TASK_RUNNING`: 4, `UPDATE \S+ TASK_FINISHED`: 4, `MESSAGE hello from task-[0-3]`: 4,
		`FRAMEWORK pymesos`: 1, `ADDED task-[0-3]`: 4, `UPDATED task-[0-3] TASK_RUNNING`: 4, `UPDATED task-[0-3] TASK_FINISHED`: 4,
		`CONTAINERS 1`: 1, `VERSION 1\.\d+\.\d+`: 1, `HEALTHY True`: 1, `AGENTS 1`: 1, `ROLES .*\*.*`: 1, `FRAMEWORKS pymesos`: 1,
		`MASTER \d+`: 1, `COMPLETED 4`: 1, `STOPPED`: 1,
	} {
		if got := len(regexp.MustCompile(`(?m)^`+line+`$`).FindAllString(r.output, -1)); got < want { // an update may come twice
			t.Errorf("lines %q: got %d, want %d", line, got, want)
		}
	}
	if line := lineWith(r.output, "[ERROR]"); line != "" {
		t.Errorf("pymesos complains: %s", line)
	}
	if ids := frameworkIDs(t, cl); len(ids) != 0 {
		t.Errorf("frameworks after the driver's stop: got %q, want none", ids)
	}
}
