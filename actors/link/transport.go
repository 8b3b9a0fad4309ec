package link

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"
)

// drainTime is how long Close lets queued messages leave.
const drainTime = time.Second

// Transport is one program's end of all its sessions. All methods may be called from any goroutine; Send and Connect
// never block.
type Transport struct {
	o        Options
	addr     string
	program  [16]byte
	session  atomic.Uint64 // number of the latest session
	listener net.Listener  // nil for a program that only dials
	reserved func() error  // gives back the port of a program that only dials
	http     *httpSide     // nil without Options.HTTP
	receiver Receiver
	loop     loopback

	// Lock order: peer.mu before mu.
	mu      sync.RWMutex
	peers   map[string]*peer
	recent  map[string]recent     // what must be remembered of peers without a session
	sweepAt int                   // len(recent) at which old entries are looked for
	pending map[net.Conn]struct{} // accepted, hello not yet read
	beside  map[net.Listener]struct{}
	started bool
	closing bool
	wg      sync.WaitGroup // every goroutine and every session

	stats      counters
	complaints complaints
}

func newTransport(addr string, o Options) *Transport {
	t := &Transport{
		o:       o,
		addr:    addr,
		peers:   map[string]*peer{},
		recent:  map[string]recent{},
		pending: map[net.Conn]struct{}{},
		sweepAt: minSweep,
	}
	t.loop.t = t
	_, _ = rand.Read(t.program[:]) // never fails
	return t
}

// Addr is the advertised "host:port".
func (t *Transport) Addr() string { return t.addr }

// Start sets who receives and begins to accept connections. It is called once.
func (t *Transport) Start(r Receiver) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.started || t.closing {
		return
	}
	t.started = true
	t.receiver = r
	if t.listener != nil {
		t.wg.Add(1)
		go t.accept(t.listener, false)
	}
	if t.http != nil {
		t.wg.Add(1)
		go t.serveHTTP()
	}
}

// Send queues m for the actor to, on a session that it makes if there is none. m is encoded at once and stays the
// caller's. A message without its required fields, or longer than MaxFrame, is logged, counted and dropped. Before Start
// and after Close it does nothing.
func (t *Transport) Send(from, to UPID, m proto.Message) {
	if to.Addr == t.addr {
		t.loop.send(from.ID, to.ID, m)
		return
	}
	if to.IsZero() {
		t.dropped("message to nobody", "", nil)
		return
	}
	p := t.lockPeer(to.Addr)
	if p == nil {
		return
	}
	defer p.mu.Unlock()
	if s := p.wantSession(); s != nil {
		s.push(from.ID, to.ID, m)
	}
}

// Connect makes a session with the program at addr if there is none; Exited(addr) tells if that fails, and when the
// session ends. A program is always connected with itself.
func (t *Transport) Connect(addr string) {
	if addr == t.addr {
		return
	}
	p := t.lockPeer(addr)
	if p == nil {
		return
	}
	defer p.mu.Unlock()
	p.wantSession()
}

// Linked tells whether the program at addr takes part in a session now; while one is being dialed it does not yet.
func (t *Transport) Linked(addr string) bool {
	t.mu.RLock()
	p := t.peers[addr]
	t.mu.RUnlock()
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cur != nil && p.cur.bound
}

// Close stops accepting, gives queued messages a second to leave, ends all sessions without telling the Receiver, and
// waits until no goroutine of the Transport is left. It must not be called from the Receiver.
func (t *Transport) Close() error {
	t.mu.Lock()
	already := t.closing
	t.closing = true
	peers := make([]*peer, 0, len(t.peers))
	for _, p := range t.peers {
		peers = append(peers, p)
	}
	for c := range t.pending {
		_ = c.Close()
	}
	for l := range t.beside {
		_ = l.Close()
	}
	t.mu.Unlock()
	var err error
	if !already {
		err = t.closePort()
		for _, p := range peers {
			p.drain()
		}
	}
	end := time.AfterFunc(drainTime, func() {
		for _, p := range peers {
			p.end(errClosed)
		}
	})
	defer end.Stop()
	t.wg.Wait()
	return err
}

func (t *Transport) closePort() error {
	if t.http != nil {
		t.http.close()
	}
	if t.listener != nil {
		if err := t.listener.Close(); err != nil {
			return fmt.Errorf("close listener %s: %w", t.addr, err)
		}
	}
	if t.reserved != nil {
		if err := t.reserved(); err != nil {
			return fmt.Errorf("give back port of %s: %w", t.addr, err)
		}
	}
	return nil
}

// begin counts one more goroutine or session; false if the Transport is not started or closes.
func (t *Transport) begin() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.closing || !t.started {
		return false
	}
	t.wg.Add(1)
	return true
}

func (t *Transport) isClosing() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.closing
}

// deliver decodes one frame of the program at addr and hands it over. An error means that the stream is broken.
func (t *Transport) deliver(d *decoder, addr string, b []byte) error {
	f, err := decodeFrame(b)
	if err != nil {
		return err
	}
	m, err := d.message(f)
	if err != nil {
		t.dropped("message received", addr, err)
		return nil
	}
	t.receiver.Deliver(UPID{ID: d.name(f.from), Addr: addr}, d.name(f.to), m)
	return nil
}

// Stats are counts since the Transport was made.
type Stats struct {
	Sessions uint64 // made, whether up or not
	Dropped  uint64 // messages that were too long, incomplete, of an unknown type, unreadable or for nobody
}

type counters struct {
	dropped atomic.Uint64
	logged  atomic.Int64 // unix nanoseconds of the last log line about a dropped message
}

// Stats returns the counts.
func (t *Transport) Stats() Stats {
	return Stats{Sessions: t.session.Load(), Dropped: t.stats.dropped.Load()}
}

// dropped counts a message that is lost though its session is good, and tells of it, at most once a second.
func (t *Transport) dropped(what, peer string, err error) {
	n := t.stats.dropped.Add(1)
	last, now := t.stats.logged.Load(), time.Now().UnixNano()
	if now-last < int64(time.Second) || !t.stats.logged.CompareAndSwap(last, now) {
		return
	}
	t.o.Log.Warn("link: dropped "+what, slog.String("peer", peer), slog.Any("error", err), slog.Uint64("dropped_so_far", n))
}
