package executor

import (
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/messages/linkpb"
	v1 "mesos/messages/mesos/v1"
	executorv1 "mesos/messages/mesos/v1/executor"
)

// phase of a Driver's subscription.
type phase int

const (
	idle         phase = iota
	subscribing        // SUBSCRIBE is on its way
	subscribed         // the agent said SUBSCRIBED on the present link
	disconnected       // the link broke; a timer will subscribe again
	stopped            // for good
)

// Driver keeps one executor in touch with its agent. Its methods must be
// called on the Runtime's goroutine.
type Driver struct {
	rt      Runtime
	c       Config
	h       Handler
	phase   phase
	pending pending

	shutdown bool   // the handler was told
	attempts uint   // since the link broke
	retry    func() // cancel of the next attempt to subscribe
	recovery func() // cancel of the end of the wait for the agent
	resend   func() // cancel of the next resend
	grace    func() // cancel of the end of the grace period
	again    time.Duration
	away     time.Time // since when the agent cannot be reached; zero while it can
}

// New makes a Driver that does nothing until Start.
func New(rt Runtime, c Config, h Handler) *Driver {
	return &Driver{rt: rt, c: c.withDefaults(), h: h}
}

// Config is what the driver was made with, defaults filled in.
func (d *Driver) Config() Config { return d.c }

// Start subscribes.
func (d *Driver) Start() { d.subscribe() }

// Stop ends the subscription: nothing is sent or told any more, except that
// functions waiting in WhenAcknowledged run.
func (d *Driver) Stop() {
	if d.phase == stopped {
		return
	}
	d.phase = stopped
	for _, cancel := range []*func(){&d.retry, &d.recovery, &d.resend, &d.grace} {
		stop(cancel)
	}
	d.pending.settle(true)
}

// stop cancels a timer, if it is set.
func stop(cancel *func()) {
	if *cancel != nil {
		(*cancel)()
		*cancel = nil
	}
}

// Receive takes what came from another actor; only the agent's events count.
func (d *Driver) Receive(from link.UPID, m proto.Message) {
	e, ok := m.(*executorv1.Event)
	if !ok || from != d.c.Agent || d.phase == stopped {
		return
	}
	switch e.GetType() {
	case executorv1.Event_SUBSCRIBED:
		d.accepted(e.GetSubscribed())
	case executorv1.Event_ACKNOWLEDGED:
		d.acknowledged(e.GetAcknowledged())
	case executorv1.Event_ERROR:
		d.c.Log.Error("agent refuses this executor", "error", e.GetError().GetMessage(), "framework_id", d.c.FrameworkID, "executor_id", d.c.ExecutorID)
		d.shutDown()
	case executorv1.Event_SHUTDOWN:
		d.shutDown()
	default:
		// Before SUBSCRIBED these are late ones of a link that broke.
		if d.phase == subscribed {
			d.work(e)
		}
	}
}

func (d *Driver) work(e *executorv1.Event) {
	switch e.GetType() {
	case executorv1.Event_LAUNCH:
		if t := e.GetLaunch().GetTask(); d.pending.launch(t) {
			d.h.Launch(d, t)
		}
	case executorv1.Event_LAUNCH_GROUP:
		fresh := true
		for _, t := range e.GetLaunchGroup().GetTaskGroup().GetTasks() {
			fresh = d.pending.launch(t) && fresh
		}
		if fresh {
			d.h.LaunchGroup(d, e.GetLaunchGroup().GetTaskGroup())
		}
	case executorv1.Event_KILL:
		d.h.Kill(d, e.GetKill().GetTaskId(), e.GetKill().GetKillPolicy())
	case executorv1.Event_MESSAGE:
		d.h.Message(d, e.GetMessage().GetData())
	}
}

// shutDown tells the handler, once.
func (d *Driver) shutDown() {
	if d.shutdown {
		return
	}
	d.shutdown = true
	if d.c.Expired != nil {
		d.grace = d.rt.Delay(d.c.ShutdownGracePeriod, d.c.Expired)
	}
	d.h.Shutdown(d)
}

// Update tells the agent a task's new state. It fills in uuid, timestamp,
// source, executor and agent, and owns the status from now on. A status
// without task or state is a mistake of the caller and only logged.
func (d *Driver) Update(s *v1.TaskStatus) {
	if s.GetTaskId() == nil || s.State == nil {
		d.c.Log.Error("status update without task_id or state", "executor_id", d.c.ExecutorID, "status", s)
		return
	}
	d.fill(s)
	d.pending.add(s)
	if d.phase == subscribed {
		d.flush()
	}
}

func (d *Driver) fill(s *v1.TaskStatus) {
	s.Uuid = d.c.UUID()
	s.Timestamp = proto.Float64(float64(d.c.Now().UnixNano()) / 1e9)
	s.Source = v1.TaskStatus_SOURCE_EXECUTOR.Enum()
	if s.ExecutorId == nil {
		s.ExecutorId = &v1.ExecutorID{Value: proto.String(d.c.ExecutorID)}
	}
	if s.AgentId == nil && d.c.AgentID != "" {
		s.AgentId = &v1.AgentID{Value: proto.String(d.c.AgentID)}
	}
}

// SendMessage sends bytes to the scheduler, and reports false if there is no
// agent to take them.
func (d *Driver) SendMessage(data []byte) bool {
	if d.phase != subscribed {
		return false
	}
	c := d.call(executorv1.Call_MESSAGE)
	c.Message = &executorv1.Call_Message{Data: data}
	d.send(c)
	return true
}

// Unacknowledged is the number of updates that the agent has not acknowledged.
func (d *Driver) Unacknowledged() int { return len(d.pending.updates) }

// WhenAcknowledged runs f once: when every update is acknowledged, which may
// be now, or when the driver stops.
func (d *Driver) WhenAcknowledged(f func()) {
	d.pending.waiting = append(d.pending.waiting, f)
	d.pending.settle(d.phase == stopped)
}

// send makes a call, and shows whose it is if the agent gave something for that.
func (d *Driver) send(c *executorv1.Call) {
	if d.c.Token == "" {
		d.rt.Send(d.c.Agent, c)
		return
	}
	d.rt.Send(d.c.Agent, &linkpb.ExecutorCallMessage{Token: &d.c.Token, Call: c})
}

func (d *Driver) call(t executorv1.Call_Type) *executorv1.Call {
	return &executorv1.Call{
		Type:        t.Enum(),
		FrameworkId: &v1.FrameworkID{Value: proto.String(d.c.FrameworkID)},
		ExecutorId:  &v1.ExecutorID{Value: proto.String(d.c.ExecutorID)},
	}
}
