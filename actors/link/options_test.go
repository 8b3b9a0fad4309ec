package link_test

import (
	"net"
	"strings"
	"testing"

	"mesos/actors/link"
)

func TestAdvertise(t *testing.T) {
	for _, c := range []struct{ listen, advertise, want string }{
		{"127.0.0.1:0", "", "127.0.0.1:PORT"},
		{"127.0.0.1:0", "agent.example", "agent.example:PORT"},
		{"127.0.0.1:0", "agent.example:7", "agent.example:7"},
		{"127.0.0.1:0", "10.0.0.1:0", "10.0.0.1:PORT"},
		{"127.0.0.1:0", "::1", "[::1]:PORT"},
		{"127.0.0.1:0", "[::1]:7", "[::1]:7"},
	} {
		n := listen(t, c.listen, link.Options{Advertise: c.advertise})
		host, port, err := net.SplitHostPort(n.Addr())
		want := strings.ReplaceAll(c.want, "PORT", port)
		if err != nil || n.Addr() != want {
			t.Errorf("advertise %q: got %q (%q %v), want %q", c.advertise, n.Addr(), host, err, want)
		}
	}
	n := listen(t, "0.0.0.0:0", link.Options{})
	host, _, err := net.SplitHostPort(n.Addr())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		t.Errorf("listening on all addresses: got %q, want an address that can be dialed", n.Addr())
	}
}

func TestListenErrors(t *testing.T) {
	n := listen(t, "127.0.0.1:0", link.Options{})
	if _, err := link.Listen(n.Addr(), link.Options{}); err == nil || !strings.Contains(err.Error(), "listen for actor links") {
		t.Errorf("port taken: got %v", err)
	}
	if _, err := link.DialOnly("no address", link.Options{}); err == nil || !strings.Contains(err.Error(), "not an IP address") {
		t.Errorf("bad ip: got %v", err)
	}
}

// The address of a program that only dials is its own while it lives, and nobody can connect to it.
func TestDialOnlyReservesPort(t *testing.T) {
	d, err := link.DialOnly("", link.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", d.Addr()); err == nil {
		_ = c.Close()
		t.Errorf("got a connection to %s, want it refused", d.Addr())
	}
	if _, err := link.Listen(d.Addr(), link.Options{}); err == nil {
		t.Errorf("got a second program at %s", d.Addr())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	listen(t, d.Addr(), link.Options{})
}

// TestDialOnlyTo is known by the address from which its peer is reached.
func TestDialOnlyTo(t *testing.T) {
	d, err := link.DialOnlyTo("127.3.2.1:5050", link.Options{Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(d.Addr(), "127.") {
		t.Errorf("address: got %s, want one of the loopback", d.Addr())
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := link.DialOnlyTo("nowhere", link.Options{}); err == nil {
		t.Error("an address without port was taken")
	}
}
