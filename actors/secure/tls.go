package secure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// handshakeTime is how long a peer may take for a handshake.
const handshakeTime = 5 * time.Second

// TLS is what a program shows of itself and asks of others. Nil: it speaks no TLS.
type TLS struct {
	// Certificates are shown to peers; a program that only dials may have none.
	Certificates []tls.Certificate
	// Roots are the authorities whose certificates are believed; nil: those of the machine.
	Roots *x509.CertPool
	// RootsFrom says to a person where Roots come from.
	RootsFrom string
	// VerifyServers has those that are dialed show a certificate of an authority, for the host that was dialed.
	VerifyServers bool
	// RequireClients has those that dial show a certificate of an authority.
	RequireClients bool
	// ByAddress has the certificate name the very address that was dialed: without it, an address may also stand for the
	// names that it has in DNS.
	ByAddress bool
	// Depth bounds the authorities between a certificate and a root.
	Depth int
	// Downgrade takes peers without TLS, too.
	Downgrade bool
	// MinVersion and MaxVersion are those of package tls, 0 for its defaults.
	MinVersion, MaxVersion uint16
	// Ciphers are those of TLS 1.2, nil for the defaults of package tls.
	Ciphers []uint16

	// lookup is for tests; nil: DNS.
	lookup func(ctx context.Context, addr string) (names []string, err error)
}

// ErrPlainPeer is wrapped when a peer was asked for TLS and does not speak it.
var ErrPlainPeer = errors.New("the peer does not answer as TLS does: was it started without LIBPROCESS_SSL_ENABLED=true?")

// Scheme is that of URLs of the cluster's programs.
func (s *TLS) Scheme() string {
	if s == nil {
		return "http"
	}
	return "https"
}

// SchemeOf is that of the URL by which a request came, for links to another program of the cluster.
func SchemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

// Transport makes t reach programs of the cluster by URLs with [TLS.Scheme], and returns it.
func (s *TLS) Transport(t *http.Transport) *http.Transport {
	if s == nil {
		return t
	}
	dial := t.DialContext
	if dial == nil {
		dial = (&net.Dialer{Timeout: handshakeTime}).DialContext
	}
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		return s.Dial(ctx, addr, "", func(ctx context.Context) (net.Conn, error) { return dial(ctx, network, addr) })
	}
	return t
}

// Dial makes a connection to addr, a host:port, by open, with TLS if s is not nil. protocol is what the peer must agree to
// speak (ALPN), "" for none. With Downgrade a peer that speaks no TLS is dialed once more, without.
func (s *TLS) Dial(ctx context.Context, addr, protocol string, open func(context.Context) (net.Conn, error)) (net.Conn, error) {
	raw, err := open(ctx)
	if err != nil || s == nil {
		return raw, err
	}
	conn, err := s.Client(ctx, raw, addr, protocol)
	if err == nil {
		return conn, nil
	}
	_ = raw.Close()
	if s.Downgrade && errors.Is(err, ErrPlainPeer) {
		return open(ctx)
	}
	return nil, err
}

// Client does the handshake of a program that has dialed addr. The connection is the caller's to close when it fails.
func (s *TLS) Client(ctx context.Context, raw net.Conn, addr, protocol string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("TLS server name: %w", err)
	}
	c := s.config()
	c.ServerName = host
	c.InsecureSkipVerify = true // replaced by VerifyConnection, which knows of ByAddress and Depth
	if protocol != "" {
		c.NextProtos = []string{protocol}
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if s.VerifyServers {
		c.VerifyConnection = func(state tls.ConnectionState) error { return s.verifyServer(ctx, state.PeerCertificates, host) }
	}
	conn := tls.Client(raw, c)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS with %s: %w", addr, explain(err))
	}
	if got := conn.ConnectionState().NegotiatedProtocol; protocol != "" && got != protocol {
		return nil, fmt.Errorf("TLS with %s: the peer speaks %q, want %q", addr, got, protocol)
	}
	return hearing{conn}, nil
}

// hearing is a connection that was dialed: with TLS 1.3 it hears what the peer thinks of its certificate when it reads.
type hearing struct{ *tls.Conn }

func (h hearing) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	if err != nil {
		err = explained(err)
	}
	return n, err
}

// Server does the handshake of a program that was dialed, and agrees to one of the protocols. The connection is the
// caller's to close when it fails.
func (s *TLS) Server(raw net.Conn, protocols ...string) (*tls.Conn, error) {
	conn := tls.Server(raw, s.serverConfig(protocols))
	ctx, cancel := context.WithTimeout(context.Background(), handshakeTime)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", explained(err))
	}
	return conn, nil
}

// Listener takes connections by TLS only, whatever Downgrade says, for servers that speak nothing but HTTP.
func (s *TLS) Listener(l net.Listener) net.Listener {
	if s == nil {
		return l
	}
	return tls.NewListener(l, s.serverConfig([]string{"http/1.1"}))
}

func (s *TLS) serverConfig(protocols []string) *tls.Config {
	c := s.config()
	c.NextProtos = protocols
	if s.RequireClients {
		c.ClientAuth = tls.RequireAnyClientCert
		c.VerifyConnection = func(state tls.ConnectionState) error { return s.verify(state.PeerCertificates) }
	}
	return c
}

func (s *TLS) config() *tls.Config {
	c := &tls.Config{
		Certificates: s.Certificates, MinVersion: s.MinVersion, MaxVersion: s.MaxVersion, CipherSuites: s.Ciphers,
		SessionTicketsDisabled: true, // each connection has a config of its own, and sessions of a cluster last for long
	}
	if c.MinVersion == 0 {
		c.MinVersion = tls.VersionTLS12
	}
	return c
}
