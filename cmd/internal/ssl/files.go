package ssl

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mesos/actors/secure"
)

// certificate reads what the program shows of itself.
func (r *reader) certificate(s *secure.TLS, server bool, now time.Time) {
	certFile, keyFile := r.path("CERT_FILE"), r.path("KEY_FILE")
	switch {
	case certFile == "" && keyFile == "" && !server:
		return
	case certFile == "":
		r.fail("CERT_FILE", "it is not set: name the file with this program's certificate (PEM)")
		return
	case keyFile == "":
		r.fail("KEY_FILE", "it is not set: name the file with the key of the certificate %s (PEM)", certFile)
		return
	}
	cert, key := r.file("CERT_FILE", certFile), r.file("KEY_FILE", keyFile)
	if r.err != nil {
		return
	}
	pair, err := tls.X509KeyPair(cert, key)
	switch {
	case err != nil && strings.Contains(err.Error(), "private key does not match"):
		r.fail("KEY_FILE", "the key in %s does not belong to the certificate in %s (%sCERT_FILE)", keyFile, certFile, prefix)
	case err != nil && strings.Contains(err.Error(), "key"):
		r.fail("KEY_FILE", "%s with the certificate of %s: %w", keyFile, certFile, err)
	case err != nil:
		r.fail("CERT_FILE", "%s: %w", certFile, err)
	case now.After(pair.Leaf.NotAfter):
		r.fail("CERT_FILE", "the certificate in %s has expired: it was valid until %s", certFile, pair.Leaf.NotAfter.Format(time.RFC3339))
	case now.Before(pair.Leaf.NotBefore):
		r.fail("CERT_FILE", "the certificate in %s is not valid yet: it will be from %s on", certFile, pair.Leaf.NotBefore.Format(time.RFC3339))
	}
	s.Certificates = []tls.Certificate{pair}
}

// roots reads whom the program believes.
func (r *reader) roots(s *secure.TLS) {
	file, dir := r.path("CA_FILE"), r.path("CA_DIR")
	if file == "" && dir == "" {
		s.RootsFrom = "this machine (" + prefix + "CA_FILE and " + prefix + "CA_DIR are not set)"
		return
	}
	s.Roots = x509.NewCertPool()
	var from []string
	if file != "" {
		from = append(from, prefix+"CA_FILE="+file)
		if text := r.file("CA_FILE", file); r.err == nil && !s.Roots.AppendCertsFromPEM(text) {
			r.fail("CA_FILE", "%s has no certificate (PEM)", file)
		}
	}
	if dir != "" {
		from = append(from, prefix+"CA_DIR="+dir)
		r.rootsIn(dir, s.Roots)
	}
	s.RootsFrom = strings.Join(from, " and ")
}

// rootsIn reads all files of a directory; what is no certificate may lie there, too.
func (r *reader) rootsIn(dir string, pool *x509.CertPool) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		r.fail("CA_DIR", "%w", err)
		return
	}
	found := false
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if text := r.file("CA_DIR", path); pool.AppendCertsFromPEM(text) {
			found = true
		}
	}
	if !found {
		r.fail("CA_DIR", "no file in %s has a certificate (PEM)", dir)
	}
}

// path is that of a file, which may be written as a URL.
func (r *reader) path(name string) string { return strings.TrimPrefix(r.vars[name], "file://") }

func (r *reader) file(name, path string) []byte {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fail(name, "there is no file %s", path)
	case err != nil:
		r.fail(name, "%w", err)
	}
	return text
}
