// Package subscribers is the readers of the operator event stream, SUBSCRIBE of the
// operator API. They are an actor of their own, so that the master pays the same
// for a thousand as for one; its events reach them in the order in which it made
// them.
//
// The master starts it beside itself, tells it what happens ([Subscribers.Tell]),
// and gives a picture of the cluster for those who come ([Subscribers.Admit]); its
// HTTP serves them ([Subscribers.Serve]). It keeps nothing but who reads.
package subscribers

import (
	"errors"
	"fmt"
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

// Config is what the streams are opened with.
type Config struct {
	Max       int           // readers; above it the oldest is dropped
	Heartbeat time.Duration // of each stream
	Queue     int           // bytes that may wait for one reader; its SUBSCRIBED may be larger
	Log       *slog.Logger
}

// Subscribers is the actor.
type Subscribers struct {
	conf Config
	p    *actors.Process

	list []*subscriber // oldest first; on the actor

	count atomic.Int32 // those in list and on their way into it

	mu      sync.Mutex
	waiting []*subscriber // for the master's next snapshot
}

// subscriber is one reader.
type subscriber struct {
	stream  *httpapi.Stream
	see     view.Sight // nil: everything
	address string
	opened  bool
	early   []*event // came while its SUBSCRIBED was being made
	stop    func()   // its heartbeat
	gone    bool
	first   chan *event // its SUBSCRIBED
}

// Start starts the actor without any readers.
func Start(sys *actors.System, c Config) (*Subscribers, error) {
	s := &Subscribers{conf: c}
	p, err := sys.Spawn("subscribers", s)
	if err != nil {
		return nil, fmt.Errorf("start of the event streams: %w", err)
	}
	s.p = p
	return s, nil
}

// Count is how many read or are about to: without any the master need not make
// events. Any goroutine may call it.
func (s *Subscribers) Count() int { return int(s.count.Load()) }

// Tell hands an event, which must not be changed any more, to all who read and see everything. as, which may be called
// from any goroutine, is what others see of it, nil for nothing; without as they see it all.
func (s *Subscribers) Tell(made *masterv1.Event, as func(view.Sight) *masterv1.Event) {
	e := &event{Event: made, as: as}
	s.p.Dispatch(func() { s.tell(e) })
}

// Init implements actors.Actor.
func (s *Subscribers) Init(p *actors.Process) {
	p.OnStop(func() {
		for _, sub := range s.list {
			sub.stream.Close(nil)
		}
	})
}

// errTooMany is why the oldest subscriber is dropped.
var errTooMany = errors.New("more subscribers came than max_operator_event_stream_subscribers allows: the oldest is dropped")

// add makes sub hear every event from here on.
func (s *Subscribers) add(sub *subscriber) {
	if sub.gone {
		return
	}
	if len(s.list) >= s.conf.Max {
		s.drop(s.list[0], errTooMany)
	}
	s.list = append(s.list, sub)
}

// open sends a subscriber its SUBSCRIBED, a heartbeat at once, and what came meanwhile.
func (s *Subscribers) open(sub *subscriber, first *event) {
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

var heartbeat = &event{Event: &masterv1.Event{Type: masterv1.Event_HEARTBEAT.Enum()}}

func (s *Subscribers) beat(sub *subscriber) {
	if sub.gone {
		return
	}
	sub.stream.Send(heartbeat)
	sub.stop = s.p.Delay(s.conf.Heartbeat, func() { s.beat(sub) })
}

// tell hands an event to all. A stream that is full drops itself and tells why when its handler returns.
func (s *Subscribers) tell(e *event) {
	for _, sub := range s.list {
		e := e.seenBy(sub.see)
		if e == nil {
			continue
		}
		if !sub.opened {
			sub.early = append(sub.early, e)
			continue
		}
		sub.stream.Send(e)
	}
}

// drop forgets a subscriber; the stream ends after what is queued.
func (s *Subscribers) drop(sub *subscriber, why error) {
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
	s.conf.Log.Info("operator event stream ended", "address", sub.address, "reason", why)
}

// Serve serves SUBSCRIBE: the picture of one moment, and every event after it, as far as see goes. ask
// has the master call Admit; done is closed when it stops.
func (s *Subscribers) Serve(w http.ResponseWriter, r *http.Request, kind httpapi.Type, see view.Sight, ask func(), done <-chan struct{}) {
	sub := &subscriber{see: see, stream: httpapi.NewStream(w, r, kind, nil, httpapi.MaxQueue(s.conf.Queue)), address: r.RemoteAddr, first: make(chan *event, 1)}
	s.conf.Log.Info("operator event stream opened", "address", sub.address)
	s.count.Add(1)
	s.mu.Lock()
	s.waiting = append(s.waiting, sub)
	s.mu.Unlock()
	ask()
	over := make(chan struct{})
	go func() {
		defer close(over)
		select {
		case first := <-sub.first:
			first.fill(s.conf.Heartbeat)
			s.p.Dispatch(func() { s.open(sub, first) })
		case <-sub.stream.Done():
		case <-done:
			sub.stream.Close(nil)
		}
	}()
	err := sub.stream.Run(r.Context())
	<-over
	s.p.Dispatch(func() { s.drop(sub, err) })
}

// Admit takes one picture for all who wait. What the master tells from here on
// counts for them.
func (s *Subscribers) Admit(look func() *view.Cluster) {
	s.mu.Lock()
	waiting := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	if len(waiting) == 0 {
		return // an earlier call took them along
	}
	c := look()
	all := &event{cluster: c}
	for _, sub := range waiting {
		s.p.Dispatch(func() { s.add(sub) }) // ahead of all that is told
		first := all
		if sub.see != nil {
			first = &event{cluster: c, see: sub.see}
		}
		sub.first <- first
	}
}
