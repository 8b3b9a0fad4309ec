package conformance

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/recordio"
)

// patience is how long a case waits for what must come. It is long: the machine may be slow.
const patience = time.Minute

// event is what all events have.
type event[T fmt.Stringer] interface {
	proto.Message
	GetType() T
}

// stream is a subscription whose events are read one by one.
type stream[T fmt.Stringer] struct {
	t      *testing.T
	reply  reply // without the body if there is a stream
	events chan event[T]
	mu     sync.Mutex
	seen   map[string]bool // types that came
}

// subscribe opens a stream with a body that is already encoded. Without a 200 there are no events.
func subscribe[T fmt.Stringer](t *testing.T, url string, e encoding, body []byte, newEvent func() event[T]) *stream[T] {
	t.Helper()
	w := open(t, http.MethodPost, url, body, "Content-Type", e.media(), "Accept", e.media())
	s := &stream[T]{t: t, reply: reply{code: w.StatusCode, header: w.Header}, events: make(chan event[T], 1000), seen: map[string]bool{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(s.events)
		for r := recordio.NewReader(w.Body, 64<<20); w.StatusCode == http.StatusOK; {
			record, err := r.Read()
			if err != nil {
				return
			}
			ev := newEvent()
			if err := e.decode(record, ev); err != nil {
				t.Errorf("event %q: %v", record, err)
				return
			}
			s.mu.Lock()
			s.seen[ev.GetType().String()] = true
			s.mu.Unlock()
			s.events <- ev
		}
	}()
	t.Cleanup(func() { _ = w.Body.Close(); <-done })
	return s
}

// next waits for an event of the type that good accepts; nil if the stream ends or nothing comes.
func (s *stream[T]) next(want string, good func(event[T]) bool) event[T] {
	for deadline := time.After(patience); ; {
		select {
		case ev, ok := <-s.events:
			if !ok {
				return nil
			}
			if ev.GetType().String() == want && (good == nil || good(ev)) {
				return ev
			}
		case <-deadline:
			return nil
		}
	}
}

// must is next for what the case cannot go on without.
func (s *stream[T]) must(want string, good func(event[T]) bool) event[T] {
	s.t.Helper()
	ev := s.next(want, good)
	if ev == nil {
		s.t.Fatalf("no event %s came; there were %v", want, s.types())
	}
	return ev
}

func (s *stream[T]) types() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.seen {
		out = append(out, k)
	}
	return out
}
