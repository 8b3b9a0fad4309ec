package authentication

import (
	"fmt"
	"log/slog"
	"net"
	"time"

	"mesos/actors"
	"mesos/messages/internalpb"
)

// Server is the side of CRAM-MD5 that asks: it knows which processes have shown whose they are. What it knows of a
// program ends with the session. It is used on its actor only.
type Server struct {
	p       *actors.Process
	known   Credentials
	timeout time.Duration
	log     *slog.Logger
	peers   map[string]*peer // by address
}

// peer is what is known of the processes of one program, by their ids.
type peer struct {
	principals map[string]string
	exchanges  map[string]*exchange // by the process that speaks for another
}

// exchange is one that is under way.
type exchange struct {
	who       actors.UPID
	challenge []byte
}

// NewServer has p answer those who want to authenticate. known is nil if nobody can; an exchange that is not over
// after timeout is forgotten, 0: after 15 seconds. asked, if not nil, is told of each who begins.
func NewServer(p *actors.Process, known Credentials, timeout time.Duration, asked func(), log *slog.Logger) *Server {
	if timeout == 0 {
		timeout = 15 * time.Second
	}
	s := &Server{p: p, known: known, timeout: timeout, log: log, peers: map[string]*peer{}}
	actors.Install(p, func(from actors.UPID, m *internalpb.AuthenticateMessage) {
		if asked != nil {
			asked()
		}
		s.begin(from, m.GetPid())
	})
	actors.Install(p, s.start)
	actors.Install(p, s.step)
	return s
}

// Principal is whose process that is; false if it has not authenticated in this session.
func (s *Server) Principal(who actors.UPID) (string, bool) {
	of := s.peers[who.Addr]
	if of == nil {
		return "", false
	}
	principal, ok := of.principals[who.ID]
	return principal, ok
}

// Exited forgets the processes of a program whose session is over. The actor calls it.
func (s *Server) Exited(addr string) { delete(s.peers, addr) }

// Refuse tells a process that it is not heard before it has authenticated.
func (s *Server) Refuse(who actors.UPID) {
	s.log.Warn("a process that has not authenticated is not heard", "from", who.String())
	s.refuse(who, "this master hears only those who authenticate, and you have not: name your credential")
}

func (s *Server) refuse(to actors.UPID, why string) {
	s.p.Send(to, &internalpb.AuthenticationErrorMessage{Error: &why})
}

func (s *Server) begin(from actors.UPID, pid string) {
	who, err := actors.ParseUPID(pid)
	switch {
	case s.known == nil:
		s.log.Warn("authentication refused: this master has none", "from", from.String())
		s.refuse(from, "No authenticator loaded: this master does not authenticate, register without credentials")
		return
	case err != nil || !sameHost(who.Addr, from.Addr):
		s.refuse(from, fmt.Sprintf("pid: %.100q is no process of the host that asks, at %s", pid, from.Addr))
		return
	}
	of, x := s.peer(from.Addr), &exchange{who: who}
	of.exchanges[from.ID] = x
	s.p.Link(from)
	s.p.Delay(s.timeout, func() {
		if of.exchanges[from.ID] == x {
			delete(of.exchanges, from.ID)
		}
	})
	s.p.Send(from, &internalpb.AuthenticationMechanismsMessage{Mechanisms: []string{Mechanism}})
}

// peer is what is known of the program at an address.
func (s *Server) peer(addr string) *peer {
	of := s.peers[addr]
	if of == nil {
		of = &peer{map[string]string{}, map[string]*exchange{}}
		s.peers[addr] = of
	}
	return of
}

// sameHost is true for processes of one host: drivers may authenticate by another port than they register by.
func sameHost(a, b string) bool {
	host, _, err := net.SplitHostPort(a)
	other, _, wrong := net.SplitHostPort(b)
	return err == nil && wrong == nil && host == other
}

// exchangeOf is the one of a process that speaks for itself or another, nil if it has not begun one.
func (s *Server) exchangeOf(from actors.UPID) *exchange {
	if of := s.peers[from.Addr]; of != nil {
		return of.exchanges[from.ID]
	}
	return nil
}

func (s *Server) start(from actors.UPID, m *internalpb.AuthenticationStartMessage) {
	x := s.exchangeOf(from)
	switch {
	case x == nil:
	case m.GetMechanism() != Mechanism:
		delete(s.peers[from.Addr].exchanges, from.ID)
		s.refuse(from, fmt.Sprintf("mechanism: %.40q is not known: %s is", m.GetMechanism(), Mechanism))
	default:
		if x.challenge == nil { // one that comes twice is answered alike
			x.challenge = fmt.Appendf(nil, "<%s@%s>", s.p.UUID(), s.p.Self().Addr)
		}
		s.p.Send(from, &internalpb.AuthenticationStepMessage{Data: x.challenge})
	}
}

func (s *Server) step(from actors.UPID, m *internalpb.AuthenticationStepMessage) {
	x := s.exchangeOf(from)
	if x == nil || x.challenge == nil {
		return
	}
	delete(s.peers[from.Addr].exchanges, from.ID)
	of := s.peer(x.who.Addr)
	principal, ok := s.known.verify(x.challenge, m.GetData())
	if !ok {
		delete(of.principals, x.who.ID)
		s.log.Warn("authentication failed", "from", x.who.String(), "principal", principal)
		s.p.Send(from, &internalpb.AuthenticationFailedMessage{})
		return
	}
	of.principals[x.who.ID] = principal
	s.p.Link(x.who) // what is known ends with this session
	s.log.Info("authenticated", "from", x.who.String(), "principal", principal)
	s.p.Send(from, &internalpb.AuthenticationCompletedMessage{})
}
