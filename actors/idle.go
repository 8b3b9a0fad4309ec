package actors

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
)

// idleConns closes connections on which no request came for a while, but for those that carry messages: their peers
// take the end of a connection for the end of this program. (http.Server's own IdleTimeout knows no exception.)
type idleConns struct {
	after time.Duration

	mu    sync.Mutex
	conns map[net.Conn]*idleConn
}

type idleConn struct {
	timer *time.Timer // nil while a request is served
	keep  bool
}

// connKey is the context key of a request's connection.
type connKey struct{}

// watch makes s tell of its connections. It is called before s serves.
func watchIdle(s *http.Server, after time.Duration) *idleConns {
	i := &idleConns{after: after, conns: map[net.Conn]*idleConn{}}
	s.ConnState = i.state
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) }
	return i
}

func (i *idleConns) state(c net.Conn, state http.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	ic := i.conns[c]
	if ic != nil && ic.timer != nil {
		ic.timer.Stop()
		ic.timer = nil
	}
	switch state {
	case http.StateIdle:
		if ic == nil {
			ic = &idleConn{}
			i.conns[c] = ic
		}
		if !ic.keep {
			ic.timer = time.AfterFunc(i.after, func() { i.close(c, ic) })
		}
	case http.StateClosed, http.StateHijacked:
		delete(i.conns, c)
	}
}

// close closes a connection that is idle still.
func (i *idleConns) close(c net.Conn, ic *idleConn) {
	i.mu.Lock()
	idle := i.conns[c] == ic && ic.timer != nil
	i.mu.Unlock()
	if idle {
		_ = c.Close()
	}
}

// keep exempts the connection of a request, for good, and returns what closes it.
func (i *idleConns) keep(r *http.Request) (closeConn func()) {
	c, ok := r.Context().Value(connKey{}).(net.Conn)
	if !ok {
		return nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	ic := i.conns[c]
	if ic == nil {
		ic = &idleConn{}
		i.conns[c] = ic
	}
	ic.keep = true
	return func() { _ = c.Close() }
}
