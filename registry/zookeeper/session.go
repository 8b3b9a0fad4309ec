package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// How long a server may be silent: at first, when one that begins to run accepts
// connections that it then forgets, and later, at least.
const (
	greetTime      = 2 * time.Second
	longestSilence = 10 * time.Second
)

// session is a connection that finds its way to some server again and again, until
// it is closed.
type session struct {
	*zk.Conn
	conf   Config
	events <-chan zk.Event // closed with the end of the client's last goroutine
	cancel context.CancelFunc
}

// open begins to connect; what is asked waits for that.
func open(c Config, log *slog.Logger) (*session, error) {
	ctx, cancel := context.WithCancel(context.Background())
	conn, events, err := zk.Connect(c.Addrs, c.SessionTimeout,
		zk.WithHostProvider(&servers{}), zk.WithDialer(dialer(ctx, max(longestSilence, c.SessionTimeout))), zk.WithLogger(logger{log}), zk.WithLogInfo(false))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("client of ZooKeeper at %s: %w", strings.Join(c.Addrs, ","), err)
	}
	return &session{conn, c, events, cancel}, nil
}

// close ends the session, and with it its nodes, at once if a server is connected.
func (s *session) close() {
	s.Close() // tells a server, for a second at most
	s.cancel()
	for range s.events { // nobody reads them; the end counts
	}
}

// login is for those who have a user.
func (s *session) login() error {
	if s.conf.User == "" {
		return nil
	}
	return s.AddAuth("digest", []byte(s.conf.User+":"+s.conf.Password))
}

// dialer makes connections that end with ctx, even while a server says nothing.
func dialer(ctx context.Context, silence time.Duration) zk.Dialer {
	return func(network, addr string, limit time.Duration) (net.Conn, error) {
		c, err := (&net.Dialer{Timeout: limit}).DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &endingConn{Conn: c, silence: silence, forget: context.AfterFunc(ctx, func() { _ = c.Close() })}, nil
	}
}

// endingConn lets go of its context when it is closed first.
type endingConn struct {
	net.Conn
	silence time.Duration
	forget  func() bool
	greeted bool // of the one goroutine that reads
}

// SetReadDeadline bounds what the client allows a server that accepts connections and
// then says nothing: more than a minute.
func (c *endingConn) SetReadDeadline(t time.Time) error {
	limit := c.silence
	if !c.greeted {
		c.greeted, limit = true, greetTime
	}
	if latest := time.Now().Add(limit); t.IsZero() || t.After(latest) {
		t = latest
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *endingConn) Close() error {
	c.forget()
	return c.Conn.Close()
}

// servers gives one server after the other, beginning anywhere. Names are looked up
// with each connection: one that is not known yet does no harm.
type servers struct {
	addrs []string
	next  int
	tried int
}

func (s *servers) Init(addrs []string) error {
	s.addrs, s.next = addrs, rand.N(len(addrs))
	return nil
}

func (s *servers) Len() int { return len(s.addrs) }

// Next asks for a pause when all were tried.
func (s *servers) Next() (addr string, pause bool) {
	addr, pause = s.addrs[s.next], s.tried >= len(s.addrs)
	if pause {
		s.tried = 0
	}
	s.tried++
	s.next = (s.next + 1) % len(s.addrs)
	return addr, pause
}

func (s *servers) Connected() { s.tried = 0 }

// logger takes what the client tells of each try; what comes of it we tell ourselves.
type logger struct{ log *slog.Logger }

func (l logger) Printf(format string, args ...any) {
	l.log.Debug("the ZooKeeper client says", "text", fmt.Sprintf(format, args...))
}

// explain says what an error of the client means for the one who gave the URL.
func (c Config) explain(err error) error {
	at := strings.Join(c.Addrs, ",")
	switch {
	case errors.Is(err, zk.ErrNoServer):
		return fmt.Errorf("none of the ZooKeeper servers %s answers: %w", at, err)
	case errors.Is(err, zk.ErrNoAuth):
		return fmt.Errorf("ZooKeeper at %s: the user of the URL (%q) may not use %s: %w", at, c.User, c.Path, err)
	}
	return fmt.Errorf("ZooKeeper at %s: %s: %w", at, c.Path, err)
}
