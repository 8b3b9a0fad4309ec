package scheduler

import (
	"errors"
	"log/slog"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/authentication"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
	"mesos/registry/leader"
)

// Config says who subscribes, and where.
type Config struct {
	Master          actors.UPID     // master@host:port
	Detector        leader.Detector // tells who leads instead; nil: Master always does
	Framework       *v1.FrameworkInfo
	SuppressedRoles []string
	// Credential is what the framework authenticates with; nil: with nothing. A principal of Framework must be the same.
	Credential *authentication.Credential
	// Tasks are what an earlier run of this framework launched and did not hear
	// the end of: agent id by task id. The driver asks for them.
	Tasks     map[string]string
	ManualAck bool          // the framework calls Acknowledge and AcknowledgeOperation itself
	Backoff   time.Duration // first wait between two tries to subscribe (500 ms), doubling up to 15 s
	Log       *slog.Logger
}

const maxBackoff = 15 * time.Second

// Callbacks are what a framework wants to hear of. Any may be nil.
type Callbacks struct {
	Subscribed   func(d *Driver, e *schedulerv1.Event_Subscribed) // also after each re-subscription
	Disconnected func(d *Driver)
	Offers       func(d *Driver, offers []*v1.Offer)
	Rescinded    func(d *Driver, id *v1.OfferID)
	// InverseOffers ask the framework to leave agents before they are unavailable;
	// it answers by AcceptInverseOffers or DeclineInverseOffers.
	InverseOffers    func(d *Driver, offers []*v1.InverseOffer)
	InverseRescinded func(d *Driver, id *v1.OfferID)
	Update           func(d *Driver, s *v1.TaskStatus)
	Operation        func(d *Driver, s *v1.OperationStatus)
	Message          func(d *Driver, m *schedulerv1.Event_Message)
	Failure          func(d *Driver, f *schedulerv1.Event_Failure) // an agent or executor is lost
	Error            func(d *Driver, err error)                    // the master refused; the driver has stopped
}

// Driver is a framework's connection to the cluster.
type Driver struct {
	conf Config
	cb   Callbacks
	log  *slog.Logger
	p    *actors.Process

	// On the actor only.
	info       *v1.FrameworkInfo
	subscribed bool
	stopped    bool
	login      *authentication.Login
	attempt    int    // late timers of earlier tries are ignored
	asking     bool   // tasks are asked for, by the newest attempt
	leaderID   string // of the master that the detector told last
	heardAt    time.Time
	tasks      map[string]*launched
}

// New makes a driver; [Start] or spawning it as an actor runs it.
func New(c Config, cb Callbacks) *Driver {
	if c.Backoff == 0 {
		c.Backoff = 500 * time.Millisecond
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	d := &Driver{conf: c, cb: cb, log: c.Log, info: proto.CloneOf(c.Framework), tasks: map[string]*launched{}}
	for task, agent := range ordered.All(c.Tasks) {
		d.tasks[task] = &launched{agentID: ids.Agent(agent)}
	}
	return d
}

// Start spawns a driver on sys under the given process id, like "scheduler(1)".
func Start(sys *actors.System, id string, c Config, cb Callbacks) (*Driver, error) {
	d := New(c, cb)
	if _, err := sys.SpawnReady(id, d); err != nil {
		return nil, err
	}
	return d, nil
}

// Init subscribes. It is called by the runtime.
func (d *Driver) Init(p *actors.Process) {
	d.p = p
	p.OnExited(d.exited)
	actors.Install(p, d.event)
	d.login = authentication.NewLogin(p, d.conf.Credential, func() actors.UPID { return d.conf.Master }, d.authenticated, d.notAuthenticated)
	d.followLeader()
	d.subscribe()
}

// Process is the driver's process.
func (d *Driver) Process() *actors.Process { return d.p }

// Dispatch runs f on the driver's actor, where the callbacks run.
func (d *Driver) Dispatch(f func()) { d.p.Dispatch(f) }

// Delay runs f on the driver's actor later, unless cancelled there before.
func (d *Driver) Delay(after time.Duration, f func()) (cancel func()) { return d.p.Delay(after, f) }

// FrameworkID is the id that the master knows the framework by, "" before it
// has subscribed. To be called on the actor.
func (d *Driver) FrameworkID() string { return d.info.GetId().GetValue() }

// Stop ends the driver. The framework's tasks run on for its failover timeout.
func (d *Driver) Stop() {
	d.p.Dispatch(func() {
		d.stopped = true
		d.p.Stop()
	})
}

// Teardown ends the framework for good, with all its tasks, and the driver.
func (d *Driver) Teardown() {
	d.p.Dispatch(func() {
		d.send(&schedulerv1.Call{Type: schedulerv1.Call_TEARDOWN.Enum()})
		d.stopped = true
		d.p.Stop()
	})
}

func (d *Driver) subscribe() {
	d.attempt++
	d.try(d.attempt, d.conf.Backoff)
}

func (d *Driver) try(attempt int, backoff time.Duration) {
	if d.stopped || d.subscribed || attempt != d.attempt || !d.masterKnown() {
		return
	}
	d.p.Link(d.conf.Master)
	if d.login.Needed() {
		d.login.Begin()
	} else {
		d.p.Send(d.conf.Master, &schedulerv1.Call{
			Type: schedulerv1.Call_SUBSCRIBE.Enum(), FrameworkId: d.info.Id,
			Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: d.info, SuppressedRoles: d.conf.SuppressedRoles},
		})
	}
	wait := backoff/2 + d.jitter(backoff/2)
	d.p.Delay(wait, func() { d.try(attempt, min(2*backoff, maxBackoff)) })
}

// jitter is a random part of d.
func (d *Driver) jitter(of time.Duration) time.Duration {
	return time.Duration(d.p.Rand().Int64N(int64(of) + 1))
}

// exited subscribes anew: the session with the master ended.
func (d *Driver) exited(addr string) {
	if d.stopped || addr != d.conf.Master.Addr {
		return
	}
	d.login.Forget()
	d.lost("the connection to it ended")
}

// lost subscribes anew.
func (d *Driver) lost(why string) {
	if !d.subscribed {
		return // a try is under way
	}
	d.subscribed = false
	d.log.Info("master lost", "framework_id", d.FrameworkID(), "master", d.conf.Master.String(), "reason", why)
	if d.cb.Disconnected != nil {
		d.cb.Disconnected(d)
	}
	d.attempt++
	attempt := d.attempt
	d.p.Delay(d.jitter(d.conf.Backoff), func() { d.try(attempt, d.conf.Backoff) })
}

// missedHeartbeats is how many beats of the master may be missing until the
// driver subscribes anew, as the scheduler API asks of its clients.
const missedHeartbeats = 5

// silenceAfter watches for a master that does not count this framework as
// subscribed, though the connection stands: it sends no heartbeats.
func (d *Driver) silenceAfter(limit time.Duration) {
	if limit <= 0 {
		return // the master promised no heartbeats
	}
	attempt := d.attempt
	d.p.Delay(limit, func() {
		switch quiet := time.Since(d.heardAt); {
		case d.stopped || !d.subscribed || attempt != d.attempt:
		case quiet >= limit:
			d.lost("it sent no heartbeat in time")
		default:
			d.silenceAfter(limit)
		}
	})
}

// send sends a call under the framework's id. While the framework is not
// subscribed calls are lost, as they would be on the way; the framework learns
// what became of a launch when the driver asks for its tasks.
func (d *Driver) send(c *schedulerv1.Call) {
	if a := c.GetAccept(); a != nil {
		d.remember(a.GetOperations())
	}
	if d.stopped || !d.subscribed {
		d.log.Debug("call dropped: not subscribed", "framework_id", d.FrameworkID(), "call", c.GetType().String())
		return
	}
	if c.FrameworkId == nil {
		c.FrameworkId = d.info.Id
	}
	d.p.Send(d.conf.Master, c)
}

// event hands an event of the master to its callback.
func (d *Driver) event(from actors.UPID, e *schedulerv1.Event) {
	if from != d.conf.Master || d.stopped {
		return
	}
	d.heardAt = time.Now()
	switch e.GetType() {
	case schedulerv1.Event_SUBSCRIBED:
		d.onSubscribed(e.GetSubscribed())
	case schedulerv1.Event_OFFERS:
		if d.cb.Offers != nil {
			d.cb.Offers(d, e.GetOffers().GetOffers())
		}
	case schedulerv1.Event_RESCIND:
		if d.cb.Rescinded != nil {
			d.cb.Rescinded(d, e.GetRescind().GetOfferId())
		}
	case schedulerv1.Event_INVERSE_OFFERS:
		if d.cb.InverseOffers != nil {
			d.cb.InverseOffers(d, e.GetInverseOffers().GetInverseOffers())
		}
	case schedulerv1.Event_RESCIND_INVERSE_OFFER:
		if d.cb.InverseRescinded != nil {
			d.cb.InverseRescinded(d, e.GetRescindInverseOffer().GetInverseOfferId())
		}
	case schedulerv1.Event_UPDATE:
		d.onUpdate(e.GetUpdate().GetStatus())
	case schedulerv1.Event_UPDATE_OPERATION_STATUS:
		d.onOperation(e.GetUpdateOperationStatus().GetStatus())
	case schedulerv1.Event_MESSAGE:
		if d.cb.Message != nil {
			d.cb.Message(d, e.GetMessage())
		}
	case schedulerv1.Event_FAILURE:
		if d.cb.Failure != nil {
			d.cb.Failure(d, e.GetFailure())
		}
	case schedulerv1.Event_ERROR:
		d.onError(errors.New(e.GetError().GetMessage()))
	}
}

func (d *Driver) onSubscribed(s *schedulerv1.Event_Subscribed) {
	if d.subscribed {
		return // an answer to a SUBSCRIBE that was repeated
	}
	d.subscribed = true
	// A link made with the SUBSCRIBE may have been used up by an attempt that
	// failed before the one that got through.
	d.p.Link(d.conf.Master)
	d.silenceAfter(time.Duration(missedHeartbeats * s.GetHeartbeatIntervalSeconds() * float64(time.Second)))
	again := d.info.Id != nil
	d.info.Id = ids.Framework(s.GetFrameworkId().GetValue())
	d.log.Info("subscribed", "framework_id", d.FrameworkID(), "master", d.conf.Master.String())
	if d.cb.Subscribed != nil {
		d.cb.Subscribed(d, s)
	}
	if again {
		d.askForAll() // what happened while the framework was away
	}
}

func (d *Driver) onUpdate(s *v1.TaskStatus) {
	d.heard(s)
	if d.cb.Update != nil {
		d.cb.Update(d, s)
	}
	if !d.conf.ManualAck {
		d.Acknowledge(s)
	}
}

func (d *Driver) onError(err error) {
	d.log.Error("the master refused the framework", "framework_id", d.FrameworkID(), "error", err)
	d.stopped = true
	if d.cb.Error != nil {
		d.cb.Error(d, err)
	}
	d.p.Stop()
}
