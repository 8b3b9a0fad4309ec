package e2e

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/tests/cluster"
)

// TestAttach attaches to a task with a terminal, leaves it, kills the agent, and
// attaches again: the same shell is there.
func TestAttach(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	b := startTasks(t, c, &v1.TaskInfo{
		Name: proto.String("shell"), TaskId: ids.Task("shell"), Resources: resources.MustParse("cpus:0.5;mem:32").Proto(),
		Command: &v1.CommandInfo{Value: proto.String("exec sh")},
		Container: &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), TtyInfo: &v1.TTYInfo{
			WindowSize: &v1.TTYInfo_WindowSize{Rows: proto.Uint32(11), Columns: proto.Uint32(22)},
		}},
	})
	in := func(state v1.TaskState) func() bool {
		return func() bool { return slices.Contains(b.states("shell"), state) }
	}
	eventually(t, "the task to run", in(v1.TaskState_TASK_RUNNING))
	s := startAtTerminal(t, c, "attach", "shell")
	s.Type("WHO=me; stty size; echo set $((40+2))\r")
	s.until(&s.stdout, "set 42")
	if !strings.Contains(s.stdout.String(), "24 80") {
		t.Errorf("got %q, want the size of the terminal before the person", s.stdout.String())
	}
	s.Type("\x10\x11")
	if code := s.wait(); code != 0 {
		t.Errorf("Ctrl-P Ctrl-Q: got exit code %d, want 0", code)
	}
	eventually(t, "its last words", func() bool { return strings.Contains(s.stdout.String(), "detached") }) // the terminal has them for a moment yet
	c.Agents[0].Kill()
	c.Agents[0].Restart()
	eventually(t, "the agent to have recovered", func() bool {
		code, _ := post(t, c.Agents[0].URL("/api/v1"), "application/json", "", strings.NewReader(`{"type":"WAIT_CONTAINER","wait_container":{"container_id":{"value":"none"}}}`))
		return code == 404
	})
	s = startAtTerminal(t, c, "attach", "shell")
	s.Type("echo still $WHO\r")
	s.until(&s.stdout, "still me")
	s.Type("exit 3\r")
	if code := s.wait(); code != 0 {
		t.Errorf("the task's end: got exit code %d, want 0", code)
	}
	eventually(t, "the task to fail", in(v1.TaskState_TASK_FAILED))
}

// TestLogs follows a task to its end, and reads what it left.
func TestLogs(t *testing.T) {
	t.Parallel()
	c := cluster.Start(t, cluster.Options{Agents: 1, Separate: true})
	run := startMesos(t, c, "run", "--name", "talker", "--", "sh", "-c", "echo one; echo oops >&2; while [ ! -e go ]; do sleep 0.05; done; echo two; while [ ! -e end ]; do sleep 0.05; done")
	run.until(&run.stdout, "one")
	logs := startMesos(t, c, "logs", "-f", "talker")
	logs.until(&logs.stdout, "one")
	if code, stdout, _ := mesos(t, c, "logs", "talker", "stderr"); code != 0 || !strings.Contains(stdout, "oops") {
		t.Errorf("stderr: got %d, %q", code, stdout)
	}
	if code, _, stderr := mesos(t, c, "logs", "talker", "none"); code != 1 || !strings.Contains(stderr, "none") {
		t.Errorf("a file that is not there: got %d, %q", code, stderr)
	}
	if code, _, stderr := mesos(t, c, "exec", "talker", "--", "touch", "go"); code != 0 {
		t.Errorf("exec: got %d, %q", code, stderr)
	}
	logs.until(&logs.stdout, "two")
	mesos(t, c, "exec", "talker", "--", "touch", "end") // and may be killed by the end of the task that it brings about
	if code := logs.wait(); code != 0 || logs.stdout.String() != "one\ntwo\n" {
		t.Errorf("got %d, %q, want 0, one and two", code, logs.stdout.String())
	}
	run.wait()
}
