package ssl

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
)

func read(t *testing.T, server bool, vars ...string) (*secure.TLS, string, error) {
	t.Helper()
	var log strings.Builder
	environ := []string{"PATH=/bin", "LIBPROCESS_IP=127.0.0.1"}
	for _, v := range vars {
		environ = append(environ, "LIBPROCESS_SSL_"+v)
	}
	s, err := FromEnvironment(environ, server, slog.New(slog.NewTextHandler(&log, nil)))
	return s, log.String(), err
}

func TestOff(t *testing.T) {
	for _, v := range []string{"ENABLED=false", "ENABLED=0", "ENABLED=", "KEY_FILE=/nowhere"} {
		if s, _, err := read(t, true, v); s != nil || err != nil {
			t.Errorf("%s: got %v, %v, want no TLS", v, s, err)
		}
	}
	if _, err := FromEnvironment([]string{"SSL_ENABLED=true"}, true, slog.Default()); err == nil || !strings.Contains(err.Error(), "LIBPROCESS_SSL_") {
		t.Errorf("the old prefix: got %v, want an error that names the new one", err)
	}
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	ca := securetest.NewAuthority(t, "ours")
	cert, key := ca.Issue("127.0.0.1").Files(dir)
	all := []string{"ENABLED=1", "CERT_FILE=" + cert, "KEY_FILE=file://" + key, "CA_FILE=" + ca.File(dir)}
	for _, c := range []struct {
		vars                                []string
		verify, require, address, downgrade bool
		warns                               string
	}{
		{nil, false, false, false, false, "VERIFY_SERVER_CERT is not true"},
		{[]string{"VERIFY_SERVER_CERT=true"}, true, false, false, false, ""},
		{[]string{"VERIFY_CERT=1", "VERIFY_IPADD=1"}, true, false, true, false, ""},
		{[]string{"REQUIRE_CERT=true", "HOSTNAME_VALIDATION_SCHEME=openssl"}, true, true, true, false, ""},
		{[]string{"REQUIRE_CLIENT_CERT=true", "SUPPORT_DOWNGRADE=true", "ENABLE_TLS_V1_1=false", "ECDH_CURVES=auto"}, true, true, false, true, "SUPPORT_DOWNGRADE is true"},
	} {
		s, log, err := read(t, true, append(all, c.vars...)...)
		if err != nil {
			t.Errorf("%v: got %v, want it read", c.vars, err)
			continue
		}
		if s.VerifyServers != c.verify || s.RequireClients != c.require || s.ByAddress != c.address || s.Downgrade != c.downgrade || len(s.Certificates) != 1 || s.Roots == nil {
			t.Errorf("%v: got %+v, want verify %v, require %v, address %v, downgrade %v, with certificate and roots", c.vars, s, c.verify, c.require, c.address, c.downgrade)
		}
		if (log != "") != (c.warns != "") || !strings.Contains(log, c.warns) {
			t.Errorf("%v: got the log %q, want %q in it", c.vars, log, c.warns)
		}
	}
	if s, _, err := read(t, false, "ENABLED=true", "CA_DIR="+dir, "CIPHERS=ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"); err != nil || s.Roots == nil || len(s.Ciphers) != 3 {
		t.Errorf("a client: got %+v, %v, want one without certificate and three ciphers", s, err)
	}
}

func TestErrors(t *testing.T) {
	dir, other, late := t.TempDir(), t.TempDir(), t.TempDir()
	ca := securetest.NewAuthority(t, "ours")
	cert, key := ca.Issue("127.0.0.1").Files(dir)
	_, otherKey := ca.Issue("127.0.0.1").Files(other)
	oldCert, oldKey := ca.IssueUntil(time.Now().Add(-time.Minute), "127.0.0.1").Files(late)
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("hello\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := []string{"ENABLED=true", "CERT_FILE=" + cert, "KEY_FILE=" + key}
	for _, c := range []struct {
		vars []string
		want []string
	}{
		{[]string{"ENABLED=yes"}, []string{"LIBPROCESS_SSL_ENABLED", `"yes"`, "true"}},
		{[]string{"ENABLED=true"}, []string{"LIBPROCESS_SSL_CERT_FILE", "not set"}},
		{[]string{"ENABLED=true", "CERT_FILE=" + cert}, []string{"LIBPROCESS_SSL_KEY_FILE", "not set", cert}},
		{append(good, "KEY_FILE=/no/key"), []string{"LIBPROCESS_SSL_KEY_FILE", "no file /no/key"}},
		{append(good, "CERT_FILE="+text), []string{"LIBPROCESS_SSL_CERT_FILE", text}},
		{append(good, "KEY_FILE="+text), []string{"LIBPROCESS_SSL_KEY_FILE", text}},
		{append(good, "KEY_FILE="+otherKey), []string{"LIBPROCESS_SSL_KEY_FILE", otherKey, "does not belong", cert}},
		{append(good, "CERT_FILE="+oldCert, "KEY_FILE="+oldKey), []string{"LIBPROCESS_SSL_CERT_FILE", oldCert, "expired"}},
		{append(good, "CA_FILE="+text), []string{"LIBPROCESS_SSL_CA_FILE", text, "no certificate"}},
		{append(good, "CA_DIR="+late+"/nowhere"), []string{"LIBPROCESS_SSL_CA_DIR", "nowhere"}},
		{append(good, "REQUIRE_CLIENT_CRET=true"), []string{"LIBPROCESS_SSL_REQUIRE_CLIENT_CRET", "no such variable"}},
		{append(good, "ENABLE_TLS_V1_0=true"), []string{"LIBPROCESS_SSL_ENABLE_TLS_V1_0", "TLS 1.2"}},
		{append(good, "ENABLE_TLS_V1_2=0", "ENABLE_TLS_V1_3=0"), []string{"LIBPROCESS_SSL_ENABLE_TLS_V1_2", "no version"}},
		{append(good, "ECDH_CURVES=P-256"), []string{"LIBPROCESS_SSL_ECDH_CURVES", "not supported"}},
		{append(good, "CIPHERS=RC4-SHA"), []string{"LIBPROCESS_SSL_CIPHERS", `"RC4-SHA"`, "ECDHE-RSA-AES128-GCM-SHA256"}},
		{append(good, "VERIFY_DEPTH=-1"), []string{"LIBPROCESS_SSL_VERIFY_DEPTH", `"-1"`}},
		{append(good, "HOSTNAME_VALIDATION_SCHEME=none"), []string{"LIBPROCESS_SSL_HOSTNAME_VALIDATION_SCHEME", "legacy"}},
	} {
		_, _, err := read(t, true, c.vars...)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: got %v, want an error with %q", c.vars, err, want)
			}
		}
	}
}
