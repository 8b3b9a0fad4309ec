package dns

import (
	"math/rand/v2"
	"net/netip"
	"strings"

	"github.com/miekg/dns"

	"mesos/actors/discovery"
)

// What the SOA record of the zone says, in seconds. Only how long others keep that a name does not exist matters here,
// which is the TTL of all answers: a task may come at any moment.
const (
	refresh, again, expire = 60, 600, 86400
)

// own answers a question for a name below the zone's domain.
func (s *Server) own(a *dns.Msg, q dns.Question) {
	z, name := s.o.Zone, strings.TrimSuffix(dns.CanonicalName(q.Name), ".")
	wants := func(t uint16) bool { return q.Qtype == t || q.Qtype == dns.TypeANY }
	for _, addr := range shuffled(z.Hosts(name)) {
		if rr := s.host(q.Name, addr); wants(rr.Header().Rrtype) {
			a.Answer = append(a.Answer, rr)
		}
	}
	if wants(dns.TypeSRV) {
		s.addServices(a, q.Name, shuffled(z.Services(name)))
	}
	if name == z.Domain() && wants(dns.TypeSOA) {
		a.Answer = append(a.Answer, s.soa())
	}
	if name == z.Domain() && wants(dns.TypeNS) {
		a.Answer = append(a.Answer, &dns.NS{Hdr: s.header(q.Name, dns.TypeNS), Ns: s.self()})
	}
	if len(a.Answer) > 0 {
		return
	}
	if !z.Exists(name) {
		a.Rcode = dns.RcodeNameError
	}
	a.Ns = []dns.RR{s.soa()} // tells how long the absence may be kept
}

// addServices answers with SRV records, and with the addresses of their targets, which spares another question.
func (s *Server) addServices(a *dns.Msg, name string, services []discovery.Service) {
	told := map[string]bool{}
	for _, to := range services {
		target := dns.Fqdn(to.Target)
		a.Answer = append(a.Answer, &dns.SRV{Hdr: s.header(name, dns.TypeSRV), Weight: 1, Port: to.Port, Target: target})
		if told[target] {
			continue
		}
		told[target] = true
		for _, addr := range s.o.Zone.Hosts(to.Target) {
			a.Extra = append(a.Extra, s.host(target, addr))
		}
	}
}

func (s *Server) host(name string, addr netip.Addr) dns.RR {
	if addr.Is4() {
		return &dns.A{Hdr: s.header(name, dns.TypeA), A: addr.AsSlice()}
	}
	return &dns.AAAA{Hdr: s.header(name, dns.TypeAAAA), AAAA: addr.AsSlice()}
}

func (s *Server) header(name string, t uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: t, Class: dns.ClassINET, Ttl: uint32(s.o.TTL.Seconds())}
}

func (s *Server) soa() dns.RR {
	domain := dns.Fqdn(s.o.Zone.Domain())
	return &dns.SOA{
		Hdr: s.header(domain, dns.TypeSOA), Ns: s.self(), Mbox: "root." + s.self(), Serial: s.o.Zone.Serial(),
		Refresh: refresh, Retry: again, Expire: expire, Minttl: uint32(s.o.TTL.Seconds()),
	}
}

// self is the name that this server has in its own zone.
func (s *Server) self() string { return "ns1." + dns.Fqdn(s.o.Zone.Domain()) }

// shuffled spreads those who take the first answer over all.
func shuffled[T any](all []T) []T {
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}
