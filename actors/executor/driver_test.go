package executor

import (
	"testing"
	"time"

	"mesos/actors/link"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// step is something that happens, and the lines that must follow from it.
type step struct {
	do   func(w *world)
	want string
}

func event(e eventOf) func(*world)      { return func(w *world) { w.event(e) } }
func exited(w *world)                   { w.exited() }
func start(w *world)                    { w.d.Start() }
func updates(id string) func(*world)    { return func(w *world) { w.update(id) } }
func pass(d time.Duration) func(*world) { return func(w *world) { w.pass(d) } }
func whenAcknowledged(name string) func(*world) {
	return func(w *world) { w.d.WhenAcknowledged(func() { w.say("%s", name) }) }
}

func checkpoint(c *Config) { c.Checkpoint = true }

func TestDriver(t *testing.T) {
	tests := []struct {
		name  string
		set   func(*Config)
		steps []step
	}{
		{"life of a task", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(launch("t")), "launch t"},
			{updates("t"), "UPDATE u1"},
			{updates("t"), "UPDATE u2"},
			{whenAcknowledged("all safe"), ""},
			{event(ack("t", "u1")), ""},
			{event(ack("t", "u2")), "all safe"},
			{whenAcknowledged("still safe"), "still safe"},
			{pass(time.Hour), ""},
		}},
		{"subscribe is said again", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{pass(time.Second), "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(accepted), ""},
			{pass(time.Hour), ""},
		}},
		{"what the agent has not acknowledged", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(launch("a")), "launch a"},
			{event(launch("b")), "launch b"},
			{event(launch("c")), "launch c"},
			{updates("a"), "UPDATE u1"},
			{updates("b"), "UPDATE u2"},
			{updates("b"), "UPDATE u3"},
			{event(ack("b", "u2")), ""},
			{exited, "disconnected"},
			{updates("c"), ""}, // kept
			{pass(50 * time.Millisecond), "link; SUBSCRIBE[a c u1 u3 u4]"},
			{updates("c"), ""}, // not before SUBSCRIBED
			{event(ack("a", "u1")), ""},
			{event(accepted), "link; subscribed; UPDATE u5"},
		}},
		{"lost acknowledgements", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{updates("a"), "UPDATE u1"},
			{pass(9 * time.Second), ""},
			{pass(time.Second), "UPDATE u1"},
			{pass(20 * time.Second), "UPDATE u1"},
			{pass(40 * time.Second), "UPDATE u1"},
			{pass(2 * time.Minute), "UPDATE u1; UPDATE u1"},
			{updates("a"), "UPDATE u2"},
			{event(ack("a", "u9")), ""},
			{event(ack("b", "u1")), ""},
			{event(ack("a", "u1")), ""},
			{event(ack("a", "u1")), ""},
			{pass(10 * time.Second), "UPDATE u2"},
			{event(ack("a", "u2")), ""},
			{pass(time.Hour), ""},
		}},
		{"twice launched", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(launch("a")), "launch a"},
			{event(launch("a")), ""},
		}},
		{"agent away, pauses grow, agent back", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{exited, "disconnected"},
			{pass(37 * time.Millisecond), ""},
			{pass(time.Millisecond), "link; SUBSCRIBE[]"}, // 0.75 of 50 ms
			{exited, ""},
			{pass(75 * time.Millisecond), "link; SUBSCRIBE[]"},
			{exited, ""},
			{pass(150 * time.Millisecond), "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{pass(time.Hour), ""},
			{exited, "disconnected"},
			{pass(38 * time.Millisecond), "link; SUBSCRIBE[]"},
		}},
		{"agent gone for good", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{updates("a"), "UPDATE u1"},
			{exited, "disconnected"},
			{whenAcknowledged("over"), ""},
			{pass(38 * time.Millisecond), "link; SUBSCRIBE[u1]"},
			{exited, ""},
			{func(w *world) { w.timers[len(w.timers)-1].dead = true; w.pass(59 * time.Second) }, ""},
			{pass(time.Second), "shutdown; over"},
			{event(accepted), ""},
			{updates("a"), ""},
			{pass(time.Hour), ""},
		}},
		{"agent gone, no checkpoint", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{updates("a"), "UPDATE u1"},
			{whenAcknowledged("over"), ""},
			{exited, "shutdown; over"},
			{exited, ""},
			{pass(time.Hour), ""},
		}},
		{"agent not there at the start", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{exited, "shutdown"},
		}},
		{"other program's end", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{func(w *world) { w.d.Exited("10.0.0.2:5051") }, ""},
			{event(accepted), "link; subscribed"},
		}},
		{"shutdown with grace", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(end), "shutdown"}, // may come before SUBSCRIBED
			{event(accepted), "link; subscribed"},
			{updates("a"), "UPDATE u1"},
			{event(end), ""},
			{pass(5 * time.Second), "expired"},
		}},
		{"shutdown in time", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(end), "shutdown"},
			{updates("a"), "UPDATE u1"},
			{whenAcknowledged("leave"), ""},
			{event(ack("a", "u1")), "leave"},
			{func(w *world) { w.d.Stop() }, ""},
			{pass(time.Hour), ""},
		}},
		{"refused", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(refused), "shutdown"},
		}},
		{"shutdown, then the agent is gone for good", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(end), "shutdown"},
			{exited, "disconnected"},
			{func(w *world) { w.timers[len(w.timers)-1].dead = true; w.pass(time.Minute) }, "expired"},
		}},
		{"late events of a broken link", checkpoint, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(launch("a")), ""},
			{event(accepted), "link; subscribed"},
			{exited, "disconnected"},
			{event(launch("a")), ""},
			{event(accepted), ""},
		}},
		{"heartbeats and the unknown", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(plain(executorv1.Event_HEARTBEAT)), ""},
			{event(plain(executorv1.Event_UNKNOWN)), ""},
			{event(func() *executorv1.Event { return &executorv1.Event{} }), ""},
			{func(w *world) { w.d.Receive(link.UPID{ID: "x", Addr: "y"}, end()) }, ""},
			{func(w *world) { w.d.Update(&v1.TaskStatus{}) }, ""},
		}},
		{"messages", nil, []step{
			{func(w *world) { w.d.SendMessage([]byte("early")) }, ""},
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{func(w *world) { w.d.SendMessage([]byte("hi")) }, "MESSAGE hi"},
			{event(func() *executorv1.Event {
				return &executorv1.Event{Type: executorv1.Event_MESSAGE.Enum(), Message: &executorv1.Event_Message{Data: []byte("ho")}}
			}), "message ho"},
		}},
		{"groups", nil, []step{
			{start, "link; SUBSCRIBE[]"},
			{event(accepted), "link; subscribed"},
			{event(group("a", "b")), "group of 2"},
			{event(group("a", "b")), ""},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(tt.set)
			for i, s := range tt.steps {
				s.do(w)
				if got := w.took(); got != s.want {
					t.Fatalf("step %d: got %q, want %q", i, got, s.want)
				}
			}
		})
	}
}

func group(ids ...string) eventOf {
	return func() *executorv1.Event {
		g := &v1.TaskGroupInfo{}
		for _, id := range ids {
			g.Tasks = append(g.Tasks, task(id))
		}
		return &executorv1.Event{Type: executorv1.Event_LAUNCH_GROUP.Enum(), LaunchGroup: &executorv1.Event_LaunchGroup{TaskGroup: g}}
	}
}

func TestUpdateIsFilledIn(t *testing.T) {
	w := newWorld(nil)
	w.d.Start()
	w.event(accepted)
	w.pass(1500 * time.Millisecond)
	w.update("t")
	c := w.sent[len(w.sent)-1]
	s := c.GetUpdate().GetStatus()
	if c.GetFrameworkId().GetValue() != "F" || c.GetExecutorId().GetValue() != "E" {
		t.Errorf("got call of %v, %v, want F, E", c.GetFrameworkId(), c.GetExecutorId())
	}
	if string(s.GetUuid()) != "u1" || s.GetTimestamp() != 1.5 || s.GetSource() != v1.TaskStatus_SOURCE_EXECUTOR ||
		s.GetExecutorId().GetValue() != "E" || s.GetAgentId().GetValue() != "A" {
		t.Errorf("got %v, want uuid, timestamp, source, executor and agent", s)
	}
}

// A handler may stop the driver, or make updates, in any of its calls.
func TestHandlerMayStopAnywhere(t *testing.T) {
	for _, at := range []string{"subscribed", "disconnected", "shutdown", "launch a"} {
		t.Run(at, func(t *testing.T) {
			w := newWorld(checkpoint)
			w.on = func(d *Driver, what string) {
				w.update("x")
				if what == at {
					d.Stop()
				}
			}
			w.d.Start()
			w.event(accepted)
			w.event(launch("a"))
			w.exited()
			w.event(end)
			w.took()
			sent := len(w.sent)
			w.pass(time.Hour)
			w.event(accepted)
			w.exited()
			if len(w.sent) != sent || w.took() != "" {
				t.Errorf("got %v after Stop in %q, want silence", w.sent[sent:], at)
			}
		})
	}
}

func TestRandomUUID(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		u := RandomUUID()
		if len(u) != 16 || u[6]>>4 != 4 || u[8]>>6 != 2 {
			t.Fatalf("got %x, want 16 bytes of a version 4 uuid", u)
		}
		seen[string(u)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("got %d different uuids, want 1000", len(seen))
	}
}
