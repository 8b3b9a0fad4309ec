package executor

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// world is a Runtime with a clock moved by hand, and a Handler; what happens
// is written into lines.
type world struct {
	d      *Driver
	now    time.Duration
	timers []*timer
	lines  []string
	sent   []*executorv1.Call
	uuids  int
	on     func(d *Driver, what string) // reaction of the handler
}

type timer struct {
	at   time.Duration
	f    func()
	dead bool
}

var agent = link.UPID{ID: "slave(1)", Addr: "10.0.0.1:5051"}

func newWorld(change func(*Config)) *world {
	w := &world{}
	c := Config{
		FrameworkID: "F", ExecutorID: "E", AgentID: "A", Agent: agent,
		RecoveryTimeout: time.Minute, SubscriptionBackoffMax: 2 * time.Second, ShutdownGracePeriod: 5 * time.Second,
		Now:     func() time.Time { return time.Unix(0, 0).Add(w.now) },
		UUID:    func() []byte { w.uuids++; return fmt.Appendf(nil, "u%d", w.uuids) },
		Jitter:  func() float64 { return 1 },
		Expired: func() { w.say("expired") },
		Log:     slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	w.d = New(w, c, w)
	return w
}

func (w *world) say(format string, a ...any) { w.lines = append(w.lines, fmt.Sprintf(format, a...)) }

// took gives the lines since the last call.
func (w *world) took() string {
	s := strings.Join(w.lines, "; ")
	w.lines = nil
	return s
}

// pass lets time go by, timers in their order.
func (w *world) pass(d time.Duration) {
	end := w.now + d
	for {
		w.timers = slices.DeleteFunc(w.timers, func(t *timer) bool { return t.dead })
		slices.SortStableFunc(w.timers, func(a, b *timer) int { return int(a.at - b.at) })
		if len(w.timers) == 0 || w.timers[0].at > end {
			w.now = end
			return
		}
		t := w.timers[0]
		w.now, t.dead = t.at, true
		t.f()
	}
}

func (w *world) Self() link.UPID   { return link.UPID{ID: "executor", Addr: "10.0.0.1:40000"} }
func (w *world) Link(to link.UPID) { w.say("link") }
func (w *world) Dispatch(f func()) { f() }
func (w *world) event(e eventOf)   { w.d.Receive(agent, e()) }
func (w *world) exited()           { w.d.Exited(agent.Addr) }
func (w *world) update(id string)  { w.updateTo(id, v1.TaskState_TASK_RUNNING) }
func (w *world) react(what string) { w.say("%s", what); w.call(what) }
func (w *world) call(what string) {
	if w.on != nil {
		w.on(w.d, what)
	}
}

func (w *world) updateTo(id string, s v1.TaskState) {
	w.d.Update(&v1.TaskStatus{TaskId: &v1.TaskID{Value: &id}, State: &s})
}

func (w *world) Delay(d time.Duration, f func()) func() {
	t := &timer{at: w.now + d, f: f}
	w.timers = append(w.timers, t)
	return func() { t.dead = true }
}

func (w *world) Send(to link.UPID, m proto.Message) {
	c := m.(*executorv1.Call)
	w.sent = append(w.sent, c)
	switch c.GetType() {
	case executorv1.Call_SUBSCRIBE:
		var what []string
		for _, t := range c.GetSubscribe().GetUnacknowledgedTasks() {
			what = append(what, t.GetTaskId().GetValue())
		}
		for _, u := range c.GetSubscribe().GetUnacknowledgedUpdates() {
			what = append(what, string(u.GetStatus().GetUuid()))
		}
		w.say("SUBSCRIBE[%s]", strings.Join(what, " "))
	case executorv1.Call_UPDATE:
		w.say("UPDATE %s", c.GetUpdate().GetStatus().GetUuid())
	case executorv1.Call_MESSAGE:
		w.say("MESSAGE %s", c.GetMessage().GetData())
	}
}

func (w *world) Subscribed(*Driver, *executorv1.Event_Subscribed) { w.react("subscribed") }
func (w *world) Launch(_ *Driver, t *v1.TaskInfo)                 { w.react("launch " + t.GetTaskId().GetValue()) }
func (w *world) LaunchGroup(_ *Driver, g *v1.TaskGroupInfo) {
	w.react(fmt.Sprintf("group of %d", len(g.GetTasks())))
}
func (w *world) Kill(_ *Driver, id *v1.TaskID, p *v1.KillPolicy) { w.react("kill " + id.GetValue()) }
func (w *world) Message(_ *Driver, data []byte)                  { w.react("message " + string(data)) }
func (w *world) Disconnected(*Driver)                            { w.react("disconnected") }
func (w *world) Shutdown(*Driver)                                { w.react("shutdown") }

type eventOf func() *executorv1.Event

func plain(t executorv1.Event_Type) eventOf {
	return func() *executorv1.Event { return &executorv1.Event{Type: t.Enum()} }
}

var (
	accepted = func() *executorv1.Event {
		return &executorv1.Event{Type: executorv1.Event_SUBSCRIBED.Enum(), Subscribed: &executorv1.Event_Subscribed{}}
	}
	end     = plain(executorv1.Event_SHUTDOWN)
	refused = plain(executorv1.Event_ERROR)
)

func task(id string) *v1.TaskInfo { return &v1.TaskInfo{TaskId: &v1.TaskID{Value: &id}} }

func launch(id string) eventOf {
	return func() *executorv1.Event {
		return &executorv1.Event{Type: executorv1.Event_LAUNCH.Enum(), Launch: &executorv1.Event_Launch{Task: task(id)}}
	}
}

func ack(id, uuid string) eventOf {
	return func() *executorv1.Event {
		return &executorv1.Event{Type: executorv1.Event_ACKNOWLEDGED.Enum(),
			Acknowledged: &executorv1.Event_Acknowledged{TaskId: &v1.TaskID{Value: &id}, Uuid: []byte(uuid)}}
	}
}
