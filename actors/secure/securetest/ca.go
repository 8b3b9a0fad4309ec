// Package securetest makes authorities and certificates for tests, in memory and in files. Only tests use it.
package securetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mesos/actors/secure"
)

// Authority issues certificates.
type Authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

// NewAuthority makes one that calls itself name.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	a := &Authority{t: t, next: 1}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = a.sign(template)
	return a
}

// sign signs with the authority's key, or with the new one if it has none yet.
func (a *Authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, a.next = big.NewInt(a.next), a.next+1
	parent, by := a.cert, a.key
	if parent == nil {
		parent, by = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), by)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// Pair is a certificate with its key.
type Pair struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Issue makes a certificate for hosts, addresses or names, that is valid until an hour from now.
func (a *Authority) Issue(hosts ...string) Pair {
	a.t.Helper()
	return a.IssueUntil(time.Now().Add(time.Hour), hosts...)
}

// IssueUntil makes one that is valid from an hour ago until then.
func (a *Authority) IssueUntil(then time.Time, hosts ...string) Pair {
	a.t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "mesos"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: then}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	cert, key := a.sign(template)
	return Pair{a.t, cert, key}
}

// Pool has the authority alone.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// TLS is that of a program which shows the certificate and believes the authority; it verifies servers.
func (a *Authority) TLS(p Pair) *secure.TLS {
	return &secure.TLS{
		Certificates: []tls.Certificate{{Certificate: [][]byte{p.cert.Raw}, PrivateKey: p.key}},
		Roots:        a.Pool(), VerifyServers: true, Depth: 4,
	}
}

// File writes the authority's certificate into dir and returns the path.
func (a *Authority) File(dir string) string {
	a.t.Helper()
	return write(a.t, filepath.Join(dir, "ca.pem"), "CERTIFICATE", a.cert.Raw)
}

// Files writes certificate and key into dir.
func (p Pair) Files(dir string) (cert, key string) {
	p.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	return write(p.t, filepath.Join(dir, "cert.pem"), "CERTIFICATE", p.cert.Raw), write(p.t, filepath.Join(dir, "key.pem"), "PRIVATE KEY", der)
}

func write(t testing.TB, path, kind string, der []byte) string {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
