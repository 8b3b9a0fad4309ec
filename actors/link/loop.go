package link

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"
)

// Loop is the runtime of a program that is a single actor: what happens to it (messages, Exited, dispatched and delayed
// functions) runs one after the other on the goroutine of Run. It offers what actors.Process does, without its weight.
type Loop struct {
	t    *Transport
	self UPID

	mu     sync.Mutex
	queue  []func()
	linked map[string]struct{}
	wake   chan struct{}
	stop   chan struct{}
	once   sync.Once

	// Used on the loop only.
	onMessage func(from UPID, m proto.Message)
	onExited  func(addr string)
}

// NewLoop makes the actor id on t, and starts t. What comes in waits for Run.
func NewLoop(id string, t *Transport) *Loop {
	l := &Loop{
		t:      t,
		self:   UPID{ID: id, Addr: t.Addr()},
		linked: map[string]struct{}{},
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
	}
	t.Start((*loopReceiver)(l))
	return l
}

// Self is the actor's own UPID.
func (l *Loop) Self() UPID { return l.self }

// Send sends m to another actor; see Transport.Send.
func (l *Loop) Send(to UPID, m proto.Message) { l.t.Send(l.self, to, m) }

// OnMessage sets what gets the messages. Call it before Run or on the loop.
func (l *Loop) OnMessage(h func(from UPID, m proto.Message)) { l.onMessage = h }

// OnExited sets what is called when the session with a linked program ends. Call it before Run or on the loop.
func (l *Loop) OnExited(h func(addr string)) { l.onExited = h }

// Link asks for one OnExited(to.Addr) when the session with the program at to.Addr ends or cannot be made. Until then
// further Links change nothing; after it Link must be called again.
func (l *Loop) Link(to UPID) {
	if to.Addr == l.self.Addr {
		return
	}
	l.mu.Lock()
	_, already := l.linked[to.Addr]
	l.linked[to.Addr] = struct{}{}
	l.mu.Unlock()
	if !already {
		l.t.Connect(to.Addr)
	}
}

// WhyEnded is why the latest session with the program at addr ended; see Transport.WhyEnded.
func (l *Loop) WhyEnded(addr string) error { return l.t.WhyEnded(addr) }

// Dispatch runs f on the loop, from any goroutine. After Stop it is dropped.
func (l *Loop) Dispatch(f func()) {
	l.mu.Lock()
	l.queue = append(l.queue, f)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Delay runs f on the loop when d has passed. After cancel was called on the loop, f never runs; called elsewhere it may
// come too late.
func (l *Loop) Delay(d time.Duration, f func()) (cancel func()) {
	var cancelled atomic.Bool
	run := func() {
		if !cancelled.Swap(true) {
			f()
		}
	}
	timer := time.AfterFunc(d, func() { l.Dispatch(run) })
	return func() {
		cancelled.Store(true)
		timer.Stop()
	}
}

// Run runs the actor until Stop (nil) or until ctx is done (its error). It does not close the Transport.
func (l *Loop) Run(ctx context.Context) error {
	for {
		select {
		case <-l.wake:
		case <-l.stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		for _, f := range l.take() {
			if l.stopped() {
				return nil
			}
			f()
		}
	}
}

func (l *Loop) take() []func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue := l.queue
	l.queue = nil
	return queue
}

func (l *Loop) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

// Stop lets Run return after what it does now. It may be called anywhere, any number of times.
func (l *Loop) Stop() { l.once.Do(func() { close(l.stop) }) }

// loopReceiver is the Loop as its Transport sees it.
type loopReceiver Loop

func (r *loopReceiver) Deliver(from UPID, to string, m proto.Message) {
	l := (*Loop)(r)
	if to != l.self.ID {
		l.t.dropped("message received", from.Addr, errNobody)
		return
	}
	l.Dispatch(func() {
		if l.onMessage != nil {
			l.onMessage(from, m)
		}
	})
}

func (r *loopReceiver) Exited(addr string) {
	l := (*Loop)(r)
	l.mu.Lock()
	_, wanted := l.linked[addr]
	delete(l.linked, addr)
	l.mu.Unlock()
	if !wanted {
		return
	}
	l.Dispatch(func() {
		if l.onExited != nil {
			l.onExited(addr)
		}
	})
}
