package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"time"

	"mesos/actors/secure"
)

// prepareTLS issues the certificate of the daemons, and of who speaks with them.
func (c *Cluster) prepareTLS() {
	c.t.Helper()
	if c.o.Authority == nil {
		return
	}
	if c.o.Place != nil {
		c.t.Fatal("cluster.Options: Authority knows no Place")
	}
	pair := c.o.Authority.Issue(c.ip)
	dir := c.tlsDir()
	if err := os.Mkdir(dir, 0o755); err != nil {
		c.t.Fatal(err)
	}
	c.o.Authority.File(dir)
	pair.Files(dir)
	c.tls = c.o.Authority.TLS(pair)
}

func (c *Cluster) tlsDir() string { return filepath.Join(c.WorkDir, "tls") }

// TLSEnv are the variables, NAME=value, by which a program is of the cluster; none without TLS.
func (c *Cluster) TLSEnv() []string {
	if c.tls == nil {
		return nil
	}
	at := func(file string) string { return filepath.Join(c.tlsDir(), file) }
	return []string{
		"LIBPROCESS_SSL_ENABLED=true", "LIBPROCESS_SSL_VERIFY_SERVER_CERT=true", "LIBPROCESS_SSL_REQUIRE_CLIENT_CERT=true",
		"LIBPROCESS_SSL_CERT_FILE=" + at("cert.pem"), "LIBPROCESS_SSL_KEY_FILE=" + at("key.pem"), "LIBPROCESS_SSL_CA_FILE=" + at("ca.pem"),
	}
}

// Client asks daemons of the cluster over HTTP.
func (c *Cluster) Client() *http.Client { return clientFor(c.tls) }

func (p *Process) client() *http.Client { return clientFor(p.tls) }

// clientFor is one that keeps no connections where each cluster has its own.
func clientFor(s *secure.TLS) *http.Client {
	if s == nil {
		return client
	}
	return &http.Client{Timeout: 5 * time.Second, Transport: s.Transport(&http.Transport{DisableKeepAlives: true})}
}
