package nettest

import (
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors"
)

// Event is one call of a Receiver: a message, or, if Exited is not empty, the end of a session.
type Event struct {
	From    actors.UPID
	To      string
	Message proto.Message
	Exited  string
}

// Recorder is a Receiver that keeps what it gets, in order.
type Recorder struct {
	mu     sync.Mutex
	events []Event
	more   chan struct{} // holds one token when there is something new
	gate   chan struct{} // Deliver waits until it is closed
}

// NewRecorder makes an empty Recorder.
func NewRecorder() *Recorder {
	r := &Recorder{more: make(chan struct{}, 1), gate: make(chan struct{})}
	close(r.gate)
	return r
}

// Deliver keeps the message, after Release if it is held.
func (r *Recorder) Deliver(from actors.UPID, to string, m proto.Message) {
	r.mu.Lock()
	gate := r.gate
	r.mu.Unlock()
	<-gate
	r.add(Event{From: from, To: to, Message: m})
}

// Exited keeps the end of a session.
func (r *Recorder) Exited(addr string) { r.add(Event{Exited: addr}) }

func (r *Recorder) add(e Event) {
	r.mu.Lock()
	r.events = append(r.events, e)
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// Hold makes Deliver block until Release.
func (r *Recorder) Hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate = make(chan struct{})
}

// Release undoes Hold.
func (r *Recorder) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.gate:
	default:
		close(r.gate)
	}
}

// giveUp is when a test that waits for something that never comes fails.
const giveUp = time.Minute

// Next takes the oldest event, waiting for it.
func (r *Recorder) Next(t *testing.T) Event {
	t.Helper()
	timer := time.NewTimer(giveUp)
	defer timer.Stop()
	for {
		r.mu.Lock()
		if len(r.events) > 0 {
			e := r.events[0]
			r.events = r.events[1:]
			r.mu.Unlock()
			return e
		}
		r.mu.Unlock()
		select {
		case <-r.more:
		case <-timer.C:
			t.Fatal("no event came")
		}
	}
}

func (r *Recorder) wantNumber(t *testing.T, from actors.UPID, to string, want int64) {
	t.Helper()
	e := r.Next(t)
	m, ok := e.Message.(*wrapperspb.Int64Value)
	if !ok || m.Value != want || e.From != from || e.To != to {
		t.Fatalf("got %+v, want number %d from %v to %s", e, want, from, to)
	}
}

func (r *Recorder) wantExited(t *testing.T, addr string) {
	t.Helper()
	if e := r.Next(t); e.Exited != addr {
		t.Fatalf("got %+v, want exited %s", e, addr)
	}
}
