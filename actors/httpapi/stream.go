package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/messages/recordio"
)

// Why a stream ended before it was closed.
var (
	ErrOverflow = errors.New("subscriber reads too slowly: its queue of events is full")
	ErrStalled  = errors.New("subscriber stopped reading: a write made no progress")
	ErrPeerGone = errors.New("subscriber disconnected")
)

// StreamIDHeader names the subscription that a call belongs to.
const StreamIDHeader = "Mesos-Stream-Id"

// NewSubscription reports whether a SUBSCRIBE names no subscription, as it must, or answers why that is wrong.
func NewSubscription(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get(StreamIDHeader) == "" {
		return true
	}
	Errorf(w, http.StatusBadRequest, "Header %s must not be sent with SUBSCRIBE: the answer brings a new one.", StreamIDHeader)
	return false
}

const (
	defaultMaxQueue     = 64 << 20
	defaultWriteTimeout = 30 * time.Second
	// Each started MiB of one record gives its write another second.
	bytesPerSecond = 1 << 20
	// A buffer that one huge event has grown beyond this is not kept.
	keepBuffer = 1 << 20
)

// Stream is the response to a subscription: an endless chunked body of RecordIO records, one record in each write,
// flush and chunk.
//
// Two goroutines share it. An actor queues events with Send and ends the stream with Close; neither ever blocks nor
// encodes. The handler's goroutine runs Run, which encodes and writes. The mutex guards only the queue between them.
type Stream struct {
	control      *http.ResponseController
	w            http.ResponseWriter
	kind         Type
	maxQueue     int
	writeTimeout time.Duration

	ctx  context.Context // ends when the stream fails or the peer goes; cut interrupts a write that hangs
	cut  context.CancelFunc
	wake chan struct{} // holds one token while the queue has news
	done chan struct{}
	err  error // why Run ended; read only after done

	mu      sync.Mutex
	queue   []queued
	bytes   int
	closing bool  // no more events; Run ends once the queue is empty
	failure error // no more events, and those queued are dropped
}

type queued struct {
	m    proto.Message
	size int
}

// StreamOption changes a default of a Stream.
type StreamOption func(*Stream)

// MaxQueue bounds the events waiting for the reader, in bytes of their protobuf form. The default is 64 MiB. One event
// is always taken by an empty queue, however large.
func MaxQueue(bytes int) StreamOption { return func(s *Stream) { s.maxQueue = bytes } }

// WriteTimeout is how long one write may hang before the stream is given up; large records get a second more for each
// MiB. The default is 30 s.
func WriteTimeout(d time.Duration) StreamOption { return func(s *Stream) { s.writeTimeout = d } }

// NewStream answers 200 with the given headers beside Content-Type and sends them at once. The handler must go on to
// call Run, which is what ends the stream for everyone who waits on it.
func NewStream(w http.ResponseWriter, r *http.Request, t Type, header http.Header, options ...StreamOption) *Stream {
	s := &Stream{
		kind:     t,
		maxQueue: defaultMaxQueue, writeTimeout: defaultWriteTimeout,
		wake: make(chan struct{}, 1), done: make(chan struct{}),
	}
	for _, o := range options {
		o(s)
	}
	s.ctx, s.cut = context.WithCancel(r.Context())
	Raw(w)
	control := http.NewResponseController(w)
	for k, v := range header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", t.String())
	_ = control.SetWriteDeadline(time.Now().Add(s.writeTimeout))
	w.WriteHeader(http.StatusOK)
	_ = control.Flush() // if the peer has gone, the first write in Run says so
	// From here on below the Router's writer, which would move the deadlines that the stream sets.
	if out, ok := w.(*response); ok {
		w = out.ResponseWriter
	}
	s.w, s.control = w, http.NewResponseController(w)
	return s
}

// Send queues m and reports whether the stream took it: false means that it is closed or has just overflowed, and m
// is lost. It never blocks. m must not change from here on; several streams may share it.
func (s *Stream) Send(m proto.Message) bool {
	size := proto.Size(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.failure != nil {
		return false
	}
	if len(s.queue) > 0 && s.bytes+size > s.maxQueue {
		s.failLocked(fmt.Errorf("%w (%d events, %d bytes)", ErrOverflow, len(s.queue), s.bytes))
		return false
	}
	s.pushLocked(m, size)
	return true
}

// Close ends the stream after what is queued and, if it is not nil, last, which finds place in any queue. The first
// Close wins; closing a stream that has failed does nothing.
func (s *Stream) Close(last proto.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.failure != nil {
		return
	}
	s.closing = true
	if last != nil {
		s.pushLocked(last, 0)
	}
	s.signal()
}

// Done is closed when Run has returned: nothing is written any more.
func (s *Stream) Done() <-chan struct{} { return s.done }

// Err is why the stream ended, nil if it was closed; it may be asked once Done is closed.
func (s *Stream) Err() error {
	<-s.done
	return s.err
}

func (s *Stream) pushLocked(m proto.Message, size int) {
	s.queue = append(s.queue, queued{m, size})
	s.bytes += size
	s.signal()
}

func (s *Stream) failLocked(err error) {
	s.failure = err
	s.queue, s.bytes = nil, 0
	s.cut()
}

func (s *Stream) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run writes events until the stream is closed (nil), ctx ends, the peer goes or reads too slowly. It belongs on the
// handler's goroutine, once. After an error the connection is broken off instead of ended, so that the peer can tell.
func (s *Stream) Run(ctx context.Context) error {
	defer close(s.done)
	defer s.cut()
	interrupted := make(chan struct{})
	stop := context.AfterFunc(s.ctx, func() {
		defer close(interrupted)
		s.expire()
	})
	stopWatching := context.AfterFunc(ctx, func() { s.abandon(context.Cause(ctx)) })
	s.err = s.run()
	stopWatching()
	// The connection outlives the handler: leave nothing behind that still touches it.
	if !stop() {
		<-interrupted
	}
	if s.err != nil {
		s.abandon(s.err)
		s.expire()
	}
	return s.err
}

// expire makes a hanging write return, and lets later ones fail: also that of the chunk which would end the body well.
func (s *Stream) expire() { _ = s.control.SetWriteDeadline(time.Unix(1, 0)) }

func (s *Stream) abandon(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failLocked(err)
	}
}

func (s *Stream) run() error {
	var e encoder
	for {
		q, state := s.next()
		switch state {
		case ended:
			return nil
		case ready:
			if err := s.write(&e, q.m); err != nil {
				return err
			}
			s.written(q.size)
			continue
		}
		select {
		case <-s.wake:
		case <-s.ctx.Done():
			return s.reason(ErrPeerGone)
		}
	}
}

type queueState int

const (
	empty queueState = iota
	ready
	ended
)

// next takes the first event. Its bytes count until it is written, so that a stalled write cannot hide them.
func (s *Stream) next() (queued, queueState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		if s.closing && s.failure == nil {
			return queued{}, ended
		}
		return queued{}, empty
	}
	q := s.queue[0]
	s.queue[0] = queued{}
	s.queue = s.queue[1:]
	return q, ready
}

func (s *Stream) written(size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.bytes -= size
	}
}

func (s *Stream) write(e *encoder, m proto.Message) error {
	record, err := e.encode(s.kind, m)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	timeout := s.writeTimeout + time.Duration(len(record)/bytesPerSecond)*time.Second
	deadline := time.Now().Add(timeout)
	_ = s.control.SetWriteDeadline(deadline)
	// Checked after the deadline is set: a cut that came before it would have been undone by it.
	if s.ctx.Err() != nil {
		return s.reason(ErrPeerGone)
	}
	if _, err = s.w.Write(record); err == nil {
		err = s.control.Flush()
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(deadline):
		return s.reason(fmt.Errorf("%w for %v", ErrStalled, timeout))
	}
	return s.reason(fmt.Errorf("%w: %w", ErrPeerGone, err))
}

// reason prefers the failure that cut the stream to what the connection says of it.
func (s *Stream) reason(otherwise error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return s.failure
	}
	return otherwise
}

// encoder makes records in buffers that it keeps.
type encoder struct{ payload, record []byte }

func (e *encoder) encode(t Type, m proto.Message) ([]byte, error) {
	if cap(e.payload) > keepBuffer {
		e.payload, e.record = nil, nil
	}
	payload, err := appendMessage(e.payload[:0], t, m)
	if err != nil {
		return nil, err
	}
	e.payload = payload
	e.record = recordio.Append(e.record[:0], payload)
	return e.record, nil
}
