// Package linktls secures actor links, and the HTTP beside them on the same port, by TLS.
//
// It owns the names of what is spoken inside (ALPN); who may connect is said by the secure.TLS. Daemons give its result to
// link.Options.Secure. It is apart from package link so that programs without TLS do not carry crypto/tls.
package linktls

import (
	"context"
	"errors"
	"net"

	"mesos/actors/link"
	"mesos/actors/secure"
)

// Names in the TLS handshake (ALPN) of what is spoken inside.
const (
	protocolLink = "mesos-link/1"
	protocolHTTP = "http/1.1"
)

type secured struct{ tls *secure.TLS }

// New returns a link.Secure with the certificates and rules of s; nil, and so no encryption, if s is nil.
func New(s *secure.TLS) link.Secure {
	if s == nil {
		return nil
	}
	return secured{s}
}

func (s secured) Client(c net.Conn, addr string) (net.Conn, error) {
	conn, err := s.tls.Client(context.Background(), c, addr, protocolLink)
	if err == nil {
		return conn, nil
	}
	if s.tls.Downgrade && errors.Is(err, secure.ErrPlainPeer) {
		return nil, errors.Join(link.ErrPlainPeer, err)
	}
	return nil, err
}

func (s secured) Server(c net.Conn) (net.Conn, bool, error) {
	t, err := s.tls.Server(c, protocolLink, protocolHTTP)
	if err != nil {
		return nil, false, err
	}
	return t, t.ConnectionState().NegotiatedProtocol == protocolLink, nil
}

func (s secured) TakesPlain() bool { return s.tls.Downgrade }
