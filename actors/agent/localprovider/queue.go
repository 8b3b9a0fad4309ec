package localprovider

import (
	"context"
	"sync"

	rpv1 "mesos/messages/mesos/v1/resource_provider"
)

// queue is a subscription: the agent puts events in without waiting, the
// provider takes them out in order. The mutex guards only what both touch.
type queue struct {
	mu     sync.Mutex
	events []*rpv1.Event
	closed bool
	wake   chan struct{} // holds one item while there may be something to take
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

// StreamID implements [agent.ProviderConn].
func (q *queue) StreamID() string { return "" }

// Send implements [agent.ProviderConn].
func (q *queue) Send(e *rpv1.Event) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.events = append(q.events, e)
	q.signal()
}

// Close implements [agent.ProviderConn]. What was sent before is still taken.
func (q *queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// next waits for an event; nil when the subscription or ctx has ended.
func (q *queue) next(ctx context.Context) *rpv1.Event {
	for {
		e, closed := q.take()
		if e != nil || closed {
			return e
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return nil
		}
	}
}

func (q *queue) take() (e *rpv1.Event, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) == 0 {
		return nil, q.closed
	}
	e = q.events[0]
	q.events = q.events[1:]
	return e, false
}
