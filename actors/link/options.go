package link

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"google.golang.org/protobuf/proto"
)

// Receiver is what a Transport delivers to. Both methods may be called from many goroutines at a time (one per peer).
type Receiver interface {
	// Deliver hands over a message that came in for the local actor to. Messages of one sender to one receiver come
	// in the order in which they were sent. m belongs to the receiver. It must not block for long: nothing else is
	// read from that peer meanwhile.
	Deliver(from UPID, to string, m proto.Message)
	// Exited tells that the session with the program at addr is over, or could not be made. It is called exactly once
	// per session, after the session's last Deliver and before the first Deliver of the next session with addr.
	// Messages given to Send before may be lost from some point on.
	Exited(addr string)
}

// HTTPServer serves the connections that arrive on a Transport's port and do not speak the link protocol.
// *http.Server is one. It is an interface so that programs that only dial do not carry net/http.
type HTTPServer interface {
	// Serve accepts connections from l until l or the server is closed.
	Serve(l net.Listener) error
	// Close ends all connections at once.
	Close() error
}

// Secure encrypts connections; package linktls makes one from a tls.Config. It is an interface so that programs
// without TLS do not carry crypto/tls.
type Secure interface {
	// Client does the handshake of a dialing program; addr is what was dialed. c has a deadline set.
	Client(c net.Conn, addr string) (net.Conn, error)
	// Server does the handshake of a listening program and tells whether the peer wants to speak the link protocol
	// (else it speaks HTTP). c has a deadline set.
	Server(c net.Conn) (conn net.Conn, isLink bool, err error)
	// TakesPlain says that peers without encryption are taken, too. Client's error then wraps ErrPlainPeer if the peer
	// may be one: it is dialed again, without Client.
	TakesPlain() bool
}

// ErrPlainPeer is wrapped by the error of a Secure's Client when the peer is to be dialed again without encryption.
var ErrPlainPeer = errors.New("the peer does not encrypt")

// Options of a Transport. The zero value is a good start.
type Options struct {
	// Advertise is the "host" or "host:port" that peers know this program by. Empty: the address listened on, with
	// the first global address of this machine in place of an unspecified one (0.0.0.0).
	Advertise string
	// HTTP serves what is not a link on the same port. Nil: such connections are closed.
	HTTP HTTPServer
	// Secure encrypts every connection, links and HTTP. Nil: plain TCP.
	Secure Secure
	// Dial makes the connections to peers instead of TCP; nil: TCP. It is for peers that are reached by other ways than
	// their addresses.
	Dial func(ctx context.Context, addr string) (net.Conn, error)
	// MaxQueue bounds the bytes that wait for one peer; one more message ends the session. Default 64 MiB.
	MaxQueue int
	// MaxFrame bounds one encoded message in bytes, both ways. Default 64 MiB.
	MaxFrame int
	// PingInterval is how long a connection may be idle before a ping is sent. Default 1 s.
	PingInterval time.Duration
	// PingTimeout is how long a peer may stay mute before its session ends; also the time allowed to connect and,
	// again, to say hello. Default 5 s.
	PingTimeout time.Duration
	// MaxBackoff bounds the wait after failures to reach a peer; the first wait is 50 ms. Default 5 s.
	MaxBackoff time.Duration
	// Log is where sessions' ends and bad peers are told. Default slog.Default().
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.MaxQueue <= 0 {
		o.MaxQueue = 64 << 20
	}
	if o.MaxFrame <= 0 {
		o.MaxFrame = 64 << 20
	}
	if o.PingInterval <= 0 {
		o.PingInterval = time.Second
	}
	if o.PingTimeout <= 0 {
		o.PingTimeout = 5 * time.Second
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = 5 * time.Second
	}
	if o.Dial == nil {
		timeout := o.PingTimeout
		o.Dial = func(ctx context.Context, addr string) (net.Conn, error) {
			return (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", addr)
		}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}
