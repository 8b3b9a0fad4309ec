package link_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"mesos/actors/link"
	"mesos/actors/link/linktls"
	"mesos/actors/nettest"
)

// certificate makes a self-signed certificate that all programs of a test share and trust.
func certificate(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		NotAfter:              time.Now().Add(time.Hour),
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		RootCAs:      pool,
		ClientCAs:    pool,
		ClientAuth:   tls.VerifyClientCertIfGiven,
		MinVersion:   tls.VersionTLS13,
	}
}

func TestNetworkTLS(t *testing.T) { runSuite(t, linktls.New(certificate(t))) }

func TestTLS(t *testing.T) {
	config := certificate(t)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "over TLS") })
	n := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(config), HTTP: &http.Server{Handler: handler}})
	r := nettest.NewRecorder()
	n.Start(r)

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: config.RootCAs}}}
	defer client.CloseIdleConnections()
	answer, err := client.Get("https://" + n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil || string(body) != "over TLS" {
		t.Errorf("got %q %v, want it over TLS", body, err)
	}

	// One without TLS, one that trusts nobody, one that is not trusted: no session, and they hear of it.
	stranger := certificate(t)
	strict := config.Clone()
	strict.ClientAuth = tls.RequireAndVerifyClientCert
	guarded := listen(t, "127.0.0.1:0", link.Options{Secure: linktls.New(strict)})
	guarded.Start(nettest.NewRecorder())
	untrusted := stranger.Clone()
	untrusted.RootCAs = config.RootCAs
	for name, c := range map[string]struct {
		secure link.Secure
		to     string
	}{
		"plain":     {nil, n.Addr()},
		"distrusts": {linktls.New(stranger), n.Addr()},
		"untrusted": {linktls.New(untrusted), guarded.Addr()},
	} {
		d := listen(t, "127.0.0.1:0", link.Options{Secure: c.secure, PingTimeout: time.Second})
		rd := nettest.NewRecorder()
		d.Start(rd)
		d.Send(link.UPID{ID: "x", Addr: d.Addr()}, link.UPID{ID: "y", Addr: c.to}, wrapperspb.String("secret"))
		if e := rd.Next(t); e.Exited != c.to {
			t.Errorf("%s: got %+v, want exited %s", name, e, c.to)
		}
	}
	n.Send(link.UPID{}, link.UPID{ID: "x", Addr: n.Addr()}, wrapperspb.String("nothing came"))
	wantText(t, r, link.UPID{Addr: n.Addr()}, "nothing came")
}
