// Package linktls secures actor links, and the HTTP beside them on the same port, by TLS.
//
// It owns the handshake and the protocol names; who may connect is said by the tls.Config (set ClientAuth and ClientCAs
// for mutual TLS). Daemons give its result to link.Options.Secure. It is apart from package link so that programs without
// TLS do not carry crypto/tls.
package linktls

import (
	"crypto/tls"
	"fmt"
	"net"

	"mesos/actors/link"
)

// Names in the TLS handshake (ALPN) of what is spoken inside.
const (
	protocolLink = "mesos-link/1"
	protocolHTTP = "http/1.1"
)

type secure struct{ client, server *tls.Config }

// New returns a link.Secure with the certificates and rules of c, which is copied. An empty ServerName is replaced by
// the dialed host.
func New(c *tls.Config) link.Secure {
	s := &secure{client: c.Clone(), server: c.Clone()}
	s.client.NextProtos = []string{protocolLink}
	s.server.NextProtos = []string{protocolLink, protocolHTTP}
	return s
}

func (s *secure) Client(c net.Conn, addr string) (net.Conn, error) {
	config := s.client
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fmt.Errorf("TLS server name: %w", err)
		}
		config = config.Clone()
		config.ServerName = host
	}
	t := tls.Client(c, config)
	if err := t.Handshake(); err != nil {
		return nil, fmt.Errorf("TLS handshake with %s: %w", addr, err)
	}
	if p := t.ConnectionState().NegotiatedProtocol; p != protocolLink {
		return nil, fmt.Errorf("TLS handshake with %s: peer speaks %q, want %q", addr, p, protocolLink)
	}
	return t, nil
}

func (s *secure) Server(c net.Conn) (net.Conn, bool, error) {
	t := tls.Server(c, s.server)
	if err := t.Handshake(); err != nil {
		return nil, false, fmt.Errorf("TLS handshake: %w", err)
	}
	return t, t.ConnectionState().NegotiatedProtocol == protocolLink, nil
}
