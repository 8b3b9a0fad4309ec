package secure_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"mesos/actors/secure"
	"mesos/actors/secure/securetest"
)

// serve answers connections with TLS until the test ends; the error of each handshake comes over the channel.
func serve(t *testing.T, s *secure.TLS) (addr string, handshakes <-chan error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	out, done := make(chan error, 8), make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conn, err := s.Server(c, "greeting")
			if err == nil {
				_, err = io.WriteString(conn, "hello")
				_ = conn.Close()
			}
			_ = c.Close()
			out <- err
		}
	}()
	return l.Addr().String(), out
}

// greet dials and reads what is said.
func greet(s *secure.TLS, addr, as, protocol string) (string, error) {
	conn, err := s.Dial(context.Background(), as, protocol, func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	})
	if err != nil {
		return "", err
	}
	defer conn.Close()
	said, err := io.ReadAll(conn)
	return string(said), err
}

func TestBothSidesSayWhy(t *testing.T) {
	ours, theirs := securetest.NewAuthority(t, "ours"), securetest.NewAuthority(t, "theirs")
	good := func() *secure.TLS { return ours.TLS(ours.Issue("127.0.0.1")) }
	with := func(change func(*secure.TLS)) *secure.TLS { s := good(); change(s); return s }
	old := ours.TLS(ours.IssueUntil(time.Now().Add(-time.Minute), "127.0.0.1"))
	for _, c := range []struct {
		name             string
		client, server   *secure.TLS
		as, protocol     string
		dialer, listener string // parts of what they are told; "": all is well
	}{
		{name: "trusted", client: good(), server: good()},
		{name: "not looked at", client: &secure.TLS{}, server: theirs.TLS(theirs.Issue("nobody"))},
		{name: "both shown", client: good(), server: with(func(s *secure.TLS) { s.RequireClients = true })},
		{name: "unknown authority", client: good(), server: theirs.TLS(theirs.Issue("127.0.0.1")), dialer: `its issuer "CN=theirs" is none of the authorities`, listener: "the peer does not believe this program's certificate"},
		{name: "expired", client: good(), server: old, dialer: "is valid from", listener: "the peer does not believe this program's certificate"},
		{name: "for another", client: good(), server: ours.TLS(ours.Issue("10.0.0.1", "other.example")), dialer: "it is for other.example, 10.0.0.1, and 127.0.0.1 was dialed", listener: "does not believe"},
		{name: "no client's", client: with(func(s *secure.TLS) { s.Certificates = nil }), server: with(func(s *secure.TLS) { s.RequireClients = true }),
			dialer: "the peer wants a certificate", listener: "client didn't provide a certificate"},
		{name: "foreign client", client: with(func(s *secure.TLS) { s.Certificates = theirs.TLS(theirs.Issue("127.0.0.1")).Certificates }),
			server: with(func(s *secure.TLS) { s.RequireClients = true }), dialer: "the peer does not believe this program's certificate", listener: `its issuer "CN=theirs"`},
		{name: "old client", client: with(func(s *secure.TLS) { s.Certificates = old.Certificates }),
			server: with(func(s *secure.TLS) { s.RequireClients = true }), dialer: "the peer does not believe this program's certificate", listener: "is valid from"},
		{name: "no version", client: with(func(s *secure.TLS) { s.MaxVersion = 0x0303 }), server: with(func(s *secure.TLS) { s.MinVersion = 0x0304 }),
			dialer: "no version of TLS in common", listener: "unsupported versions"},
		{name: "other protocol", client: good(), server: good(), protocol: "another", dialer: "", listener: "unsupported application protocols"},
	} {
		t.Run(c.name, func(t *testing.T) {
			addr, handshakes := serve(t, c.server)
			said, err := greet(c.client, addr, addr, c.protocol)
			heard := <-handshakes
			if c.listener == "" {
				if err != nil || said != "hello" || heard != nil {
					t.Errorf("got %q, %v, %v, want a greeting", said, err, heard)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.dialer) {
				t.Errorf("the one that dials: got %v, want %q", err, c.dialer)
			}
			if heard == nil || !strings.Contains(heard.Error(), c.listener) {
				t.Errorf("the one that is dialed: got %v, want %q", heard, c.listener)
			}
		})
	}
}

// An address stands for its names in DNS, unless it is to be in the certificate itself; a name stands for itself.
func TestNames(t *testing.T) {
	ours := securetest.NewAuthority(t, "ours")
	addr, handshakes := serve(t, ours.TLS(ours.Issue("agent.example")))
	_, port, _ := net.SplitHostPort(addr)
	for _, c := range []struct {
		as        string
		byAddress bool
		names     []string
		good      bool
	}{
		{"agent.example", true, nil, true},
		{"other.example", false, []string{"agent.example."}, false},
		{"127.0.0.1", false, []string{"localhost.", "agent.example."}, true},
		{"127.0.0.1", true, []string{"agent.example."}, false},
		{"127.0.0.1", false, []string{"localhost."}, false},
		{"127.0.0.1", false, nil, false},
	} {
		s := ours.TLS(ours.Issue())
		s.ByAddress = c.byAddress
		s.SetLookup(func(context.Context, string) ([]string, error) { return c.names, nil })
		_, err := greet(s, addr, net.JoinHostPort(c.as, port), "")
		<-handshakes
		if (err == nil) != c.good {
			t.Errorf("%+v: got %v, want success %v", c, err, c.good)
		}
	}
}

func TestNil(t *testing.T) {
	var none *secure.TLS
	transport := &http.Transport{}
	if got := none.Transport(transport); got != transport || got.DialTLSContext != nil || none.Scheme() != "http" {
		t.Errorf("got %v and %s, want the transport as it was and http", got, none.Scheme())
	}
	fails := errors.New("nobody there")
	if _, err := none.Dial(t.Context(), "a:1", "x", func(context.Context) (net.Conn, error) { return nil, fails }); !errors.Is(err, fails) {
		t.Errorf("got %v, want %v", err, fails)
	}
}
