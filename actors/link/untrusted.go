package link

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"
)

// untrusted is an error of a connection that did not come to be encrypted as it should.
type untrusted struct{ error }

func (u untrusted) Error() string { return "secure connection: " + u.error.Error() }
func (u untrusted) Unwrap() error { return u.error }

// maxComplaints bounds what is remembered of what was told, and retell is when it may be told once more.
const (
	maxComplaints = 4096
	retell        = time.Hour
)

// complaints remembers what was told of peers that are not trusted: they try again and again, and a person must hear of it
// once.
type complaints struct {
	mu   sync.Mutex
	told map[complaint]time.Time
}

type complaint struct{ peer, text string }

// level is how loud to tell of a connection to or from peer that failed: once as a warning.
func (c *complaints) level(peer string, err error, otherwise slog.Level) slog.Level {
	var failed *net.OpError
	switch {
	case !errors.As(err, &untrusted{}), errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed):
		return otherwise
	case errors.As(err, &failed) && (failed.Op == "read" || failed.Op == "write"):
		return otherwise // it names ports, which are others each time
	}
	what, now := complaint{peer, err.Error()}, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.told[what]; ok && now.Sub(at) < retell {
		return slog.LevelDebug
	}
	if c.told == nil || len(c.told) >= maxComplaints {
		c.told = map[complaint]time.Time{}
	}
	c.told[what] = now
	return slog.LevelWarn
}

// host is who is at the other end of a connection that was accepted; its port is another each time.
func host(c net.Conn) string {
	at := c.RemoteAddr().String()
	if h, _, err := net.SplitHostPort(at); err == nil {
		return h
	}
	return at
}
