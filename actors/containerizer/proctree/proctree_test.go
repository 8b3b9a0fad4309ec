package proctree

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// start runs a shell script as leader of its own session and waits until the
// script has printed n process ids, one a line.
func start(t *testing.T, n int, script string, env ...string) (cmd *exec.Cmd, pids []int) {
	t.Helper()
	cmd = exec.Command("/bin/sh", "-c", script)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for len(pids) < n && lines.Scan() {
		pid, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatalf("script printed %q, want a process id", lines.Text())
		}
		pids = append(pids, pid)
	}
	t.Cleanup(func() {
		Kill(func() []int {
			if cmd.ProcessState != nil { // reaped: the number is no longer ours
				return pids
			}
			return append(Session(cmd.Process.Pid), pids...)
		}, 5*time.Second)
		if cmd.ProcessState == nil {
			cmd.Wait()
		}
	})
	if len(pids) != n {
		t.Fatalf("script printed %d process ids, want %d", len(pids), n)
	}
	return cmd, pids
}

// family is a shell with a child that has a child, and a second child in a
// session of its own.
const family = `
sh -c 'sleep 1000 & echo $!; wait' &
echo $!
setsid sh -c 'echo $$; exec sleep 1001' &
wait`

func TestDescendants(t *testing.T) {
	cmd, pids := start(t, 3, family)
	got := Descendants(cmd.Process.Pid)
	for _, p := range pids {
		if !slices.Contains(got, p) {
			t.Errorf("got descendants %v, want %d among them", got, p)
		}
	}
	if slices.Contains(got, cmd.Process.Pid) {
		t.Errorf("got descendants %v, want them without the root %d", got, cmd.Process.Pid)
	}
	if byParent := childrenByParent()(cmd.Process.Pid); !slices.Contains(pids, byParent[0]) {
		t.Errorf("got children by parent %v, want some of %v", byParent, pids)
	}
}

func TestSessionFindsOtherGroups(t *testing.T) {
	cmd, pids := start(t, 1, `timeout 1000 sleep 1001 & echo $!; wait`)
	for getpgid(pids[0]) != pids[0] { // timeout(1) makes itself a group
		time.Sleep(time.Millisecond)
	}
	if got := Session(cmd.Process.Pid); !slices.Contains(got, pids[0]) || !slices.Contains(got, cmd.Process.Pid) {
		t.Errorf("got session %v, want %d and %d", got, cmd.Process.Pid, pids[0])
	}
}

func TestMarked(t *testing.T) {
	mark := "PROCTREE_TEST=" + t.TempDir()
	cmd, pids := start(t, 1, `sleep 1000 & echo $!; wait`, mark)
	other, _ := start(t, 1, `echo $$; wait; exec sleep 1000`, mark+"x")
	got := Marked([]string{mark, "NOBODY=has this"})
	want := []int{cmd.Process.Pid, pids[0]}
	slices.Sort(got[mark])
	slices.Sort(want)
	if !slices.Equal(got[mark], want) || len(got) != 1 {
		t.Errorf("got %v, want %v under the mark alone (and not %d)", got, want, other.Process.Pid)
	}
}

func TestKillFindsWhatDaemonized(t *testing.T) {
	mark := "PROCTREE_TEST=" + t.TempDir()
	// The inner shell ends at once, so that the sleeper's parent is no longer
	// in the tree, and its session is its own.
	cmd, pids := start(t, 2, `setsid sh -c 'sleep 1000 & echo $!' ; sleep 1001 & echo $!; wait`, mark)
	if got := Descendants(cmd.Process.Pid); slices.Contains(got, pids[0]) {
		t.Fatalf("got the daemon %d among the descendants %v, want it orphaned", pids[0], got)
	}
	dead := Kill(func() []int {
		return append(Session(cmd.Process.Pid), Marked([]string{mark})[mark]...)
	}, 5*time.Second)
	if !dead {
		t.Errorf("got some alive, want all dead")
	}
	for _, p := range append(pids, cmd.Process.Pid) {
		if Alive(p) {
			t.Errorf("got %d alive, want it dead", p)
		}
	}
}

func TestKillCatchesForkers(t *testing.T) {
	// Two processes that replace themselves as fast as they can.
	mark := "PROCTREE_TEST=" + t.TempDir()
	cmd, _ := start(t, 1, `echo $$; f() { sh -c 'sleep 0.001'; }; while :; do f & f; done`, mark)
	Kill(func() []int { return Session(cmd.Process.Pid) }, 5*time.Second)
	if left := Marked([]string{mark})[mark]; len(left) > 0 {
		t.Errorf("got %v left of the tree, want none", left)
	}
}

func TestKillSparesItself(t *testing.T) {
	if !Kill(func() []int { return nil }, time.Second) {
		t.Error("got something alive in an empty tree")
	}
	up := ancestors()
	for _, pid := range []int{1, os.Getpid(), os.Getppid()} {
		if !up[pid] {
			t.Errorf("got ancestors %v, want %d among them", up, pid)
		}
	}
}

func TestSignalReachesStopped(t *testing.T) {
	cmd, pids := start(t, 1, `sleep 1000 & echo $!; kill -STOP $!; wait`)
	if n := Signal(func() []int { return []int{cmd.Process.Pid} }, syscall.SIGTERM); n != 2 {
		t.Errorf("got %d signalled, want 2", n)
	}
	cmd.Wait()
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signal() != syscall.SIGTERM {
		t.Errorf("got status %v, want terminated by SIGTERM", Describe(ws))
	}
	for Alive(pids[0]) { // its new parent reaps it when it likes
		time.Sleep(time.Millisecond)
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		status syscall.WaitStatus
		want   string
	}{
		{0, "exited with status 0"},
		{4 << 8, "exited with status 4"},
		{9, "terminated with signal Killed"},
		{15, "terminated with signal Terminated"},
		{11 | 0x80, "terminated with signal Segmentation fault (core dumped)"},
		{36, "terminated with signal Real-time signal 2"},
	}
	for _, tt := range tests {
		if got := Describe(tt.status); got != tt.want {
			t.Errorf("%d: got %q, want %q", int(tt.status), got, tt.want)
		}
	}
}

func BenchmarkSession(b *testing.B) {
	b.ReportMetric(float64(len(pids())), "processes")
	for b.Loop() {
		Session(os.Getpid())
	}
}

func BenchmarkMarked(b *testing.B) {
	for b.Loop() {
		Marked([]string{"MESOS_SANDBOX=/nowhere"})
	}
}
