package pod

import (
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
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	agentv1 "mesos/messages/mesos/v1/agent"
	executorv1 "mesos/messages/mesos/v1/executor"
)

var agent = link.UPID{ID: "slave(1)", Addr: "10.0.0.1:5051"}

// stage has the driver, the container calls and an Executor on a clock moved by
// hand, with an agent that does as it is told, and writes down what they do.
type stage struct {
	t       *testing.T
	e       *Executor
	d       *executor.Driver
	k       *executor.Containers
	now     time.Duration
	timers  []*timer
	lines   []string
	ids     int
	acked   bool                                    // the agent acknowledges at once
	silent  bool                                    // the agent answers no container call
	fails   map[string]string                       // why containers of these ids do not start
	waits   map[string]*linkpb.ContainerCallMessage // that are not answered yet, by container
	made    map[string]*agentv1.Call_LaunchContainer
	asked   map[string]*linkpb.ContainerCallMessage // for a launch, by container
	probed  func(checks.Result)
	updates []*v1.TaskStatus
}

type timer struct {
	at time.Duration
	f  func()
}

func newStage(t *testing.T, change func(*executorv1.Event_Subscribed, *executor.Config)) *stage {
	s := &stage{
		t: t, acked: true, fails: map[string]string{}, waits: map[string]*linkpb.ContainerCallMessage{}, made: map[string]*agentv1.Call_LaunchContainer{},
		asked: map[string]*linkpb.ContainerCallMessage{},
	}
	conf := executor.Config{FrameworkID: "F", ExecutorID: "E", Agent: agent, Log: slog.New(slog.DiscardHandler), Jitter: func() float64 { return 1 }}
	sub := &executorv1.Event_Subscribed{FrameworkInfo: &v1.FrameworkInfo{}, ExecutorInfo: &v1.ExecutorInfo{}, ContainerId: &v1.ContainerID{Value: proto.String("X")}}
	if change != nil {
		change(sub, &conf)
	}
	s.k = executor.NewContainers(s, conf)
	s.e = New(Options{Runtime: s, Containers: s.k, Machine: machine{s}, Leave: func() { s.say("leave") }, Now: s.time, Sandbox: "/box", IP: "10.0.0.1"})
	conf.Expired, conf.Stopped = s.e.Expired, s.e.Stopped
	s.d = executor.New(s, conf, s.e)
	s.d.Start()
	s.event(&executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: sub})
	return s
}

func killing(s *executorv1.Event_Subscribed, _ *executor.Config) {
	s.FrameworkInfo.Capabilities = []*v1.FrameworkInfo_Capability{{Type: v1.FrameworkInfo_Capability_TASK_KILLING_STATE.Enum()}}
}

func (s *stage) say(format string, a ...any) { s.lines = append(s.lines, fmt.Sprintf(format, a...)) }
func (s *stage) time() time.Time             { return time.Unix(1, 0).Add(s.now) }
func (s *stage) event(e *executorv1.Event)   { s.d.Receive(agent, e) }
func (s *stage) Self() link.UPID             { return link.UPID{} }
func (s *stage) Link(link.UPID)              {}
func (s *stage) Dispatch(f func())           { f() }

// machine is the stage as a Machine: Link is another method of a Runtime.
type machine struct{ *stage }

func (m machine) Link(task, container string) { m.say("link %s to %s", task, container) }

func (s *stage) NewID() string { s.ids++; return fmt.Sprint("c", s.ids) }
func (s *stage) KillOrphans()  { s.say("kill orphans") }

func (s *stage) Probe(p checks.Probe, done func(checks.Result)) func() {
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

// later has something happen when the caller is done.
func (s *stage) later(f func()) { s.timers = append(s.timers, &timer{s.now, f}) }

func (s *stage) Send(_ link.UPID, m proto.Message) {
	if c, ok := m.(*linkpb.ContainerCallMessage); ok {
		s.container(c)
		return
	}
	u := m.(*executorv1.Call).GetUpdate().GetStatus()
	if u == nil {
		return
	}
	s.updates = append(s.updates, u)
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
		s.later(func() {
			s.event(&executorv1.Event{Type: executorv1.Event_ACKNOWLEDGED.Enum(), Acknowledged: &executorv1.Event_Acknowledged{TaskId: u.TaskId, Uuid: u.Uuid}})
		})
	}
}

// container is the agent's side of a container call.
func (s *stage) container(m *linkpb.ContainerCallMessage) {
	c := m.GetCall()
	var id *v1.ContainerID
	code, text := int32(200), ""
	line := strings.ToLower(strings.TrimSuffix(c.GetType().String(), "_CONTAINER"))
	switch c.GetType() {
	case agentv1.Call_LAUNCH_CONTAINER:
		id = c.GetLaunchContainer().GetContainerId()
		s.made[id.GetValue()], s.asked[id.GetValue()] = c.GetLaunchContainer(), m
		if why, ok := s.fails[id.GetValue()]; ok {
			code, text = 400, why
		}
	case agentv1.Call_WAIT_CONTAINER:
		id = c.GetWaitContainer().GetContainerId()
		s.waits[id.GetValue()] = m
	case agentv1.Call_KILL_CONTAINER:
		id = c.GetKillContainer().GetContainerId()
		line = "KILL"
		if k := c.GetKillContainer(); k.Signal != nil {
			line = map[syscall.Signal]string{syscall.SIGTERM: "TERM", syscall.SIGKILL: "KILL"}[syscall.Signal(k.GetSignal())]
		}
	case agentv1.Call_REMOVE_CONTAINER:
		id = c.GetRemoveContainer().GetContainerId()
	}
	s.say("%s %s", line, path(id))
	if c.GetType() != agentv1.Call_WAIT_CONTAINER && !s.silent {
		s.later(func() { s.answer(m, code, text, nil) })
	}
}

func (s *stage) answer(m *linkpb.ContainerCallMessage, code int32, text string, r *agentv1.Response) {
	s.k.Receive(agent, &linkpb.ContainerAnswerMessage{Id: m.Id, Code: &code, Text: &text, Response: r})
}

// ends has the process of a container end with a wait status.
func (s *stage) ends(container string, ws syscall.WaitStatus) {
	s.t.Helper()
	s.endsAs(container, &agentv1.Response_WaitContainer{ExitStatus: proto.Int32(int32(ws))})
}

func (s *stage) endsAs(container string, w *agentv1.Response_WaitContainer) {
	s.t.Helper()
	m := s.waits[container]
	if m == nil {
		s.t.Fatalf("nobody waits for container %s", container)
	}
	delete(s.waits, container)
	s.answer(m, 200, "", &agentv1.Response{Type: agentv1.Response_WAIT_CONTAINER.Enum(), WaitContainer: w})
}

func task(id string, change func(*v1.TaskInfo)) *v1.TaskInfo {
	t := &v1.TaskInfo{TaskId: &v1.TaskID{Value: &id}, Command: &v1.CommandInfo{Value: proto.String("run " + id)}}
	if change != nil {
		change(t)
	}
	return t
}

func (s *stage) launch(tasks ...*v1.TaskInfo) {
	g := &executorv1.Event_LaunchGroup{TaskGroup: &v1.TaskGroupInfo{Tasks: tasks}}
	s.event(&executorv1.Event{Type: executorv1.Event_LAUNCH_GROUP.Enum(), LaunchGroup: g})
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
		s.t.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	s.lines = nil
}

// running has a pod of two, a in c1 and b in c2, come up.
func (s *stage) running(change func(a *v1.TaskInfo)) {
	s.t.Helper()
	s.launch(task("a", change), task("b", nil))
	s.pass(0)
	s.lines = nil
}
