package link

import (
	"encoding/binary"
	"sync"

	"google.golang.org/protobuf/proto"
)

// loopback carries the messages that a program sends to its own address: through the same encoding as all others, on
// a goroutine of its own while there is something to carry.
type loopback struct {
	t       *Transport
	mu      sync.Mutex
	queue   []byte
	running bool
}

func (l *loopback) send(from, to string, m proto.Message) {
	l.mu.Lock()
	defer l.mu.Unlock()
	queue, err := appendFrame(l.queue, from, to, m, l.t.o.MaxFrame)
	if err != nil {
		l.t.dropped("message to itself", l.t.addr, err)
		return
	}
	if len(queue) > l.t.o.MaxQueue {
		l.t.dropped("message to itself", l.t.addr, errOverflow)
		return
	}
	l.queue = queue
	if !l.running && l.t.begin() {
		l.running = true
		go l.drain()
	}
}

func (l *loopback) drain() {
	defer l.t.wg.Done()
	d := newDecoder()
	var batch []byte
	for {
		l.mu.Lock()
		if len(l.queue) == 0 {
			l.running = false
			l.queue = nil
			l.mu.Unlock()
			return
		}
		batch, l.queue = l.queue, batch[:0]
		l.mu.Unlock()
		l.deliver(d, batch)
	}
}

// deliver takes frames that send made: they need no checks.
func (l *loopback) deliver(d *decoder, batch []byte) {
	for len(batch) > 0 {
		end := lengthSize + int(binary.BigEndian.Uint32(batch))
		if err := l.t.deliver(d, l.t.addr, batch[lengthSize:end]); err != nil {
			l.t.dropped("message to itself", l.t.addr, err)
		}
		batch = batch[end:]
	}
}
