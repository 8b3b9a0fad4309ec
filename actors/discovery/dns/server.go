// Package dns answers DNS queries for the names of a discovery.Zone, over UDP and TCP. Queries for other names go to the resolvers
// that it is given, or are refused. It owns its sockets and nothing else; the Zone is kept by someone else.
package dns

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/miekg/dns"

	"mesos/actors/discovery"
	"mesos/actors/metrics"
)

// Options of a Server; Zone and Addr must be there.
type Options struct {
	Zone      *discovery.Zone
	Addr      string            // host:port to listen on
	TTL       time.Duration     // how long others may keep an answer, in whole seconds
	Resolvers []string          // host:port of who is asked for other names, in this order; none: those are refused
	Metrics   *metrics.Registry // where the Server's counters go; made if nil
	Log       *slog.Logger
}

// patience bounds one question to a resolver.
const patience = 2 * time.Second

// Server is a name server that runs.
type Server struct {
	o    Options
	udp  *dns.Server
	tcp  *dns.Server
	done chan error

	counts counts
}

// Start listens on UDP and TCP, and answers until Stop.
func Start(o Options) (*Server, error) {
	packets, listener, err := listen(o.Addr)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, done: make(chan error, 2), counts: newCounts(o.Metrics)}
	s.udp, s.tcp = &dns.Server{PacketConn: packets, Handler: s}, &dns.Server{Listener: listener, Handler: s}
	for _, server := range []*dns.Server{s.udp, s.tcp} {
		started := make(chan struct{})
		server.NotifyStartedFunc = func() { close(started) }
		go func() { s.done <- server.ActivateAndServe() }()
		<-started
	}
	return s, nil
}

// listen opens the same port of both protocols, any that is free in both for port 0.
func listen(addr string) (net.PacketConn, net.Listener, error) {
	var last error
	for range 10 {
		packets, err := net.ListenPacket("udp", addr)
		if err != nil {
			return nil, nil, fmt.Errorf("name server: %w", err)
		}
		listener, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, listener, nil
		}
		_ = packets.Close()
		last = err
		if _, port, _ := net.SplitHostPort(addr); port != "0" {
			break
		}
	}
	return nil, nil, fmt.Errorf("name server: %w", last)
}

// Addr is where the Server listens.
func (s *Server) Addr() string { return s.udp.PacketConn.LocalAddr().String() }

// Stop ends the Server, when what it is answering has been answered, or ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	err := errors.Join(s.udp.ShutdownContext(ctx), s.tcp.ShutdownContext(ctx))
	return errors.Join(err, <-s.done, <-s.done)
}

// ServeDNS implements dns.Handler.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	a := s.answer(q, w.RemoteAddr().Network())
	s.counts.of(a.Rcode).Inc()
	if w.RemoteAddr().Network() == "udp" {
		size := dns.MinMsgSize
		if o := q.IsEdns0(); o != nil {
			size = max(size, int(o.UDPSize()))
		}
		a.Truncate(size)
	}
	if err := w.WriteMsg(a); err != nil {
		s.o.Log.Debug("answer not sent", "to", w.RemoteAddr().String(), "error", err)
	}
}

func (s *Server) answer(q *dns.Msg, network string) *dns.Msg {
	a := new(dns.Msg)
	if len(q.Question) != 1 || q.Opcode != dns.OpcodeQuery {
		return a.SetRcode(q, dns.RcodeNotImplemented)
	}
	if !dns.IsSubDomain(dns.Fqdn(s.o.Zone.Domain()), dns.CanonicalName(q.Question[0].Name)) {
		return s.forward(q, network)
	}
	a.SetReply(q)
	a.Authoritative, a.RecursionAvailable = true, len(s.o.Resolvers) > 0
	if o := q.IsEdns0(); o != nil {
		a.SetEdns0(o.UDPSize(), false)
	}
	s.own(a, q.Question[0])
	return a
}

// forward asks the resolvers, one after the other, until one answers.
func (s *Server) forward(q *dns.Msg, network string) *dns.Msg {
	if len(s.o.Resolvers) == 0 {
		return new(dns.Msg).SetRcode(q, dns.RcodeRefused)
	}
	client := dns.Client{Net: network, Timeout: patience}
	for _, resolver := range s.o.Resolvers {
		a, _, err := client.Exchange(q, resolver)
		if err == nil {
			return a
		}
		s.o.Log.Debug("resolver does not answer", "resolver", resolver, "name", q.Question[0].Name, "error", err)
	}
	return new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
}
