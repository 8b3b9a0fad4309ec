package link

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// dial starts to connect, not before notBefore. p.mu is held.
func (s *session) dial(notBefore time.Time) {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancelDial = cancel
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		defer cancel()
		c, h, err := s.connect(ctx, notBefore)
		s.p.mu.Lock()
		s.dialing = nil
		if err == nil {
			if !s.attach(c, h.inc) {
				c.close()
				c = nil
			}
		} else if !s.bound { // else the peer's own connection made the session
			s.end(err)
		}
		s.p.mu.Unlock()
		if c != nil {
			c.read()
		}
	}()
}

// connect waits, dials, and exchanges hellos. It closes what it opened if it fails.
func (s *session) connect(ctx context.Context, notBefore time.Time) (*conn, hello, error) {
	if err := sleepUntil(ctx, notBefore); err != nil {
		return nil, hello{}, err
	}
	c, h, err := s.try(ctx, s.p.t.o.Secure)
	if errors.Is(err, ErrPlainPeer) {
		return s.try(ctx, nil)
	}
	return c, h, err
}

// try makes one connection, encrypted by how, nil: by nobody.
func (s *session) try(ctx context.Context, how Secure) (*conn, hello, error) {
	raw, err := s.p.t.o.Dial(ctx, s.p.addr)
	if err != nil {
		return nil, hello{}, fmt.Errorf("dial: %w", err)
	}
	if !s.mayHello(raw) {
		_ = raw.Close()
		return nil, hello{}, errClosed
	}
	c, h, err := s.hello(raw, how)
	if err != nil {
		_ = raw.Close()
		return nil, hello{}, err
	}
	return c, h, nil
}

func sleepUntil(ctx context.Context, at time.Time) error {
	wait := time.Until(at)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mayHello tells whether the new socket is still needed. From here on it must be carried through: the peer may choose
// it for what it sends.
func (s *session) mayHello(raw net.Conn) bool {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	if s.over.Load() || s.bound {
		return false
	}
	s.dialing = raw
	return true
}

func (s *session) hello(raw net.Conn, how Secure) (*conn, hello, error) {
	t := s.p.t
	if err := raw.SetDeadline(time.Now().Add(t.o.PingTimeout)); err != nil {
		return nil, hello{}, err
	}
	secured := raw
	if how != nil {
		var err error
		if secured, err = how.Client(raw, s.p.addr); err != nil {
			return nil, hello{}, untrusted{err}
		}
	}
	if _, err := secured.Write(appendHello(nil, hello{addr: t.addr, inc: s.inc})); err != nil {
		return nil, hello{}, fmt.Errorf("send hello: %w", err)
	}
	c := newConn(t, raw, secured)
	h, err := c.readHello()
	switch {
	case err != nil && how != nil:
		return nil, hello{}, untrusted{err}
	case err != nil:
		return nil, hello{}, err
	}
	return c, h, c.ready(h)
}

// readHello reads the peer's magic and hello.
func (c *conn) readHello() (hello, error) {
	if err := c.frames.magic(); err != nil {
		return hello{}, err
	}
	b, err := c.frames.next(maxHello)
	if err != nil {
		return hello{}, fmt.Errorf("hello: %w", err)
	}
	return decodeHello(b)
}
