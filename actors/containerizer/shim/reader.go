package shim

import (
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// maxWaiting bounds what waits for one reader, in bytes.
	maxWaiting = 1 << 20
	// patience is how long the command may be held up by a reader that
	// takes nothing; then the reader is dropped.
	patience = 5 * time.Second
	// lastWords is how long a reader may take nothing of what is left when
	// the command has ended, or of the reason why it is dropped.
	lastWords = 5 * time.Second
)

// reader is one attached connection. The hub pushes, run writes.
type reader struct {
	conn  net.Conn
	owner bool // of a session: it is never dropped, its connection is its life

	mu       sync.Mutex
	queue    [][]byte
	bytes    int
	ending   bool // nothing more comes
	dropped  bool
	gone     chan struct{} // closed when run has returned
	news     chan struct{} // holds a token while there is something for run
	progress chan struct{} // holds a token when something was written
}

func newReader(conn net.Conn, owner bool) *reader {
	return &reader{conn: conn, owner: owner, gone: make(chan struct{}), news: make(chan struct{}, 1), progress: make(chan struct{}, 1)}
}

// push queues a frame. It waits for place while the reader makes progress.
func (r *reader) push(frame []byte) {
	var limit <-chan time.Time
	for !r.take(frame) {
		if limit == nil && !r.owner {
			t := time.NewTimer(patience)
			defer t.Stop()
			limit = t.C
		}
		select {
		case <-r.progress:
			limit = nil
		case <-r.gone:
			return
		case <-limit:
			r.drop()
			return
		}
	}
}

// take is false if there is no place now.
func (r *reader) take(frame []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		return true
	}
	if len(r.queue) > 0 && r.bytes+len(frame) > maxWaiting {
		return false
	}
	r.queue = append(r.queue, frame)
	r.bytes += len(frame)
	signal(r.news)
	if r.bytes < maxWaiting {
		signal(r.progress) // the other stream may wait for place, too
	}
	return true
}

func (r *reader) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	reason := fmt.Sprintf("dropped: nothing was read for %s while %d bytes waited", patience, r.bytes)
	r.queue = [][]byte{appendFrame(nil, kindDropped, []byte(reason))}
	r.ending, r.dropped = true, true
	r.hurry()
	signal(r.news)
}

// end lets the reader have what is queued.
func (r *reader) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ending = true
	r.hurry()
	signal(r.news)
}

// hurry bounds the write under way, or the next.
func (r *reader) hurry() {
	if !r.owner {
		_ = r.conn.SetWriteDeadline(time.Now().Add(lastWords)) // a connection that is closed needs none
	}
}

// run writes until the end, or until the peer is gone, which closes lost.
func (r *reader) run(lost <-chan struct{}) {
	defer close(r.gone)
	for {
		r.mu.Lock()
		if len(r.queue) == 0 {
			ending := r.ending
			r.mu.Unlock()
			if ending {
				return
			}
			select {
			case <-r.news:
			case <-lost:
				return
			}
			continue
		}
		frame := r.queue[0]
		r.queue = r.queue[1:]
		if r.ending {
			r.hurry()
		}
		r.mu.Unlock()
		if _, err := r.conn.Write(frame); err != nil {
			return
		}
		r.mu.Lock()
		if !r.dropped {
			r.bytes -= len(frame)
		}
		r.mu.Unlock()
		signal(r.progress)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
