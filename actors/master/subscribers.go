package master

import (
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"mesos/actors"
	"mesos/actors/httpapi"
	"mesos/actors/master/view"
	masterv1 "mesos/messages/mesos/v1/master"
)

// subscribers are the readers of the operator event stream. They are an actor
// of their own, so that the master pays the same for a thousand as for one; its
// events reach them in the order in which it made them.
type subscribers struct {
	p         *actors.Process
	max       int
	heartbeat time.Duration
	queue     int // bytes that may wait for one reader
	log       *slog.Logger

	list []*subscriber // oldest first; on the actor

	count atomic.Int32 // those in list and on their way into it: without any the master makes no events

	mu      sync.Mutex
	waiting []*subscriber // for the master's next snapshot
}

// subscriber is one reader.
type subscriber struct {
	stream  *httpapi.Stream
	address string
	opened  bool
	early   []*operatorEvent // came while its SUBSCRIBED was being made
	stop    func()           // its heartbeat
	gone    bool
	first   chan *operatorEvent // its SUBSCRIBED
}

func newSubscribers(c Config) *subscribers {
	return &subscribers{max: c.MaxSubscribers, heartbeat: c.HeartbeatInterval, queue: subscriberQueue, log: c.Log}
}

// subscriberQueue bounds what waits for one reader of the event stream. Its SUBSCRIBED may be larger.
const subscriberQueue = 32 << 20

// Init implements actors.Actor.
func (s *subscribers) Init(p *actors.Process) {
	p.OnStop(func() {
		for _, sub := range s.list {
			sub.stream.Close(nil)
		}
	})
}

// errTooMany is why the oldest subscriber is dropped.
var errTooMany = errors.New("more subscribers came than max_operator_event_stream_subscribers allows: the oldest is dropped")

// add makes sub hear every event from here on.
func (s *subscribers) add(sub *subscriber) {
	if sub.gone {
		return
	}
	if len(s.list) >= s.max {
		s.drop(s.list[0], errTooMany)
	}
	s.list = append(s.list, sub)
}

// open sends a subscriber its SUBSCRIBED, a heartbeat at once, and what came meanwhile.
func (s *subscribers) open(sub *subscriber, first *operatorEvent) {
	if sub.gone {
		return
	}
	sub.opened = true
	sub.stream.Send(first)
	s.beat(sub)
	for _, e := range sub.early {
		sub.stream.Send(e)
	}
	sub.early = nil
}

var heartbeat = &operatorEvent{Event: &masterv1.Event{Type: masterv1.Event_HEARTBEAT.Enum()}}

func (s *subscribers) beat(sub *subscriber) {
	if sub.gone {
		return
	}
	sub.stream.Send(heartbeat)
	sub.stop = s.p.Delay(s.heartbeat, func() { s.beat(sub) })
}

// tell hands an event to all. A stream that is full drops itself and tells why when its handler returns.
func (s *subscribers) tell(e *operatorEvent) {
	for _, sub := range s.list {
		if !sub.opened {
			sub.early = append(sub.early, e)
			continue
		}
		sub.stream.Send(e)
	}
}

// drop forgets a subscriber; the stream ends after what is queued.
func (s *subscribers) drop(sub *subscriber, why error) {
	if sub.gone {
		return
	}
	sub.gone = true
	s.count.Add(-1)
	if sub.stop != nil {
		sub.stop()
	}
	for i, other := range s.list {
		if other == sub {
			s.list = append(s.list[:i:i], s.list[i+1:]...)
			break
		}
	}
	sub.stream.Close(nil)
	s.log.Info("operator event stream ended", "address", sub.address, "reason", why)
}

// operatorSubscribe serves SUBSCRIBE: the picture of one moment, and every event after it.
func (h *HTTP) operatorSubscribe(w http.ResponseWriter, r *http.Request, kind httpapi.Type) {
	m, s := h.master, h.master.subs
	sub := &subscriber{stream: httpapi.NewStream(w, r, kind, nil, httpapi.MaxQueue(s.queue)), address: r.RemoteAddr, first: make(chan *operatorEvent, 1)}
	s.log.Info("operator event stream opened", "address", sub.address)
	s.count.Add(1)
	s.mu.Lock()
	s.waiting = append(s.waiting, sub)
	s.mu.Unlock()
	m.p.Dispatch(m.admitSubscribers)
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case first := <-sub.first:
			first.fill(m.conf.HeartbeatInterval)
			s.p.Dispatch(func() { s.open(sub, first) })
		case <-sub.stream.Done():
		case <-m.p.Done():
			sub.stream.Close(nil)
		}
	}()
	err := sub.stream.Run(r.Context())
	<-over
	s.p.Dispatch(func() { s.drop(sub, err) })
}

// admitSubscribers takes one snapshot for all who wait, on the actor.
func (m *Master) admitSubscribers() {
	m.subs.mu.Lock()
	waiting := m.subs.waiting
	m.subs.waiting = nil
	m.subs.mu.Unlock()
	if len(waiting) == 0 {
		return // an earlier call took them along
	}
	first := &operatorEvent{cluster: m.snapshot()}
	for _, sub := range waiting {
		// From here on events count for it: they come to the subscribers' actor behind this.
		m.subs.p.Dispatch(func() { m.subs.add(sub) })
		sub.first <- first
	}
}

// operatorEvent is an event that many streams share: its text is made once.
type operatorEvent struct {
	*masterv1.Event
	cluster *view.Cluster // of a SUBSCRIBED, until Event is made of it

	made sync.Once
	text sync.Once
	json []byte
	err  error
}

// fill makes SUBSCRIBED of the picture. Any of those who share it may be first.
func (e *operatorEvent) fill(heartbeat time.Duration) {
	e.made.Do(func() {
		e.Event = subscribedOperator(e.cluster, heartbeat)
		e.cluster = nil
	})
}
