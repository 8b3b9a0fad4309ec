// Package ssl reads how a program encrypts, from the variables LIBPROCESS_SSL_… that Mesos's programs and libraries read.
//
// Every program calls it once at its start and hands on what it gives, which is nil where nothing is encrypted. Whatever
// is wrong, or is not supported, is an error that names the variable: nothing is encrypted less than was asked for.
package ssl

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"mesos/actors/secure"
)

const prefix = "LIBPROCESS_SSL_"

// known are the variables after the prefix. Those with a text are refused unless they have one of the values that it names first.
var known = map[string]string{
	"ENABLED": "", "SUPPORT_DOWNGRADE": "", "KEY_FILE": "", "CERT_FILE": "", "CA_FILE": "", "CA_DIR": "", "VERIFY_CERT": "", "VERIFY_SERVER_CERT": "",
	"REQUIRE_CERT": "", "REQUIRE_CLIENT_CERT": "", "VERIFY_IPADD": "", "VERIFY_DEPTH": "", "CIPHERS": "", "ENABLE_TLS_V1_2": "", "ENABLE_TLS_V1_3": "",
	"HOSTNAME_VALIDATION_SCHEME": "",
	"ENABLE_SSL_V3":              "false 0: SSL 3 is broken; versions are TLS 1.2 and 1.3",
	"ENABLE_TLS_V1_0":            "false 0: TLS 1.0 is broken; versions are TLS 1.2 and 1.3",
	"ENABLE_TLS_V1_1":            "false 0: TLS 1.1 is broken; versions are TLS 1.2 and 1.3",
	"ECDH_CURVES":                "auto: curves are chosen by the program",
}

// reader reads variables until one is wrong.
type reader struct {
	vars map[string]string // without prefix
	err  error
}

// FromEnvironment reads the settings from environ, as os.Environ gives it; nil: nothing is encrypted. A server, or who
// dials and is dialed, must have a certificate. What weakens the settings is logged.
func FromEnvironment(environ []string, server bool, log *slog.Logger) (*secure.TLS, error) {
	r := &reader{vars: map[string]string{}}
	old := false
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if v, ok := strings.CutPrefix(name, prefix); ok {
			r.vars[v] = value
		}
		old = old || name == "SSL_ENABLED" && value != "" && value != "false" && value != "0"
	}
	enabled := r.bool("ENABLED", false)
	switch {
	case r.err != nil:
		return nil, r.err
	case !enabled && old:
		return nil, fmt.Errorf("SSL_ENABLED: the variables are those with the prefix %s", prefix)
	case !enabled:
		return nil, nil
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	s := r.read(server, time.Now())
	if r.err != nil {
		return nil, r.err
	}
	r.warn(s, server, log)
	return s, nil
}

// Variables are those of environ that are read, for programs that are started.
func Variables(environ []string) map[string]string {
	out := map[string]string{}
	for _, kv := range environ {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, prefix) {
			out[name] = value
		}
	}
	return out
}

// check refuses what nobody knows, and what is not supported.
func (r *reader) check() error {
	for name, value := range r.vars {
		text, ok := known[name]
		values, why, _ := strings.Cut(text, ":")
		switch {
		case !ok:
			return fmt.Errorf("%s%s: there is no such variable", prefix, name)
		case text != "" && value != "" && !slices.Contains(strings.Fields(values), value):
			return fmt.Errorf("%s%s=%s is not supported:%s", prefix, name, value, why)
		}
	}
	return nil
}

func (r *reader) read(server bool, now time.Time) *secure.TLS {
	s := &secure.TLS{Depth: r.number("VERIFY_DEPTH", 4), Downgrade: r.bool("SUPPORT_DOWNGRADE", false)}
	s.RequireClients = r.bool("REQUIRE_CLIENT_CERT", false) || r.bool("REQUIRE_CERT", false)
	s.VerifyServers = r.bool("VERIFY_SERVER_CERT", false) || r.bool("VERIFY_CERT", false) || s.RequireClients
	s.ByAddress = r.bool("VERIFY_IPADD", false)
	switch v := r.vars["HOSTNAME_VALIDATION_SCHEME"]; v {
	case "", "legacy":
	case "openssl":
		s.ByAddress = true
	default:
		r.fail("HOSTNAME_VALIDATION_SCHEME", "%q is neither legacy nor openssl", v)
	}
	r.versions(s)
	s.Ciphers = r.ciphers()
	r.certificate(s, server, now)
	r.roots(s)
	return s
}

// warn tells of what is weaker than a person may believe.
func (r *reader) warn(s *secure.TLS, server bool, log *slog.Logger) {
	if !s.VerifyServers {
		log.Warn("TLS without looking at certificates: connections are encrypted, with whom is not known", "why", prefix+"VERIFY_SERVER_CERT is not true")
	}
	if s.Downgrade && server {
		log.Warn("TLS is not demanded: peers without are taken", "why", prefix+"SUPPORT_DOWNGRADE is true")
	}
}

func (r *reader) versions(s *secure.TLS) {
	two, three := r.bool("ENABLE_TLS_V1_2", true), r.bool("ENABLE_TLS_V1_3", true)
	switch {
	case !two && !three:
		r.fail("ENABLE_TLS_V1_2", "with %sENABLE_TLS_V1_3 off, too, no version is left", prefix)
	case !two:
		s.MinVersion = tls.VersionTLS13
	case !three:
		s.MaxVersion = tls.VersionTLS12
	}
}

func (r *reader) fail(name, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s%s: %w", prefix, name, fmt.Errorf(format, args...))
	}
}

func (r *reader) bool(name string, otherwise bool) bool {
	switch v := r.vars[name]; v {
	case "":
		return otherwise
	case "true", "1":
		return true
	case "false", "0":
		return false
	default:
		r.fail(name, "%q is neither true (1) nor false (0)", v)
		return otherwise
	}
}

func (r *reader) number(name string, otherwise int) int {
	v := r.vars[name]
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		r.fail(name, "%q is not a number from 0", v)
	}
	return n
}
