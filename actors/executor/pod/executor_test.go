package pod

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/executor"
	"mesos/messages/draining"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
)

func TestPod(t *testing.T) {
	s := newStage(t, nil)
	s.launch(task("a", nil), task("b", nil))
	s.then("STARTING a; STARTING b; launch X.c1; launch X.c2; link a to c1; link b to c2; wait X.c1; RUNNING a; wait X.c2; RUNNING b")
	s.ends("c1", 0)
	s.then("FINISHED a (Command exited with status 0)")
	s.launch(task("a", nil)) // the id is free again
	s.then("STARTING a; launch X.c3; link a to c3; wait X.c3; RUNNING a")
	s.ends("c2", 0)
	s.then("FINISHED b (Command exited with status 0)")
	s.ends("c3", 0)
	s.then("FINISHED a (Command exited with status 0); leave")
	if got := path(s.updates[0].GetContainerStatus().GetContainerId()); got != "X.c1" {
		t.Errorf("update of a has container %s, want its own", got)
	}
}

// A task alone, by LAUNCH, is a group of one.
func TestSingleTask(t *testing.T) {
	s := newStage(t, nil)
	s.event(&executorv1.Event{Type: executorv1.Event_LAUNCH.Enum(), Launch: &executorv1.Event_Launch{Task: task("a", nil)}})
	s.then("STARTING a; launch X.c1; link a to c1; wait X.c1; RUNNING a")
	s.ends("c1", 3<<8)
	s.then("FAILED a (Command exited with status 3); leave")
}

func TestOneFailureEndsTheGroup(t *testing.T) {
	s := newStage(t, killing)
	s.running(nil)
	s.launch(task("z", nil)) // another group
	s.then("STARTING z; launch X.c3; link z to c3; wait X.c3; RUNNING z")
	s.ends("c1", 1<<8)
	s.then("FAILED a (Command exited with status 1); KILLING b; TERM X.c2")
	s.pass(DefaultGracePeriod - 1)
	s.then("")
	s.pass(1)
	s.then("KILL X.c2")
	s.ends("c2", 9)
	s.then("KILLED b (Command terminated with signal Killed)")
	s.ends("c3", 0)
	s.then("FINISHED z (Command exited with status 0); leave")
}

func TestKeptGroup(t *testing.T) {
	s := newStage(t, func(e *executorv1.Event_Subscribed, _ *executor.Config) {
		e.ExecutorInfo.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String(OnFailure), Value: proto.String("continue")}}}
	})
	s.running(nil)
	s.ends("c1", 1<<8)
	s.then("FAILED a (Command exited with status 1)")
	s.ends("c2", 0)
	s.then("FINISHED b (Command exited with status 0); leave")
}

func TestKill(t *testing.T) {
	s := newStage(t, killing)
	s.running(func(a *v1.TaskInfo) { a.KillPolicy = policy(time.Minute) })
	s.kill("other", nil)
	s.then("")
	s.kill("a", nil)
	s.kill("a", nil)
	s.then("KILLING a; TERM X.c1")
	s.pass(10 * time.Second)
	s.kill("a", policy(15*time.Second))
	s.kill("a", policy(time.Hour)) // no kill is slowed down
	s.pass(5*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("KILL X.c1")
	s.ends("c1", 9)
	s.then("KILLED a (Command terminated with signal Killed); KILLING b; TERM X.c2")
	s.ends("c2", 0) // even so
	s.then("KILLED b (Command exited with status 0); leave")
}

// TestDraining: TASK_KILLING is told at once, and the SIGTERM comes when nobody sends clients any more; a shutdown does not wait.
func TestDraining(t *testing.T) {
	drained := func(a *v1.TaskInfo) {
		a.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String(draining.Label), Value: proto.String("10secs")}}}
	}
	begin := func(p *v1.KillPolicy) *stage {
		s := newStage(t, killing)
		s.running(drained)
		s.kill("a", p)
		s.kill("a", nil)
		s.then("KILLING a")
		return s
	}
	s := begin(nil)
	s.pass(10*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("TERM X.c1")
	s.pass(DefaultGracePeriod)
	s.then("KILL X.c1")

	s = begin(policy(12 * time.Second))
	s.pass(10 * time.Second)
	s.then("TERM X.c1")
	s.pass(2 * time.Second)
	s.then("KILL X.c1")

	s = begin(nil)
	s.pass(time.Second)
	s.kill("a", policy(time.Second))
	s.then("TERM X.c1")
	s.pass(time.Second)
	s.then("KILL X.c1")

	s = begin(nil)
	s.shutdown()
	s.then("TERM X.c1; KILLING b; TERM X.c2")
}

func TestKillWhileLaunching(t *testing.T) {
	s := newStage(t, nil)
	s.launch(task("a", nil), task("b", nil))
	s.kill("b", nil)
	s.then("STARTING a; STARTING b; launch X.c1; launch X.c2; link a to c1; link b to c2; TERM X.c2; wait X.c1; RUNNING a; wait X.c2")
	s.ends("c2", 15)
	s.then("KILLED b (Command terminated with signal Terminated); TERM X.c1")
	s.ends("c1", 15)
	s.then("KILLED a (Command terminated with signal Terminated); leave")
}

// One container does not start: the group does not run.
func TestStartFails(t *testing.T) {
	s := newStage(t, nil)
	s.fails["c1"] = "no such program"
	s.launch(task("a", nil), task("b", nil))
	s.then("STARTING a; STARTING b; launch X.c1; launch X.c2; FAILED a REASON_CONTAINER_LAUNCH_FAILED (Container did not start: no such program); link b to c2; TERM X.c2; wait X.c2")
	s.ends("c2", 15)
	s.then("KILLED b (Command terminated with signal Terminated); leave")

	s = newStage(t, nil)
	s.fails["c2"] = "no such program"
	s.launch(task("a", nil), task("b", nil))
	s.then("STARTING a; STARTING b; launch X.c1; launch X.c2; link a to c1; FAILED b REASON_CONTAINER_LAUNCH_FAILED (Container did not start: no such program); TERM X.c1; wait X.c1")
	s.ends("c1", 15)
	s.then("KILLED a (Command terminated with signal Terminated); leave")
}

func TestMaxCompletionTime(t *testing.T) {
	s := newStage(t, killing)
	s.running(func(a *v1.TaskInfo) { a.MaxCompletionTime = policy(90 * time.Second).GracePeriod })
	s.pass(90*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("KILL X.c1")
	s.kill("a", nil) // too late to be the cause
	s.ends("c1", 9)
	s.then("FAILED a REASON_MAX_COMPLETION_TIME_REACHED (Command did not end within its max_completion_time of 90secs); KILLING b; TERM X.c2")
}

func TestOutcomes(t *testing.T) {
	over := v1.TaskStatus_REASON_CONTAINER_LIMITATION_MEMORY
	for name, x := range map[string]struct {
		w    *agentv1.Response_WaitContainer
		want string
	}{
		"status 0":   {&agentv1.Response_WaitContainer{ExitStatus: proto.Int32(0)}, "FINISHED a (Command exited with status 0); leave"},
		"status 7":   {&agentv1.Response_WaitContainer{ExitStatus: proto.Int32(7 << 8)}, "FAILED a (Command exited with status 7); leave"},
		"not known":  {&agentv1.Response_WaitContainer{}, "FAILED a (How the command ended is not known); leave"},
		"over limit": {&agentv1.Response_WaitContainer{ExitStatus: proto.Int32(9), State: v1.TaskState_TASK_FAILED.Enum(), Reason: &over, Message: proto.String("too much")}, "FAILED a REASON_CONTAINER_LIMITATION_MEMORY (too much); leave"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, nil)
			s.launch(task("a", nil))
			s.pass(0)
			s.lines = nil
			s.endsAs("c1", x.w)
			s.then(x.want)
		})
	}
}

func TestShutdown(t *testing.T) {
	s := newStage(t, nil)
	s.shutdown()
	s.then("leave")

	s = newStage(t, nil)
	s.running(func(a *v1.TaskInfo) { a.KillPolicy = policy(time.Hour) })
	s.shutdown()
	s.launch(task("z", nil))
	s.pass(0)
	got := strings.Join(s.lines, "; ")
	if !strings.Contains(got, "TERM X.c1") || !strings.Contains(got, "TERM X.c2") || !strings.Contains(got, "KILLED z (The executor was shut down before the task started)") {
		t.Fatalf("got %q, want both tasks asked to end and the late one refused", got)
	}
	s.lines = nil
	s.pass(3 * time.Second)
	s.then("KILL X.c2")
	s.pass(time.Second)
	s.then("KILL X.c1")
	s.ends("c1", 9)
	s.ends("c2", 9)
	s.then("KILLED a (Command terminated with signal Killed); KILLED b (Command terminated with signal Killed); leave")

	s = newStage(t, nil)
	s.running(nil)
	s.shutdown()
	s.lines = nil
	s.pass(5 * time.Second) // and they do not die
	if got := s.lines[len(s.lines)-1]; got != "leave" {
		t.Errorf("got %q in the end, want it to leave", got)
	}
}

func checkpointing(_ *executorv1.Event_Subscribed, c *executor.Config) { c.Checkpoint = true }

// The agent restarts: what it did not answer is asked again, what it did is not.
func TestAgentRestarts(t *testing.T) {
	s := newStage(t, checkpointing)
	s.running(nil)
	s.d.Exited(agent.Addr)
	s.kill("a", nil) // a late one: it is not lost either
	s.ids = 10
	s.event(&executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{}})
	s.then("")
	s.pass(time.Minute) // it subscribes again
	s.event(&executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{ContainerId: &v1.ContainerID{Value: proto.String("X")}}})
	s.then("wait X.c1; wait X.c2")
	s.ends("c1", 0)
	s.then("FINISHED a (Command exited with status 0)")
	s.ends("c2", 0)
	s.then("FINISHED b (Command exited with status 0); leave")
}

// An agent that is still recovering is asked again soon.
func TestAgentRecovers(t *testing.T) {
	s := newStage(t, nil)
	s.silent = true
	s.launch(task("a", nil))
	s.then("STARTING a; launch X.c1")
	s.k.Receive(agent, answerTo("1", 503))
	s.then("")
	s.silent = false
	s.pass(time.Second)
	s.then("launch X.c1; link a to c1; wait X.c1; RUNNING a")
	s.k.Receive(agent, answerTo("1", 200)) // twice
	s.then("")
}

// The agent is gone for good: nobody else ends the tasks.
func TestAgentGone(t *testing.T) {
	s := newStage(t, nil)
	s.running(nil)
	s.d.Exited(agent.Addr)
	got := strings.Join(s.lines, "; ")
	if !strings.HasSuffix(got, "kill orphans; leave") {
		t.Fatalf("got %q, want the tasks killed without the agent", got)
	}
	s.lines = nil
	s.pass(time.Hour)
	if strings.Contains(strings.Join(s.lines, "; "), "leave") {
		t.Errorf("got %q, want it to leave once", s.lines)
	}

	s = newStage(t, nil)
	s.d.Exited(agent.Addr)
	s.then("leave")
}

func TestLeavesOnlyWhenTheEndIsSafe(t *testing.T) {
	s := newStage(t, nil)
	s.acked = false
	s.launch(task("a", nil))
	s.pass(0)
	s.ends("c1", 0)
	s.lines = nil
	s.pass(9 * time.Second)
	s.then("")
	s.acked = true // from the next resend on
	s.pass(time.Second)
	s.then("STARTING a; RUNNING a; FINISHED a (Command exited with status 0); leave")
}

func TestWhatIsLaunched(t *testing.T) {
	s := newStage(t, nil)
	s.launch(task("a", func(a *v1.TaskInfo) {
		a.Command.Environment = &v1.Environment{Variables: []*v1.Environment_Variable{{Name: proto.String("A"), Value: proto.String("1")}}}
		a.Resources = []*v1.Resource{{Name: proto.String("cpus"), AllocationInfo: &v1.Resource_AllocationInfo{Role: proto.String("web/a")}}}
		a.Container = &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum(), Hostname: proto.String("h")}
		a.Limits = map[string]*v1.Value_Scalar{"mem": {Value: proto.Float64(64)}}
	}))
	l := s.made["c1"]
	var env []string
	for _, v := range l.GetCommand().GetEnvironment().GetVariables() {
		env = append(env, v.GetName()+"="+v.GetValue())
	}
	if got, want := strings.Join(env, " "), "MESOS_ALLOCATION_ROLE=web/a MESOS_CONTAINER_IP=10.0.0.1 A=1"; got != want {
		t.Errorf("environment %q, want %q", got, want)
	}
	if l.GetCommand().GetValue() != "run a" || l.GetContainer().GetHostname() != "h" || len(l.Resources) != 1 || len(l.Limits) != 1 {
		t.Errorf("got %v, want command, container, resources and limits of the task", l)
	}
}
