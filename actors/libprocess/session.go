package libprocess

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
)

var (
	errClosed   = errors.New("this program is about to end")
	errLinked   = errors.New("the sender has an actor link with this program")
	errTooMany  = errors.New("too many programs speak libprocess with this one")
	errHungUp   = errors.New("hung up on purpose")
	errOverflow = errors.New("queue full")
)

// session is our connection to one peer, from the first message for it to its Exited.
type session struct {
	n      *Network
	addr   string
	ctx    context.Context // ends with the session; for the dialer
	cancel context.CancelFunc
	wake   chan struct{} // something is queued, or the session is over
	done   chan struct{} // closed when its end is told

	mu       sync.Mutex
	queue    []byte
	writing  int // bytes taken from queue and not yet with the kernel
	conn     net.Conn
	over     bool
	draining bool
}

func newSession(n *Network, addr string) *session {
	s := &session{n: n, addr: addr, wake: make(chan struct{}, 1), done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// push queues a message.
func (s *session) push(from, to link.UPID, m proto.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	queue, err := appendRequest(s.queue, from, to, m)
	if err != nil {
		s.n.o.Log.Warn("libprocess: dropped message", slog.String("peer", to.String()), slog.Any("error", err))
		return
	}
	s.queue = queue
	if len(queue)+s.writing > s.n.o.MaxQueue {
		s.endLocked(errOverflow)
		return
	}
	s.wakeUp()
}

func (s *session) wakeUp() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *session) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// drain lets the session end once its queue is sent.
func (s *session) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	s.wakeUp()
}

func (s *session) end(cause error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked(cause)
}

func (s *session) endLocked(cause error) {
	if s.over {
		return
	}
	s.over, s.queue = true, nil
	s.cancel()
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.wakeUp()
	level := slog.LevelInfo
	if errors.Is(cause, errClosed) {
		level = slog.LevelDebug
	}
	s.n.o.Log.Log(context.Background(), level, "libprocess: session over", slog.String("peer", s.addr), slog.Any("cause", cause))
}

// run dials, writes until the session is over, and tells its end.
func (s *session) run() {
	defer s.n.wg.Done()
	conn, err := s.dial()
	if err != nil {
		s.end(err)
	} else {
		var reader sync.WaitGroup
		reader.Go(func() { s.read(conn) })
		s.write(conn)
		reader.Wait()
	}
	if !s.n.isClosing() {
		s.n.receiver.Exited(s.addr)
	}
	s.n.mu.Lock()
	s.n.forget(s.addr)
	s.n.mu.Unlock()
	close(s.done)
}

func (s *session) dial() (net.Conn, error) {
	dialer := &net.Dialer{Timeout: s.n.o.DialTimeout, KeepAliveConfig: net.KeepAliveConfig{
		// The protocol has no heartbeat: only so is a machine noticed that went without a word.
		Enable: true, Idle: 5 * time.Second, Interval: 5 * time.Second, Count: 3,
	}}
	conn, err := s.n.o.TLS.Dial(s.ctx, s.addr, "", func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", s.addr) })
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		_ = conn.Close()
		return nil, errClosed
	}
	s.conn = conn
	return conn, nil
}

// read throws away what the peer answers, until the connection ends.
func (s *session) read(conn net.Conn) {
	b := make([]byte, 4096)
	for {
		if _, err := conn.Read(b); err != nil {
			s.end(fmt.Errorf("connection: %w", err))
			return
		}
	}
}

// write sends what is queued until the session is over.
func (s *session) write(conn net.Conn) {
	var buffer []byte
	for range s.wake {
		queue, over, draining := s.take(buffer[:0])
		if over {
			return
		}
		if len(queue) > 0 {
			if err := s.writeAll(conn, queue); err != nil {
				s.end(fmt.Errorf("connection: %w", err))
				return
			}
		}
		if s.sent() && draining {
			s.end(errClosed)
			return
		}
		if buffer = queue; cap(buffer) > keepBuffer {
			buffer = nil
		}
	}
}

// keepBuffer bounds the buffer that a connection keeps.
const keepBuffer = 64 << 10

// take swaps the queue for an empty buffer.
func (s *session) take(empty []byte) (queue []byte, over, draining bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue, s.queue = s.queue, empty
	s.writing = len(queue)
	return queue, s.over, s.draining
}

// sent notes that what was taken is written, and says whether nothing is left.
func (s *session) sent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = 0
	return len(s.queue) == 0
}

// writeAll gives the peer WriteTimeout for every part that it reads.
func (s *session) writeAll(conn net.Conn, b []byte) error {
	const part = 1 << 20
	for len(b) > 0 {
		n := min(part, len(b))
		if err := conn.SetWriteDeadline(time.Now().Add(s.n.o.WriteTimeout)); err != nil {
			return err
		}
		if _, err := conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
