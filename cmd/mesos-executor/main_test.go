package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/containerizer/proctree"
	"mesos/actors/executor"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// program is the path of mesos-executor, built as it is shipped.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "mesos-executor")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "mesos-executor")
	build := exec.Command("go", "build", "-o", dir+"/", ".", "../mesos-probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestLinksNothingHeavy(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	banned := map[string]string{
		"net/http":                 "the agent is reached over an actor link",
		"crypto/tls":               "2 MB, and the link is to the same machine",
		"mesos/actors":             "the actor library costs 2.8 MB empty",
		"github.com/urfave/cli/v2": "there are no flags",
	}
	for _, dep := range strings.Fields(string(out)) {
		if why, ok := banned[dep]; ok {
			t.Errorf("got %s linked, want it not: %s", dep, why)
		}
	}
}

func TestRun(t *testing.T) {
	no := false
	tests := []struct {
		name    string
		command *v1.CommandInfo
		last    string
		stdout  string
	}{
		{"finished", shell("echo hello"), "FINISHED Command exited with status 0", "hello\n"},
		{"failed", shell("exit 4"), "FAILED Command exited with status 4", ""},
		{"signal", shell("kill -TERM $$"), "FAILED Command terminated with signal Terminated", ""},
		{"arguments", &v1.CommandInfo{Shell: &no, Value: proto.String("/bin/sh"), Arguments: []string{"me", "-c", "echo $0 $1", "x", "y z"}}, "FINISHED Command exited with status 0", "x y z\n"},
		{"environment", &v1.CommandInfo{Value: proto.String("echo $MESOS_EXECUTOR_ID $MESOS_ALLOCATION_ROLE $A $S ${MESOS_EXECUTOR_AUTHENTICATION_TOKEN-none}"), Environment: &v1.Environment{Variables: []*v1.Environment_Variable{
			{Name: proto.String("A"), Value: proto.String("a")},
			{Name: proto.String("S"), Type: v1.Environment_Variable_SECRET.Enum(), Secret: &v1.Secret{Type: v1.Secret_VALUE.Enum(), Value: &v1.Secret_Value{Data: []byte("s")}}},
		}}}, "FINISHED Command exited with status 0", "t web/a a s none\n"},
		{"leads its group", shell(`[ "$(ps -o pgid= -p $$ | tr -d ' ')" = $$ ] && echo yes`), "FINISHED Command exited with status 0", "yes\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newAgent(t, "127.0.0.1:0").run(nil)
			p.subscribe()
			p.launch(tt.command)
			p.update("STARTING")
			p.update("RUNNING")
			p.update(tt.last)
			p.ends(0)
			if got := p.stdout(); got != tt.stdout {
				t.Errorf("got output %q, want %q and nothing of the executor's", got, tt.stdout)
			}
		})
	}
}

func TestCommandDoesNotStart(t *testing.T) {
	no := false
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.launch(&v1.CommandInfo{Shell: &no, Value: proto.String("/no/such/program")})
	p.update("STARTING")
	s := p.update("FAILED Command did not start: exec failed: /no/such/program: no such file or directory")
	if s.GetReason() != v1.TaskStatus_REASON_CONTAINER_LAUNCH_FAILED {
		t.Errorf("got reason %v, want REASON_CONTAINER_LAUNCH_FAILED", s.GetReason())
	}
	p.ends(0)
}

func TestUserIsHonoured(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can switch users")
	}
	p := newAgent(t, "127.0.0.1:0").run(nil)
	for d := p.dir; d != os.TempDir(); d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	p.subscribe()
	p.launch(&v1.CommandInfo{Value: proto.String("id -un"), User: proto.String("nobody")})
	p.update("STARTING")
	p.update("RUNNING")
	p.update("FINISHED Command exited with status 0")
	p.ends(0)
	if got := p.stdout(); got != "nobody\n" {
		t.Errorf("got %q, want nobody", got)
	}
}

func TestKillReachesTheWholeTree(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe(v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	// The daemon refuses SIGTERM; when the command is gone it is killed.
	p.launch(shell(`setsid sh -c 'trap "" TERM; (setsid sh -c "echo \$\$ > daemon; while :; do sleep 1; done") &'
sleep 1000 & echo $! > child; wait`))
	p.update("STARTING")
	p.update("RUNNING")
	pids := []int{p.pid("daemon"), p.pid("child")}
	p.kill()
	p.update("KILLING")
	p.update("KILLED Command terminated with signal Terminated")
	for _, pid := range pids {
		if proctree.Alive(pid) {
			t.Errorf("got %d alive after TASK_KILLED, want it dead", pid)
		}
	}
	p.ends(0)
}

func TestKillEscalates(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.launch(shell(`trap "" TERM; echo $$ > ready; while :; do sleep 1; done`))
	p.update("STARTING")
	p.update("RUNNING")
	p.pid("ready")
	e := &executorv1.Event{Type: executorv1.Event_KILL.Enum(), Kill: &executorv1.Event_Kill{
		TaskId:     &v1.TaskID{Value: proto.String("t")},
		KillPolicy: &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(50 * time.Millisecond))}},
	}}
	p.send(e)
	p.update("KILLED Command terminated with signal Killed")
	p.ends(0)
}

func TestMaxCompletionTime(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe(v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	task := p.task(shell(`trap "" TERM; while :; do sleep 1; done`))
	task.MaxCompletionTime = &v1.DurationInfo{Nanoseconds: proto.Int64(int64(100 * time.Millisecond))}
	p.launchTask(task)
	p.update("STARTING")
	p.update("RUNNING")
	s := p.update("FAILED Command did not end within its max_completion_time of 100ms")
	if s.GetReason() != v1.TaskStatus_REASON_MAX_COMPLETION_TIME_REACHED {
		t.Errorf("got reason %v, want REASON_MAX_COMPLETION_TIME_REACHED", s.GetReason())
	}
	p.ends(0)
}

func TestLeftoversDieBeforeTheEndIsTold(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.launch(shell(`(setsid sleep 1000 & echo $! > daemon); exit 0`))
	p.update("STARTING")
	p.update("RUNNING")
	p.update("FINISHED Command exited with status 0")
	if pid := p.pid("daemon"); proctree.Alive(pid) {
		t.Errorf("got the daemon %d alive, want it dead", pid)
	}
	p.ends(0)
}

func TestShutdown(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.launch(shell("sleep 1000"))
	p.update("STARTING")
	p.update("RUNNING")
	p.send(&executorv1.Event{Type: executorv1.Event_SHUTDOWN.Enum()})
	p.update("KILLED Command terminated with signal Terminated")
	p.ends(0)
}

func TestCommandDiesWithTheExecutor(t *testing.T) {
	p := newAgent(t, "127.0.0.1:0").run(nil)
	p.subscribe()
	p.launch(shell("echo $$ > pid; exec sleep 1000"))
	p.update("STARTING")
	p.update("RUNNING")
	pid := p.pid("pid")
	p.cmd.Process.Kill()
	p.ends(-1)
	for proctree.Alive(pid) {
		time.Sleep(time.Millisecond)
	}
}

func TestAgentRestarts(t *testing.T) {
	a := newAgent(t, "127.0.0.1:0")
	p := a.run(func(c *executor.Config) { c.Checkpoint = true })
	p.subscribe()
	if err := syscall.Mkfifo(filepath.Join(p.dir, "go"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.launch(shell("read x < go; echo done"))
	p.update("STARTING")
	running := p.call(executorv1.Call_UPDATE).GetUpdate().GetStatus() // not acknowledged
	addr := a.net.Addr()
	a.net.Close()
	b := newAgent(t, addr)
	p.a = b
	c := p.subscribe()
	updates := c.GetSubscribe().GetUnacknowledgedUpdates()
	if len(updates) != 1 || string(updates[0].GetStatus().GetUuid()) != string(running.GetUuid()) {
		t.Errorf("got unacknowledged updates %v, want that of TASK_RUNNING", updates)
	}
	if len(c.GetSubscribe().GetUnacknowledgedTasks()) != 0 {
		t.Errorf("got unacknowledged tasks %v, want none: an update was acknowledged", c.GetSubscribe().GetUnacknowledgedTasks())
	}
	p.ack(running)
	if err := os.WriteFile(filepath.Join(p.dir, "go"), []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	p.update("FINISHED Command exited with status 0")
	p.ends(0)
	if b, _ := os.ReadFile(p.err.Name()); strings.Count(string(b), "the agent cannot be reached") != 1 || !strings.Contains(string(b), "agent="+addr) || strings.Count(string(b), "the agent is back") != 1 {
		t.Errorf("stderr: got %q, want once that the agent at %s cannot be reached, and that it is back", b, addr)
	}
}

func TestAgentGone(t *testing.T) {
	tests := []struct {
		name string
		set  func(*executor.Config)
	}{
		{"no checkpoint", nil},
		{"beyond the recovery timeout", func(c *executor.Config) {
			c.Checkpoint, c.RecoveryTimeout = true, 100*time.Millisecond
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAgent(t, "127.0.0.1:0")
			p := a.run(tt.set)
			p.subscribe()
			p.launch(shell("echo $$ > pid; exec sleep 1000"))
			p.update("STARTING")
			p.update("RUNNING")
			pid := p.pid("pid")
			a.net.Close()
			p.ends(0)
			if proctree.Alive(pid) {
				t.Errorf("got the command %d alive, want it dead", pid)
			}
		})
	}
}

func TestStartedByHand(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}} {
		cmd := exec.Command(program, args...)
		cmd.Env = []string{}
		var complaint strings.Builder
		cmd.Stderr = &complaint
		out, _ := cmd.Output()
		if cmd.ProcessState.ExitCode() != 1 || len(out) > 0 || !strings.Contains(complaint.String(), "agent") {
			t.Errorf("%q: got status %v, output %q, %q, want 1 and a hint at the agent", args, cmd.ProcessState, out, &complaint)
		}
	}
}
