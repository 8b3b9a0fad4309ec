package link

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"
)

var (
	errOverflow  = errors.New("queue full")
	errRestarted = errors.New("peer began a new session")
	errClosed    = errors.New("transport closed")
	errMute      = errors.New("peer is mute")
	errHungUp    = errors.New("hung up on purpose")
	errNobody    = errors.New("no such actor here")
)

// session is what lies between two Exited of a peer: dialing, then up, then over. All fields but the channels and over
// are guarded by peer.mu.
type session struct {
	p     *peer
	inc   incarnation     // as this program names it
	prev  <-chan struct{} // closed when the session before is over and told
	done  chan struct{}   // closed when this one is
	over  atomic.Bool     // nothing of it may be delivered any more
	wg    sync.WaitGroup  // its dialer, readers and writers
	since time.Time       // when it came up

	remote   incarnation // as the peer names it; known once bound
	bound    bool        // there was a hello: it is up
	conns    []*conn
	out      *conn // all that is sent goes over this one
	queue    []byte
	writing  int // bytes taken from queue and not yet with the kernel
	draining bool

	cancelDial context.CancelFunc
	dialing    net.Conn // saying hello
}

// newSession makes the peer's current session; nil if the Transport is closing. p.mu is held.
func (p *peer) newSession() *session {
	if !p.t.begin() {
		return nil
	}
	s := &session{
		p:    p,
		inc:  incarnation{program: p.t.program, session: p.t.session.Add(1)},
		prev: p.last,
		done: make(chan struct{}),
	}
	p.cur, p.last = s, s.done
	return s
}

// push queues a message. p.mu is held.
func (s *session) push(from, to string, m proto.Message) {
	empty := len(s.queue) == 0
	queue, err := appendFrame(s.queue, from, to, m, s.p.t.o.MaxFrame)
	if err != nil {
		s.p.t.dropped("message", s.p.addr, err)
		return
	}
	s.queue = queue
	if len(queue)+s.writing > s.p.t.o.MaxQueue {
		s.end(errOverflow)
		return
	}
	if empty && s.out != nil {
		s.out.wakeUp()
	}
}

// takeQueue swaps the queue for an empty buffer; last tells that no more will come. Called by the writer of s.out.
func (s *session) takeQueue(c *conn, empty []byte) (queue []byte, last bool) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.out != c {
		return nil, s.draining
	}
	queue = s.queue
	s.queue = empty
	s.writing = len(queue)
	return queue, s.draining
}

// trimQueue gives back the buffer of an idle session.
func (s *session) trimQueue() {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil
	}
}

// attach adds a connection whose hello was read. It returns false if the connection must be closed. p.mu is held.
func (s *session) attach(c *conn, remote incarnation) bool {
	if s.over.Load() || s.bound && s.remote != remote {
		return false
	}
	if !s.bound {
		s.bound, s.remote, s.since = true, remote, time.Now()
		s.p.t.o.Log.Debug("link: session up", slog.String("peer", s.p.addr))
	}
	c.session = s
	s.conns = append(s.conns, c)
	if s.out == nil {
		s.out = c
	}
	s.wg.Add(2)
	c.wakeUp()
	go c.write()
	return true
}

// fail ends the session because of one of its connections.
func (s *session) fail(cause error) {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.end(cause)
}

// drain lets the session end once its queue is sent. p.mu is held.
func (s *session) drain() {
	s.draining = true
	if !s.bound && len(s.queue) == 0 {
		s.end(errClosed)
	}
	for _, c := range s.conns {
		c.wakeUp()
	}
}

// end ends the session: closes all it has and lets finish do the rest. p.mu is held.
func (s *session) end(cause error) {
	if s.over.Swap(true) {
		return
	}
	s.p.cur = nil
	s.queue = nil
	if s.cancelDial != nil {
		s.cancelDial()
	}
	if s.dialing != nil {
		_ = s.dialing.Close()
	}
	for _, c := range s.conns {
		c.close()
	}
	s.log(cause)
	s.p.t.remember(s.p.addr, s.remote, s.verdict(cause), cause)
	go s.finish()
}

// verdict is what the end of the session says about the peer's health.
func (s *session) verdict(cause error) verdict {
	switch {
	case errors.Is(cause, errOverflow):
		return unchanged
	case errors.Is(cause, errRestarted) || s.bound && time.Since(s.since) >= shortLife:
		return healthy
	default:
		return failed
	}
}

func (s *session) log(cause error) {
	level := slog.LevelInfo
	switch {
	case errors.Is(cause, errOverflow):
		level = slog.LevelWarn
	case errors.Is(cause, errClosed) || errors.Is(cause, io.EOF):
		level = slog.LevelDebug
	}
	level = s.p.t.complaints.level(s.p.addr, cause, level)
	s.p.t.o.Log.Log(context.Background(), level, "link: session over",
		slog.String("peer", s.p.addr), slog.Bool("was_up", s.bound), slog.Any("cause", cause))
}

// finish tells the Receiver, when nothing of this session can be delivered any more and the session before is told.
func (s *session) finish() {
	t := s.p.t
	defer t.wg.Done()
	s.wg.Wait()
	<-s.prev
	if !t.isClosing() {
		t.receiver.Exited(s.p.addr)
	}
	close(s.done)
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.forget()
}
