package dns

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/miekg/dns"
	"go.uber.org/goleak"

	"mesos/actors/discovery"
	"mesos/actors/metrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, z *discovery.Zone, resolvers ...string) *Server {
	t.Helper()
	s, err := Start(Options{Zone: z, Addr: "127.0.0.1:0", TTL: 7 * time.Second, Resolvers: resolvers, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(t.Context()); err != nil && t.Context().Err() == nil {
			t.Error(err)
		}
	})
	return s
}

func ask(t *testing.T, s *Server, network, name string, kind uint16) *dns.Msg {
	t.Helper()
	client := dns.Client{Net: network, Timeout: 20 * time.Second}
	a, _, err := client.Exchange(new(dns.Msg).SetQuestion(name, kind), s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func zone(tasks int) *discovery.Zone {
	z := discovery.NewZone("mesos")
	var rs []discovery.Record
	for i := range tasks {
		host := fmt.Sprintf("web-%d.marathon.mesos", i)
		addr := netip.AddrFrom4([4]byte{10, 0, byte(i / 250), byte(i % 250)})
		rs = append(rs, discovery.Record{Name: "web.marathon.mesos", Addr: addr}, discovery.Record{Name: host, Addr: addr},
			discovery.Record{Name: "_web._tcp.marathon.mesos", Service: discovery.Service{Target: host, Port: 80}})
	}
	z.Set("all", append(rs, discovery.Record{Name: "six.marathon.mesos", Addr: netip.MustParseAddr("2001:db8::1")}))
	return z
}

func TestCounts(t *testing.T) {
	s := start(t, zone(1))
	ask(t, s, "udp", "web.marathon.mesos.", dns.TypeA)
	ask(t, s, "tcp", "nobody.marathon.mesos.", dns.TypeA)
	ask(t, s, "udp", "example.org.", dns.TypeA)
	for name, c := range map[string]*metrics.Counter{"answered": s.counts.answered, "unknown": s.counts.unknown, "refused": s.counts.refused} {
		if got := c.Value(); got != 1 {
			t.Errorf("queries %s: got %d, want 1", name, got)
		}
	}
}

func TestAnswers(t *testing.T) {
	s := start(t, zone(2))
	for _, tt := range []struct {
		name               string
		kind               uint16
		rcode, answers, ns int
		extra              int
	}{
		{"web.marathon.mesos.", dns.TypeA, dns.RcodeSuccess, 2, 0, 0},
		{"WEB.Marathon.mesos.", dns.TypeA, dns.RcodeSuccess, 2, 0, 0},
		{"web.marathon.mesos.", dns.TypeAAAA, dns.RcodeSuccess, 0, 1, 0},
		{"six.marathon.mesos.", dns.TypeAAAA, dns.RcodeSuccess, 1, 0, 0},
		{"_web._tcp.marathon.mesos.", dns.TypeSRV, dns.RcodeSuccess, 2, 0, 2},
		{"web.marathon.mesos.", dns.TypeANY, dns.RcodeSuccess, 2, 0, 0},
		{"marathon.mesos.", dns.TypeA, dns.RcodeSuccess, 0, 1, 0},
		{"db.marathon.mesos.", dns.TypeA, dns.RcodeNameError, 0, 1, 0},
		{"mesos.", dns.TypeSOA, dns.RcodeSuccess, 1, 0, 0},
		{"mesos.", dns.TypeNS, dns.RcodeSuccess, 1, 0, 0},
		{"example.org.", dns.TypeA, dns.RcodeRefused, 0, 0, 0},
		{"notmesos.", dns.TypeA, dns.RcodeRefused, 0, 0, 0},
	} {
		for _, network := range []string{"udp", "tcp"} {
			a := ask(t, s, network, tt.name, tt.kind)
			if a.Rcode != tt.rcode || len(a.Answer) != tt.answers || len(a.Ns) != tt.ns || len(a.Extra) != tt.extra {
				t.Errorf("%s %s over %s: got %v\nwant %s with %d answers, %d of authority, %d more", tt.name, dns.TypeToString[tt.kind], network, a, dns.RcodeToString[tt.rcode], tt.answers, tt.ns, tt.extra)
			}
			for _, rr := range a.Answer {
				if rr.Header().Ttl != 7 || rr.Header().Name != tt.name {
					t.Errorf("%s: got %v, want a TTL of 7 and the name as it was asked", tt.name, rr)
				}
			}
		}
	}
}

// TestLargeAnswers: what does not fit into a datagram says so, and is whole over TCP.
func TestLargeAnswers(t *testing.T) {
	s := start(t, zone(500))
	a := ask(t, s, "udp", "_web._tcp.marathon.mesos.", dns.TypeSRV)
	a.Compress = true // as it came
	if !a.Truncated || a.Len() > dns.MinMsgSize {
		t.Errorf("got %d bytes, truncated %v; want at most %d and truncated", a.Len(), a.Truncated, dns.MinMsgSize)
	}
	if a := ask(t, s, "tcp", "_web._tcp.marathon.mesos.", dns.TypeSRV); len(a.Answer) != 500 || a.Truncated {
		t.Errorf("got %d answers, want 500", len(a.Answer))
	}
}

// TestForward: other names are for the resolvers, the first that answers.
func TestForward(t *testing.T) {
	other := discovery.NewZone("example.org")
	other.Set("x", []discovery.Record{{Name: "www.example.org", Addr: netip.MustParseAddr("192.0.2.1")}})
	up := start(t, other)
	// Nobody reads this socket: a resolver that is silent.
	deaf, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = deaf.Close() })
	s := start(t, zone(1), deaf.LocalAddr().String(), up.Addr())
	if a := ask(t, s, "udp", "www.example.org.", dns.TypeA); len(a.Answer) != 1 {
		t.Errorf("got %v, want the address that the resolver knows", a)
	}
	if a := ask(t, start(t, zone(1), deaf.LocalAddr().String()), "udp", "www.example.org.", dns.TypeA); a.Rcode != dns.RcodeServerFailure {
		t.Errorf("got %v, want SERVFAIL when no resolver answers", a)
	}
}

// TestGarbage: datagrams of any bytes neither stop the server nor are answered with something that is no DNS.
func TestGarbage(t *testing.T) {
	s := start(t, zone(1))
	c, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for n := range 200 {
		junk := make([]byte, n)
		for i := range junk {
			junk[i] = byte(i*n + n)
		}
		if _, err := c.Write(junk); err != nil && n > 0 {
			t.Fatal(err)
		}
	}
	if a := ask(t, s, "udp", "web.marathon.mesos.", dns.TypeA); len(a.Answer) != 1 {
		t.Errorf("got %v, want an answer as before", a)
	}
}
