package command

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"mesos/actors/checks"
	"mesos/actors/executor"
	"mesos/actors/link"
	"mesos/messages/draining"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

var agent = link.UPID{ID: "slave(1)", Addr: "10.0.0.1:5051"}

// stage has the driver and an Executor on a clock moved by hand, and writes
// down what they do: updates, and what happens to the processes.
type stage struct {
	t      *testing.T
	e      *Executor
	d      *executor.Driver
	now    time.Duration
	timers []*timer
	lines  []string
	acked  bool // the agent acknowledges at once
	fails  error
	ended  func(syscall.WaitStatus)
	probed func(checks.Result) // of the probe that runs
}

type timer struct {
	at time.Duration
	f  func()
}

func newStage(t *testing.T, capabilities ...v1.FrameworkInfo_Capability_Type) *stage {
	s := &stage{t: t, acked: true}
	conf := executor.Config{FrameworkID: "F", ExecutorID: "E", Agent: agent, Log: slog.New(slog.DiscardHandler)}
	s.e = New(s, s, func() { s.say("leave") }, s.time)
	conf.Expired = s.e.Expired
	s.d = executor.New(s, conf, s.e)
	s.d.Start()
	f := &v1.FrameworkInfo{}
	for _, c := range capabilities {
		f.Capabilities = append(f.Capabilities, &v1.FrameworkInfo_Capability{Type: c.Enum()})
	}
	s.event(&executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{FrameworkInfo: f}})
	return s
}

func (s *stage) say(format string, a ...any) { s.lines = append(s.lines, fmt.Sprintf(format, a...)) }
func (s *stage) time() time.Time             { return time.Unix(1, 0).Add(s.now) }
func (s *stage) event(e *executorv1.Event)   { s.d.Receive(agent, e) }
func (s *stage) Self() link.UPID             { return link.UPID{} }
func (s *stage) Link(link.UPID)              {}
func (s *stage) Dispatch(f func())           { f() }
func (s *stage) Terminate()                  { s.say("SIGTERM") }
func (s *stage) Kill()                       { s.say("SIGKILL") }

func (s *stage) Start(t *v1.TaskInfo, ended func(syscall.WaitStatus)) error {
	if s.fails == nil {
		s.say("start %s", t.GetTaskId().GetValue())
		s.ended = ended
	}
	return s.fails
}

func (s *stage) Probe(_ *v1.TaskInfo, p checks.Probe, done func(checks.Result)) func() {
	s.say("probe %s", p)
	s.probed = done
	return func() { s.say("abort") }
}

func (s *stage) Delay(d time.Duration, f func()) func() {
	t := &timer{s.now + d, f}
	s.timers = append(s.timers, t)
	return func() { s.timers = slices.DeleteFunc(s.timers, func(o *timer) bool { return o == t }) }
}

func (s *stage) pass(d time.Duration) {
	for end := s.now + d; ; {
		slices.SortStableFunc(s.timers, func(a, b *timer) int { return int(a.at - b.at) })
		if len(s.timers) == 0 || s.timers[0].at > end {
			s.now = end
			return
		}
		t := s.timers[0]
		s.timers, s.now = s.timers[1:], t.at
		t.f()
	}
}

func (s *stage) Send(_ link.UPID, m proto.Message) {
	u := m.(*executorv1.Call).GetUpdate().GetStatus()
	if u == nil {
		return
	}
	line := strings.TrimPrefix(u.GetState().String(), "TASK_") + " " + u.GetTaskId().GetValue()
	if u.Healthy != nil {
		line += fmt.Sprint(" healthy=", u.GetHealthy())
	}
	if u.CheckStatus != nil {
		line += " " + strings.ReplaceAll(prototext.MarshalOptions{}.Format(u.CheckStatus), "  ", " ")
	}
	if u.Reason != nil {
		line += " " + u.GetReason().String()
	}
	if u.Message != nil {
		line += " (" + u.GetMessage() + ")"
	}
	s.say("%s", line)
	if s.acked {
		s.timers = append(s.timers, &timer{s.now, func() { s.ack(u) }})
	}
}

func (s *stage) ack(u *v1.TaskStatus) {
	s.event(&executorv1.Event{Type: executorv1.Event_ACKNOWLEDGED.Enum(), Acknowledged: &executorv1.Event_Acknowledged{TaskId: u.TaskId, Uuid: u.Uuid}})
}

func (s *stage) launch(id string, change func(*v1.TaskInfo)) {
	t := &v1.TaskInfo{TaskId: &v1.TaskID{Value: &id}}
	if change != nil {
		change(t)
	}
	s.event(&executorv1.Event{Type: executorv1.Event_LAUNCH.Enum(), Launch: &executorv1.Event_Launch{Task: t}})
}

func policy(d time.Duration) *v1.KillPolicy {
	return &v1.KillPolicy{GracePeriod: &v1.DurationInfo{Nanoseconds: proto.Int64(int64(d))}}
}

func (s *stage) kill(id string, p *v1.KillPolicy) {
	s.event(&executorv1.Event{Type: executorv1.Event_KILL.Enum(), Kill: &executorv1.Event_Kill{TaskId: &v1.TaskID{Value: &id}, KillPolicy: p}})
}

func (s *stage) shutdown() { s.event(&executorv1.Event{Type: executorv1.Event_SHUTDOWN.Enum()}) }

// then fails unless exactly these lines, joined by "; ", followed since.
func (s *stage) then(want string) {
	s.t.Helper()
	s.pass(0)
	if got := strings.Join(s.lines, "; "); got != want {
		s.t.Fatalf("got %q, want %q", got, want)
	}
	s.lines = nil
}

const started = "STARTING t; start t; RUNNING t"

func TestEnds(t *testing.T) {
	tests := []struct {
		status syscall.WaitStatus
		want   string
	}{
		{0, "FINISHED t (Command exited with status 0)"},
		{4 << 8, "FAILED t (Command exited with status 4)"},
		{9, "FAILED t (Command terminated with signal Killed)"},
	}
	for _, tt := range tests {
		s := newStage(t)
		s.launch("t", nil)
		s.then(started)
		s.ended(tt.status)
		s.then(tt.want + "; leave")
		s.pass(time.Hour)
		s.then("")
	}
}

func TestKill(t *testing.T) {
	s := newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	s.launch("t", nil)
	s.then(started)
	s.kill("other", nil)
	s.then("")
	s.kill("t", nil)
	s.then("KILLING t; SIGTERM")
	s.kill("t", nil)
	s.pass(DefaultGracePeriod - 1)
	s.then("")
	s.pass(1)
	s.then("SIGKILL")
	s.ended(9)
	s.then("KILLED t (Command terminated with signal Killed); leave")
	s.kill("t", nil)
	s.then("")
}

func TestKillOfObedientCommand(t *testing.T) {
	s := newStage(t) // a framework that does not know TASK_KILLING
	s.launch("t", nil)
	s.then(started)
	s.kill("t", nil)
	s.then("SIGTERM")
	s.ended(0) // even so
	s.then("KILLED t (Command exited with status 0); leave")
	s.pass(time.Hour)
	s.then("")
}

func TestGracePeriods(t *testing.T) {
	withPolicy := func(t *v1.TaskInfo) { t.KillPolicy = policy(20 * time.Second) }
	tests := []struct {
		name string
		task func(*v1.TaskInfo)
		kill *v1.KillPolicy
		want time.Duration
	}{
		{"default", nil, nil, DefaultGracePeriod},
		{"of the task", withPolicy, nil, 20 * time.Second},
		{"of the kill", withPolicy, policy(time.Minute), time.Minute},
		{"none", withPolicy, policy(0), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStage(t)
			s.launch("t", tt.task)
			s.kill("t", tt.kill)
			s.lines = nil
			s.pass(tt.want - 1)
			if tt.want > 0 {
				s.then("")
			}
			s.pass(1)
			s.then("SIGKILL")
		})
	}
}

func TestSecondKillChangesTheGrace(t *testing.T) {
	s := newStage(t)
	s.launch("t", nil)
	s.kill("t", policy(time.Minute))
	s.then(started + "; SIGTERM")
	s.pass(10 * time.Second)
	s.kill("t", policy(15*time.Second))
	s.kill("t", policy(time.Hour)) // no kill is slowed down
	s.pass(5*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("SIGKILL")
}

func drained(value string) func(*v1.TaskInfo) {
	return func(t *v1.TaskInfo) {
		t.Labels = &v1.Labels{Labels: []*v1.Label{{Key: proto.String(draining.Label), Value: &value}}}
	}
}

// TestDraining: TASK_KILLING is told at once, and the SIGTERM comes when nobody sends clients any more.
func TestDraining(t *testing.T) {
	begin := func(t *testing.T, p *v1.KillPolicy) *stage {
		s := newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
		s.launch("t", drained("10secs"))
		s.then(started)
		s.kill("t", p)
		s.kill("t", nil)
		s.then("KILLING t")
		return s
	}
	// comes fails unless want comes after d, and nothing before.
	comes := func(s *stage, d time.Duration, want string) {
		s.t.Helper()
		s.pass(d - 1)
		s.then("")
		s.pass(1)
		s.then(want)
	}
	t.Run("the task's grace begins behind it", func(t *testing.T) {
		s := begin(t, nil)
		comes(s, 10*time.Second, "SIGTERM")
		comes(s, DefaultGracePeriod, "SIGKILL")
	})
	t.Run("it is within the grace of the kill", func(t *testing.T) {
		s := begin(t, policy(12*time.Second))
		comes(s, 10*time.Second, "SIGTERM")
		comes(s, 2*time.Second, "SIGKILL")
	})
	t.Run("the grace of the kill is shorter", func(t *testing.T) {
		s := begin(t, policy(2*time.Second))
		s.pass(2*time.Second - 1)
		s.then("")
		s.pass(1)
		if len(s.lines) != 2 {
			t.Errorf("got %q, want both signals", s.lines)
		}
	})
	t.Run("a second kill with a policy ends it", func(t *testing.T) {
		s := begin(t, nil)
		s.pass(time.Second)
		s.kill("t", policy(time.Second))
		s.then("SIGTERM")
		comes(s, time.Second, "SIGKILL")
		s.pass(time.Hour)
		s.then("")
	})
	t.Run("a shutdown ends it", func(t *testing.T) {
		s := begin(t, nil)
		s.shutdown()
		s.then("SIGTERM")
	})
	t.Run("the command ends by itself", func(t *testing.T) {
		s := begin(t, nil)
		s.ended(0)
		s.then("KILLED t (Command exited with status 0); leave")
		s.pass(time.Hour)
		s.then("")
	})
	t.Run("a framework that is not told", func(t *testing.T) {
		s := newStage(t)
		s.launch("t", drained("10secs"))
		s.then(started)
		s.kill("t", nil)
		s.then("SIGTERM")
	})
}

func TestKillBeforeLaunch(t *testing.T) {
	s := newStage(t)
	s.kill("t", nil)
	s.launch("t", nil)
	s.then("KILLED t (Killed before the command started); leave")
}

func TestOneTaskOnly(t *testing.T) {
	s := newStage(t)
	s.launch("t", nil)
	s.then(started)
	s.launch("t", nil)
	s.then("")
	s.launch("u", nil)
	s.then("FAILED u (This executor runs one command, and has task t)")
	s.ended(0)
	s.then("FINISHED t (Command exited with status 0); leave")
}

func TestGroupIsRefused(t *testing.T) {
	s := newStage(t)
	g := &v1.TaskGroupInfo{Tasks: []*v1.TaskInfo{{TaskId: &v1.TaskID{Value: proto.String("a")}}, {TaskId: &v1.TaskID{Value: proto.String("b")}}}}
	s.event(&executorv1.Event{Type: executorv1.Event_LAUNCH_GROUP.Enum(), LaunchGroup: &executorv1.Event_LaunchGroup{TaskGroup: g}})
	const why = " (This executor runs one command; a task group needs the default executor)"
	s.then("FAILED a" + why + "; FAILED b" + why + "; leave")
}

func TestStartFails(t *testing.T) {
	s := newStage(t)
	s.fails = errors.New("no such program")
	s.launch("t", nil)
	s.then("STARTING t; FAILED t REASON_CONTAINER_LAUNCH_FAILED (Command did not start: no such program); leave")
}

func TestMaxCompletionTime(t *testing.T) {
	s := newStage(t, v1.FrameworkInfo_Capability_TASK_KILLING_STATE)
	s.launch("t", func(t *v1.TaskInfo) { t.MaxCompletionTime = policy(90 * time.Second).GracePeriod })
	s.then(started)
	s.pass(90*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("SIGTERM; SIGKILL")
	s.kill("t", nil) // too late to be the cause
	s.ended(15)
	s.then("FAILED t REASON_MAX_COMPLETION_TIME_REACHED (Command did not end within its max_completion_time of 90secs); leave")

	s = newStage(t)
	s.launch("t", func(t *v1.TaskInfo) { t.MaxCompletionTime = policy(time.Second).GracePeriod })
	s.ended(0)
	s.then(started + "; FINISHED t (Command exited with status 0); leave")
	s.pass(time.Hour)
	s.then("")
}

func TestLeavesOnlyWhenTheEndIsSafe(t *testing.T) {
	s := newStage(t)
	s.acked = false
	s.launch("t", nil)
	s.ended(0)
	s.then(started + "; FINISHED t (Command exited with status 0)")
	s.pass(9 * time.Second)
	s.acked = true // from the next resend on
	s.then("")
	s.pass(time.Second)
	s.then("STARTING t; RUNNING t; FINISHED t (Command exited with status 0); leave")
}

func TestShutdown(t *testing.T) {
	s := newStage(t)
	s.shutdown()
	s.then("leave")

	s = newStage(t)
	s.launch("t", func(t *v1.TaskInfo) { t.KillPolicy = policy(time.Hour) })
	s.shutdown()
	s.then(started + "; SIGTERM")
	s.pass(4*time.Second - 1)
	s.then("")
	s.pass(1)
	s.then("SIGKILL")
	s.ended(9)
	s.then("KILLED t (Command terminated with signal Killed); leave")

	s = newStage(t)
	s.launch("t", nil)
	s.shutdown()
	s.then(started + "; SIGTERM")
	s.pass(5 * time.Second) // and it does not die
	s.then("SIGKILL; SIGKILL; leave")
}

func TestAgentGone(t *testing.T) {
	s := newStage(t)
	s.launch("t", nil)
	s.then(started)
	s.d.Exited(agent.Addr)
	s.then("SIGTERM")
	s.ended(15)
	s.then("leave")
}
