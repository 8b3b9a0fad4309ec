package libprocess

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/link"
	"mesos/actors/secure"
)

const (
	// MaxMessage bounds one encoded message in bytes, both ways.
	MaxMessage = 64 << 20
	// maxPeers bounds how many programs are remembered to speak libprocess.
	maxPeers = 100_000
	// drainTime is how long Close lets queued messages leave.
	drainTime = time.Second
)

// Inner is the network of all programs that do not speak libprocess. *link.Transport is one.
type Inner interface {
	Addr() string
	Start(r link.Receiver)
	Send(from, to link.UPID, m proto.Message)
	Connect(addr string)
	Close() error
	// Linked tells whether the program at addr has a session with this network.
	Linked(addr string) bool
}

// Options of a Network. The zero value is a good start.
type Options struct {
	// TLS encrypts the connections to peers. Nil: plain TCP.
	TLS *secure.TLS
	// MaxQueue bounds the bytes that wait for one peer; one more message ends the session. Default 64 MiB.
	MaxQueue int
	// DialTimeout is the time allowed to connect. Default 5 s.
	DialTimeout time.Duration
	// WriteTimeout is how long a peer may leave unread what is sent to it. Default 30 s.
	WriteTimeout time.Duration
	// Log is where sessions' ends are told. Default slog.Default().
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.MaxQueue <= 0 {
		o.MaxQueue = 64 << 20
	}
	if o.DialTimeout <= 0 {
		o.DialTimeout = 5 * time.Second
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = 30 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Network sends to the programs that speak libprocess by HTTP, and to all others by another network. Its methods may be
// called from any goroutine, but Over and Start, which come first.
type Network struct {
	o        Options
	inner    Inner
	receiver link.Receiver

	known atomic.Int64 // len(peers): a program without such peers pays nothing for them

	mu      sync.Mutex
	peers   map[string]*session // by address; nil: none was needed yet
	closing bool
	// incoming closes the connection over which a peer's latest message came.
	incoming map[string]func()
	wg       sync.WaitGroup // sessions
}

// New makes a Network; Over completes it.
func New(o Options) *Network {
	return &Network{o: o.withDefaults(), peers: map[string]*session{}, incoming: map[string]func(){}}
}

// Over sets the network of all other programs, and returns n.
func (n *Network) Over(inner Inner) *Network {
	n.inner = inner
	return n
}

// Addr is the advertised "host:port" of this program.
func (n *Network) Addr() string { return n.inner.Addr() }

// Start sets who receives, and starts the inner network.
func (n *Network) Start(r link.Receiver) {
	n.receiver = r
	n.inner.Start(r)
}

// Send queues m for the actor to. It never blocks; what cannot be sent is lost, and Exited tells.
func (n *Network) Send(from, to link.UPID, m proto.Message) {
	if s, ours := n.session(to.Addr); ours {
		if s != nil {
			s.push(from, to, m)
		}
		return
	}
	n.inner.Send(from, to, m)
}

// Connect makes a session with the program at addr if there is none.
func (n *Network) Connect(addr string) {
	if _, ours := n.session(addr); !ours {
		n.inner.Connect(addr)
	}
}

// Remember says that the program at addr speaks libprocess, as one said of itself before this program was started.
func (n *Network) Remember(addr string) { _ = n.note(addr) }

// session returns the session with a peer, made if there is none; ours is false if the peer does not speak libprocess.
// The session is nil if the Network is closed.
func (n *Network) session(addr string) (s *session, ours bool) {
	if n.known.Load() == 0 {
		return nil, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s, ours = n.peers[addr]
	switch {
	case !ours || s != nil:
		return s, ours
	case n.closing:
		return nil, true
	case n.inner.Linked(addr): // another program has the address now
		n.forget(addr)
		return nil, false
	}
	s = newSession(n, addr)
	n.peers[addr] = s
	n.wg.Add(1)
	go s.run()
	return s, true
}

// forget takes an address out of the table. n.mu is held.
func (n *Network) forget(addr string) {
	delete(n.peers, addr)
	delete(n.incoming, addr)
	n.known.Store(int64(len(n.peers)))
}

// note remembers that the program at addr speaks libprocess. If a session with it is ending, note returns when that is
// told, so that what comes next is not taken for a part of it.
func (n *Network) note(addr string) error {
	for {
		n.mu.Lock()
		s, ok := n.peers[addr]
		if !ok {
			err := n.add(addr)
			n.mu.Unlock()
			return err
		}
		n.mu.Unlock()
		if s == nil || !s.isOver() {
			return nil
		}
		<-s.done
	}
}

// add puts an address into the table. n.mu is held.
func (n *Network) add(addr string) error {
	switch {
	case n.closing:
		return errClosed
	case n.inner.Linked(addr):
		return errLinked
	case len(n.peers) >= maxPeers && !n.dropIdle():
		return errTooMany
	}
	n.peers[addr] = nil
	n.known.Store(int64(len(n.peers)))
	return nil
}

// dropIdle makes room by forgetting somebody whom nothing was ever sent to. n.mu is held.
func (n *Network) dropIdle() bool {
	for addr, s := range n.peers {
		if s == nil {
			n.forget(addr)
			return true
		}
	}
	return false
}

// Close gives queued messages a second to leave, ends all sessions without telling the Receiver, closes the inner
// network and waits for all goroutines.
func (n *Network) Close() error {
	n.mu.Lock()
	n.closing = true
	var sessions []*session
	for _, s := range n.peers {
		if s != nil {
			sessions = append(sessions, s)
		}
	}
	n.mu.Unlock()
	for _, s := range sessions {
		s.drain()
	}
	end := time.AfterFunc(drainTime, func() {
		for _, s := range sessions {
			s.end(errClosed)
		}
	})
	defer end.Stop()
	err := n.inner.Close()
	n.wg.Wait()
	return err
}

func (n *Network) isClosing() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closing
}
