package link

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"
)

// accept takes connections until the listener is closed.
func (t *Transport) accept() {
	defer t.wg.Done()
	wait := time.Duration(0)
	for {
		c, err := t.listener.Accept()
		switch {
		case err == nil:
			wait = 0
			t.greet(c)
		case errors.Is(err, net.ErrClosed):
			return
		default: // out of file descriptors, say: others may give theirs back
			wait = min(max(2*wait, 5*time.Millisecond), time.Second)
			t.o.Log.Error("link: accept", slog.String("addr", t.addr), slog.Any("error", err))
			time.Sleep(wait)
		}
	}
}

// greet finds out, on a goroutine of its own, what a new connection is.
func (t *Transport) greet(raw net.Conn) {
	t.mu.Lock()
	if t.closing {
		t.mu.Unlock()
		_ = raw.Close()
		return
	}
	t.pending[raw] = struct{}{}
	t.wg.Add(1)
	t.mu.Unlock()
	go func() {
		defer t.wg.Done()
		c, h, err := t.identify(raw)
		t.mu.Lock()
		delete(t.pending, raw)
		t.mu.Unlock()
		if err == nil && c != nil {
			err = t.admit(c, h)
		}
		if err != nil {
			_ = raw.Close()
			t.refused(raw, err)
			return
		}
		if c != nil {
			c.read()
		}
	}()
}

// refused tells of a connection that did not become a session; one that was closed without a word is not worth a line.
func (t *Transport) refused(raw net.Conn, err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return
	}
	t.o.Log.Info("link: refused connection", slog.String("from", raw.RemoteAddr().String()), slog.Any("error", err))
}

// identify reads a peer's hello, or hands the connection to the HTTP server and returns no conn.
func (t *Transport) identify(raw net.Conn) (*conn, hello, error) {
	if err := raw.SetDeadline(time.Now().Add(t.o.PingTimeout)); err != nil {
		return nil, hello{}, err
	}
	secured, isLink, err := t.sniff(raw)
	if err != nil {
		return nil, hello{}, err
	}
	if !isLink {
		if t.http == nil {
			return nil, hello{}, errors.New("not a link, and there is no HTTP server here")
		}
		if err := raw.SetDeadline(time.Time{}); err != nil {
			return nil, hello{}, err
		}
		return nil, hello{}, t.http.offer(secured)
	}
	c := newConn(t, raw, secured)
	h, err := c.readHello()
	if err != nil {
		return nil, hello{}, err
	}
	return c, h, c.ready(h)
}

// sniff tells links from HTTP: by ALPN under TLS, else by the first byte, which it puts back.
func (t *Transport) sniff(raw net.Conn) (net.Conn, bool, error) {
	if t.o.Secure != nil {
		return t.o.Secure.Server(raw)
	}
	first := make([]byte, 1)
	if _, err := io.ReadFull(raw, first); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = io.EOF // of thousands that say nothing, no line each
		}
		return nil, false, err
	}
	return &prefixConn{Conn: raw, prefix: first}, first[0] == magic[0], nil
}

// admit makes an accepted connection part of its peer's session, which it may end or begin.
func (t *Transport) admit(c *conn, h hello) error {
	if h.addr == t.addr && h.inc.program != t.program {
		return fmt.Errorf("hello addr: peer advertises %s, which is this program's own", h.addr)
	}
	p := t.lockPeer(h.addr)
	if p == nil {
		return net.ErrClosed
	}
	defer p.mu.Unlock()
	defer p.forget()
	// A hello can wait in its socket while the peer dies and starts again: it must not end the session of the new one.
	if hungUp(c.raw) {
		return io.EOF
	}
	s, err := p.sessionWith(h.inc)
	if err != nil {
		return err
	}
	c.first = appendHello(nil, hello{addr: t.addr, inc: s.inc})
	if !s.attach(c, h.inc) {
		return errClosed
	}
	if s.cancelDial != nil && s.dialing == nil {
		s.cancelDial() // no need for a second connection
	}
	return nil
}

// sessionWith returns the session that belongs to the peer's incarnation, ending one with an earlier. p.mu is held.
func (p *peer) sessionWith(inc incarnation) (*session, error) {
	errOld := fmt.Errorf("hello session: %d of %s is over", inc.session, p.addr)
	if ended := p.t.recall(p.addr).ended; inc == ended || inc.olderThan(ended) {
		return nil, errOld
	}
	if s := p.cur; s != nil && s.bound && s.remote != inc {
		if inc.olderThan(s.remote) {
			return nil, errOld
		}
		s.end(errRestarted)
	}
	if p.cur != nil {
		return p.cur, nil
	}
	if s := p.newSession(); s != nil {
		return s, nil
	}
	return nil, net.ErrClosed
}
