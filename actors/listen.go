package actors

import (
	"log"
	"log/slog"
	"net/http"
	"time"

	"mesos/actors/libprocess"
	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/secure"
)

// TCPOptions are for ListenTCP. The zero value is a good start.
type TCPOptions struct {
	Link link.Options // its HTTP and Secure are set by the fields below, if these are set
	HTTP http.Handler // serves what is not an actor link on the same port
	TLS  *secure.TLS  // secures links, HTTP and libprocess messages; nil: plain TCP
}

// headerTimeout is how long a client may take to send the header of an HTTP request, bodyTimeout the body, and
// idleTimeout how long it may keep a connection without a request. There is no limit for answers: event streams are open for days.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = time.Minute
	idleTimeout   = 3 * time.Minute
)

// ListenTCP makes the Network of a daemon: actor links, HTTP and libprocess messages on one TCP port, addr being
// "ip:port" (port 0 takes a free one). The handler is not called before NewSystem; System.Shutdown ends it and closes all
// its connections. Without a handler only links come in.
func ListenTCP(addr string, o TCPOptions) (*libprocess.Network, error) {
	lo := o.Link
	n := libprocess.New(libprocess.Options{TLS: o.TLS, MaxQueue: lo.MaxQueue, Log: lo.Log})
	if o.HTTP != nil {
		server := &http.Server{ReadHeaderTimeout: headerTimeout, ErrorLog: errorLog(lo.Log)}
		idle := watchIdle(server, idleTimeout)
		server.Handler = patient(n.Handler(o.HTTP, idle.keep), bodyTimeout)
		lo.HTTP = server
	}
	if o.TLS != nil {
		lo.Secure = linktls.New(o.TLS)
	}
	t, err := link.Listen(addr, lo)
	if err != nil {
		return nil, err
	}
	return n.Over(t), nil
}

// errorLog is what net/http complains to: broken clients are not worth more than a debug line.
func errorLog(l *slog.Logger) *log.Logger {
	if l == nil {
		l = slog.Default()
	}
	return slog.NewLogLogger(l.Handler(), slog.LevelDebug)
}
