package secure

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
)

// verify looks whether an authority stands for a chain of certificates, the peer's own first.
func (s *TLS) verify(chain []*x509.Certificate) error {
	if len(chain) == 0 {
		return errors.New("the peer shows no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	chains, err := chain[0].Verify(x509.VerifyOptions{Roots: s.Roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return s.doubt(chain[0], err)
	}
	shortest := len(chains[0])
	for _, c := range chains[1:] {
		shortest = min(shortest, len(c))
	}
	if between := shortest - 2; between > s.Depth {
		return fmt.Errorf("%s: %d authorities stand between it and a root; LIBPROCESS_SSL_VERIFY_DEPTH allows %d", about(chain[0]), between, s.Depth)
	}
	return nil
}

// verifyServer also looks whether the certificate is for the host that was dialed.
func (s *TLS) verifyServer(ctx context.Context, chain []*x509.Certificate, host string) error {
	if err := s.verify(chain); err != nil {
		return err
	}
	err := chain[0].VerifyHostname(host)
	if err == nil || s.ByAddress || net.ParseIP(host) == nil {
		return s.strange(chain[0], host, err)
	}
	lookup := s.lookup
	if lookup == nil {
		lookup = net.DefaultResolver.LookupAddr
	}
	names, _ := lookup(ctx, host) // that there are none is no other matter
	for _, name := range names {
		if chain[0].VerifyHostname(strings.TrimSuffix(name, ".")) == nil {
			return nil
		}
	}
	return s.strange(chain[0], host, err)
}

// strange says for whom a certificate is, if err says that it is not for host.
func (s *TLS) strange(c *x509.Certificate, host string, err error) error {
	if err == nil {
		return nil
	}
	var is []string
	is = append(is, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		is = append(is, ip.String())
	}
	what := "nobody by name (it has no subject alternative names)"
	if len(is) > 0 {
		what = strings.Join(is, ", ")
	}
	return fmt.Errorf("%s: it is for %s, and %s was dialed", about(c), what, host)
}

// doubt says why a certificate is not believed.
func (s *TLS) doubt(c *x509.Certificate, err error) error {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	const day = "2006-01-02 15:04 MST"
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%s: its issuer %q is none of the authorities of %s", about(c), c.Issuer, s.rootsFrom())
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil:
		return fmt.Errorf("%s: that of %q is valid from %s to %s only", about(c), invalid.Cert.Subject, invalid.Cert.NotBefore.Format(day), invalid.Cert.NotAfter.Format(day))
	}
	return fmt.Errorf("%s: %w", about(c), err)
}

func (s *TLS) rootsFrom() string {
	if s.RootsFrom == "" {
		return "this machine"
	}
	return s.RootsFrom
}

func about(c *x509.Certificate) string {
	return fmt.Sprintf("the peer's certificate (of %q) is not believed", c.Subject)
}
