package link

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// conn is one connection of a session, after its hellos were read. Its reader and its writer are goroutines that
// session.wg counts.
type conn struct {
	t       *Transport
	session *session
	addr    string       // of the peer, as its hello says
	raw     net.Conn     // the socket
	net     net.Conn     // raw, or TLS over it
	frames  *frameReader // reads from net
	first   []byte       // the writer sends it before all else: an accepting program's hello
	local   bool         // came by a listener that only this machine reaches, see Beside
	up      bool         // hellos are exchanged; before that one deadline bounds the whole exchange

	wake   chan struct{}
	dead   chan struct{}
	closer sync.Once
}

// lingerAfterWriteError is how long a reader may go on to read what the peer sent before it hung up.
const lingerAfterWriteError = 500 * time.Millisecond

// keepBuffer bounds the write buffer that a busy connection keeps; an idle one keeps none.
const keepBuffer = 4 << 20

// newConn makes the connection of a socket whose deadline bounds the exchange of hellos.
func newConn(t *Transport, raw, secured net.Conn) *conn {
	c := &conn{t: t, raw: raw, net: secured, wake: make(chan struct{}, 1), dead: make(chan struct{})}
	c.frames = newFrameReader(c)
	return c
}

// ready ends the exchange of hellos.
func (c *conn) ready(h hello) error {
	c.addr, c.up = h.addr, true
	return c.raw.SetDeadline(time.Time{})
}

func (c *conn) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// close closes the socket, not the TLS session: that could block on a peer that does not read.
func (c *conn) close() {
	c.closer.Do(func() {
		close(c.dead)
		_ = c.raw.Close()
	})
}

// Read reads from the connection; a peer that sends nothing for PingTimeout gets errMute. The last tenth of that time is
// a second look: if this program itself was stopped or starved, the bytes are there by then.
func (c *conn) Read(b []byte) (int, error) {
	if !c.up {
		return c.net.Read(b)
	}
	grace := c.t.o.PingTimeout / 10
	for _, wait := range [...]time.Duration{c.t.o.PingTimeout - grace, grace} {
		if err := c.raw.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return 0, err
		}
		n, err := c.net.Read(b)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
	return 0, errMute
}

// read delivers what comes in, until the session is over.
func (c *conn) read() {
	defer c.session.wg.Done()
	c.session.fail(c.readFrames())
}

func (c *conn) readFrames() error {
	select { // the Receiver must hear of the end of the session before first
	case <-c.session.prev:
	case <-c.dead:
		return errClosed
	}
	d := newDecoder()
	for {
		b, err := c.frames.next(c.t.o.MaxFrame)
		if err != nil {
			return err
		}
		if c.session.over.Load() {
			return errClosed
		}
		if len(b) == 0 { // a ping
			continue
		}
		if err := c.t.deliver(d, c.addr, b); err != nil {
			return err
		}
	}
}

// write sends what is queued, and pings, until the session is over.
func (c *conn) write() {
	defer c.session.wg.Done()
	err := c.writeQueue()
	if err == nil {
		return
	}
	timer := time.NewTimer(lingerAfterWriteError)
	defer timer.Stop()
	select {
	case <-c.dead: // the reader found out, having read all there was
	case <-timer.C:
		c.session.fail(err)
	}
}

var ping = make([]byte, lengthSize)

func (c *conn) writeQueue() error {
	if _, err := c.net.Write(c.first); err != nil {
		return err
	}
	tick := time.NewTicker(c.t.o.PingInterval)
	defer tick.Stop()
	var buf []byte
	wrote := true
	for {
		select {
		case <-c.dead:
			return nil
		case <-c.wake:
			var last bool
			var err error
			if buf, last, err = c.flush(buf); err != nil {
				return err
			}
			if last {
				return c.closeWrite()
			}
			wrote = true
		case <-tick.C:
			if !wrote {
				buf = nil
				c.session.trimQueue()
				if _, err := c.net.Write(ping); err != nil {
					return err
				}
			}
			wrote = false
		}
	}
}

// flush writes the queue until it is empty, and returns a buffer for the next time.
func (c *conn) flush(buf []byte) (empty []byte, last bool, err error) {
	for {
		queue, last := c.session.takeQueue(c, buf[:0])
		if len(queue) == 0 {
			return queue, last, nil
		}
		if _, err := c.net.Write(queue); err != nil {
			return nil, false, err
		}
		buf = queue
		if cap(buf) > keepBuffer {
			buf = nil
		}
	}
}

// closeWrite tells the peer that nothing more comes; it answers by closing, so that nothing it has not read is lost.
func (c *conn) closeWrite() error {
	if w, ok := c.net.(interface{ CloseWrite() error }); ok {
		return w.CloseWrite()
	}
	return c.net.Close()
}
