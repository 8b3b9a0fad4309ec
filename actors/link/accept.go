package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"
)

// accept takes connections until the listener is closed. local says that only this machine reaches it.
func (t *Transport) accept(l net.Listener, local bool) {
	defer t.wg.Done()
	wait := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			wait = 0
			t.greet(c, local)
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
func (t *Transport) greet(raw net.Conn, local bool) {
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
		c, h, err := t.identify(raw, local)
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
	level := t.complaints.level(host(raw), err, slog.LevelInfo)
	t.o.Log.Log(context.Background(), level, "link: refused connection", slog.String("from", raw.RemoteAddr().String()), slog.Any("error", err))
}

// identify reads a peer's hello, or hands the connection to the HTTP server and returns no conn.
func (t *Transport) identify(raw net.Conn, local bool) (*conn, hello, error) {
	if err := raw.SetDeadline(time.Now().Add(t.o.PingTimeout)); err != nil {
		return nil, hello{}, err
	}
	secured, isLink, err := t.sniff(raw, local)
	if err != nil {
		return nil, hello{}, err
	}
	if !isLink {
		if t.http == nil || local {
			return nil, hello{}, errors.New("not a link, and there is no HTTP server here")
		}
		if err := raw.SetDeadline(time.Time{}); err != nil {
			return nil, hello{}, err
		}
		return nil, hello{}, t.http.offer(secured)
	}
	c := newConn(t, raw, secured)
	c.local = local
	h, err := c.readHello()
	if err != nil {
		return nil, hello{}, err
	}
	return c, h, c.ready(h)
}

// handshake is the first byte of a TLS connection.
const handshake = 0x16

// sniff tells links from HTTP: by ALPN under TLS, else by the first byte, which it puts back.
func (t *Transport) sniff(raw net.Conn, local bool) (net.Conn, bool, error) {
	first := make([]byte, 1)
	if _, err := io.ReadFull(raw, first); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = io.EOF // of thousands that say nothing, no line each
		}
		return nil, false, err
	}
	c := &prefixConn{Conn: raw, prefix: first}
	switch {
	case t.o.Secure == nil || local:
	case first[0] == handshake:
		secured, isLink, err := t.o.Secure.Server(c)
		if err != nil {
			return nil, false, untrusted{err}
		}
		return secured, isLink, nil
	case !t.o.Secure.TakesPlain():
		if first[0] != magic[0] {
			_, _ = io.WriteString(raw, plainAnswer) // a person may read it
		}
		return nil, false, untrusted{errPlain}
	}
	return c, first[0] == magic[0], nil
}

var errPlain = errors.New("the peer does not encrypt, and is not taken without (LIBPROCESS_SSL_SUPPORT_DOWNGRADE)")

// plainAnswer is what a client hears that speaks HTTP where it should be HTTPS.
const plainAnswer = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: 38\r\n\r\n" +
	"This port speaks HTTPS: use https://\r\n"

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
	if p.cur != nil && !p.cur.mayCome(c) {
		return errTaken
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
