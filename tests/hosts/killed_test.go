package hosts

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"mesos/tests/cluster"
)

// victimEnv marks the processes of TestVictim.
const victimEnv = "HOSTS_VICTIM"

// A run that is killed leaves no process, no cgroup and no device. What is left in
// its namespaces goes with its last process.
func TestKilledRunLeavesNothing(t *testing.T) {
	needNamespaces(t)
	mark := victimEnv + "=" + t.TempDir()
	ready := strings.TrimPrefix(mark, victimEnv+"=") + "/ready"
	var out bytes.Buffer
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestVictim$", "-test.v")
	cmd.Env = append(os.Environ(), stageEnv+"=", mark)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cluster.StartIn(nil, cmd); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is killed
	}()
	gaveUp := false
	eventually(t, "the victim to be ready", func() string {
		select {
		case <-ended:
			gaveUp = true
			return ""
		default:
		}
		_, err := os.Stat(ready)
		if err != nil {
			return err.Error()
		}
		return ""
	})
	if gaveUp && strings.Contains(out.String(), "--- SKIP: TestVictim") {
		t.Skip(out.String())
	}
	if gaveUp {
		t.Fatalf("the victim has ended: %s", out.String())
	}
	all := marked(t, mark)
	if len(all) < 5 { // outside, process 1, the tests, two sleepers
		t.Errorf("processes of the victim: got %v, want 5 at least", all)
	}
	var tests int
	for pid, env := range all {
		if strings.Contains(env, stageEnv+"="+stageInside) {
			tests = pid
		}
	}
	if err := syscall.Kill(tests, syscall.SIGKILL); err != nil {
		t.Fatalf("kill of process %d: %v", tests, err)
	}
	<-ended
	if left := marked(t, mark); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
	if text := out.String(); cmd.ProcessState.ExitCode() != 1 || strings.Contains(text, "left behind") || !strings.Contains(text, "ended by killed") {
		t.Errorf("the run that was killed: got exit code %d and\n%s", cmd.ProcessState.ExitCode(), text)
	}
}

// TestVictim fills a network and a slow disk with life, and waits to be killed.
func TestVictim(t *testing.T) {
	dir := os.Getenv(victimEnv)
	if dir == "" {
		t.Skip("it is for TestKilledRunLeavesNothing")
	}
	n, d := newNetwork(t), newDisk(t)
	for _, name := range []string{"a", "b"} {
		cmd := exec.Command("sleep", "100000")
		cmd.Env, cmd.Dir = []string{victimEnv + "=" + dir}, d.data()
		if err := cluster.StartIn(n.host(name).ns, cmd); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(d.group, "cgroup.procs"), []byte(strconv.Itoa(cmd.Process.Pid)), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(dir+"/ready", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	select {}
}

// marked are the processes that have a variable, with all their variables.
func marked(t *testing.T, variable string) map[int]string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]string{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)) // it may have ended
		if bytes.Contains(env, []byte(variable+"\x00")) {
			out[pid] = string(env)
		}
	}
	return out
}
