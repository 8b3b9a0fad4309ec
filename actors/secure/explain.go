package secure

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
)

// alerts are the words of package tls for what a peer says when it is it that ends a handshake, and what this means here.
var alerts = map[string]string{
	"tls: handshake failure":              "the peer and this program have no cipher of TLS in common (LIBPROCESS_SSL_CIPHERS)",
	"tls: protocol version not supported": "the peer and this program have no version of TLS in common (LIBPROCESS_SSL_ENABLE_TLS_V1_2, …_V1_3)",
	"tls: bad certificate":                "the peer does not believe this program's certificate (LIBPROCESS_SSL_CERT_FILE), its log says why",
	"tls: unknown certificate":            "the peer does not believe this program's certificate (LIBPROCESS_SSL_CERT_FILE), its log says why",
	"tls: expired certificate":            "the peer finds this program's certificate (LIBPROCESS_SSL_CERT_FILE) expired",
	"tls: unknown certificate authority":  "the peer does not know the authority of this program's certificate (LIBPROCESS_SSL_CERT_FILE)",
	"tls: certificate required":           "the peer wants a certificate, and this program has none to show (LIBPROCESS_SSL_CERT_FILE, LIBPROCESS_SSL_KEY_FILE)",
}

// explained says what the refusal of a peer means.
func explained(err error) error {
	var said *net.OpError
	if errors.As(err, &said) && said.Op == "remote error" {
		if text := alerts[said.Err.Error()]; text != "" {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return err
}

// explain says what the end of a client's handshake means.
func explain(err error) error {
	var header tls.RecordHeaderError
	if errors.As(err, &header) || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w (%w)", ErrPlainPeer, err)
	}
	return explained(err)
}
