package actors

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"google.golang.org/protobuf/proto"
)

// ErrExists is returned by Spawn if a live actor of the System has that id.
var ErrExists = errors.New("an actor with this id exists")

// ErrStopped is returned when the actor or the System is stopped.
var ErrStopped = errors.New("actor stopped")

// System is the actors of one program: it spawns them, finds them by id, and joins them to the Network.
type System struct {
	network Network
	addr    string
	log     *slog.Logger
	filter  atomic.Pointer[Filter]
	stage   Stage // nil: the Go scheduler

	mu        sync.RWMutex
	processes map[string]*Process
	stopped   bool

	links links

	deadLetters atomic.Uint64
	unhandled   atomic.Uint64
}

// Option changes how NewSystem makes a System.
type Option func(*System)

// WithLogger sets where the runtime logs; the default is slog.Default().
func WithLogger(l *slog.Logger) Option { return func(s *System) { s.log = l } }

// NewSystem joins a System to n and starts n. Shutdown closes n.
func NewSystem(n Network, options ...Option) *System {
	s := &System{network: n, addr: n.Addr(), log: slog.Default(), processes: map[string]*Process{}}
	s.links.byAddr = map[string][]*Process{}
	for _, o := range options {
		o(s)
	}
	n.Start((*receiver)(s))
	return s
}

// Addr is the "host:port" under which the System's actors are known to other programs.
func (s *System) Addr() string { return s.addr }

// Remember says that the program at addr speaks libprocess, as it said itself to an earlier run of this program: what is
// sent to it goes that way. A Network without libprocess ignores it.
func (s *System) Remember(addr string) {
	if n, ok := s.network.(interface{ Remember(addr string) }); ok {
		n.Remember(addr)
	}
}

// Spawn starts an actor. The id must be unique among the live actors of the System and must not hold '@', '/' or
// control characters. Spawn returns before Init has run; messages sent to the actor from then on wait for Init.
// Errors: ErrExists, ErrStopped after Shutdown, or what is wrong with the id.
func (s *System) Spawn(id string, a Actor) (*Process, error) {
	if err := checkID(id); err != nil {
		return nil, fmt.Errorf("spawn actor: %w", err)
	}
	p := newProcess(s, id, a)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, fmt.Errorf("spawn actor %q: %w", id, ErrStopped)
	}
	if _, ok := s.processes[id]; ok {
		return nil, fmt.Errorf("spawn actor %q: %w", id, ErrExists)
	}
	if err := p.start(); err != nil {
		return nil, fmt.Errorf("spawn actor %q: %w", id, err)
	}
	s.processes[id] = p
	return p, nil
}

// SpawnReady is Spawn, but returns only when Init has run: for those who use
// what Init sets up. It must not be called from an actor.
func (s *System) SpawnReady(id string, a Actor) (*Process, error) {
	ready := make(chan struct{})
	p, err := s.Spawn(id, ActorFunc(func(p *Process) {
		a.Init(p)
		close(ready)
	}))
	if err != nil {
		return nil, err
	}
	select {
	case <-ready:
		return p, nil
	case <-p.Done():
	}
	select { // an actor may end right after its Init: that counts as ready
	case <-ready:
		return p, nil
	default:
		return nil, fmt.Errorf("spawn actor %q: %w", id, ErrStopped)
	}
}

func checkID(id string) error {
	if id == "" {
		return errors.New("empty id")
	}
	bad := func(r rune) bool { return r == '@' || r == '/' || r < ' ' || r == 0x7f }
	if strings.ContainsFunc(id, bad) {
		return fmt.Errorf("id %q: must not contain '@', '/' or control characters", id)
	}
	return nil
}

// Send sends m in the name of from, which may be the zero UPID. Actors use Process.Send.
func (s *System) Send(from, to UPID, m proto.Message) {
	if f := s.filter.Load(); f != nil {
		(*f)(Envelope{From: from, To: to, Message: proto.Clone(m)}, s.pass)
		return
	}
	s.route(from, to, m)
}

// route brings m, which stays the caller's, on its way.
func (s *System) route(from, to UPID, m proto.Message) {
	if to.Addr != s.addr {
		s.network.Send(from, to, m)
		return
	}
	p := s.process(to.ID)
	if p == nil {
		s.deadLetters.Add(1)
		return
	}
	p.mailbox.post(item{from: from, what: proto.Clone(m)})
}

// deliver hands m, which is the receiver's own, to a local actor.
func (s *System) deliver(from UPID, to string, m proto.Message) {
	p := s.process(to)
	if p == nil {
		s.deadLetters.Add(1)
		return
	}
	p.mailbox.post(item{from: from, what: m})
}

func (s *System) process(id string) *Process {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.processes[id]
}

// forget takes a stopped actor out of the tables; its id is free again.
func (s *System) forget(p *Process) {
	s.links.remove(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.processes, p.self.ID)
}

// Shutdown stops all actors (their OnStop functions may still send), closes the network, and returns when all of it is
// done. It must not be called from an actor.
func (s *System) Shutdown() {
	s.mu.Lock()
	s.stopped = true
	live := make([]*Process, 0, len(s.processes))
	for _, p := range s.processes {
		live = append(live, p)
	}
	s.mu.Unlock()
	for _, p := range live {
		p.Stop()
	}
	for _, p := range live {
		<-p.Done()
	}
	if err := s.network.Close(); err != nil {
		s.log.Warn("closing the network", "addr", s.addr, "error", err)
	}
}

// Stats are counts since the start of the System.
type Stats struct {
	DeadLetters uint64 // messages for an id that no live actor has
	Unhandled   uint64 // messages of a type for which the actor installed no handler
}

// Stats returns the counts.
func (s *System) Stats() Stats {
	return Stats{DeadLetters: s.deadLetters.Load(), Unhandled: s.unhandled.Load()}
}
