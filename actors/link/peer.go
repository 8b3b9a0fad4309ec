package link

import (
	"math/rand/v2"
	"sync"
	"time"
)

const (
	minBackoff = 50 * time.Millisecond
	// shortLife is how long a session must last for its peer to count as healthy again: else a program that dies as
	// soon as it is spoken to would be dialed without pause.
	shortLife = time.Second
	// remember is how long a peer without a session is remembered, past its backoff.
	remember = 10 * time.Second
	minSweep = 128
)

// peer is another program, as long as there is a session with it.
type peer struct {
	t    *Transport
	addr string

	mu   sync.Mutex
	cur  *session        // nil: none
	last <-chan struct{} // closed when the Receiver knows that the session before cur is over
	gone bool            // taken out of Transport.peers
}

// recent is what is remembered of a peer without a session.
type recent struct {
	cause   error       // why the latest session ended
	ended   incarnation // its latest session that is over
	fails   int         // sessions that failed in a row
	retryAt time.Time   // no dialing before
	until   time.Time   // forget it then
}

// verdict is what the end of a session says about the next attempt.
type verdict int

const (
	unchanged verdict = iota // nothing: this program itself ended it
	healthy                  // dial at once
	failed                   // wait, longer each time
)

// closedChan stands for "no session before".
var closedChan = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// lockPeer returns the peer, made if needed, with its lock held; nil if the Transport is closing.
func (t *Transport) lockPeer(addr string) *peer {
	for {
		t.mu.RLock()
		p, ok := t.peers[addr]
		closing := t.closing
		t.mu.RUnlock()
		if closing {
			return nil
		}
		if !ok {
			p = t.addPeer(addr)
		}
		p.mu.Lock()
		if !p.gone {
			return p
		}
		p.mu.Unlock()
	}
}

func (t *Transport) addPeer(addr string) *peer {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, ok := t.peers[addr]
	if !ok {
		p = &peer{t: t, addr: addr, last: closedChan}
		t.peers[addr] = p
	}
	return p
}

// wantSession returns the session, and makes and dials one if there is none. p.mu is held.
func (p *peer) wantSession() *session {
	if p.cur != nil {
		return p.cur
	}
	s := p.newSession()
	if s != nil {
		s.dial(p.t.recall(p.addr).retryAt)
	}
	return s
}

// forget takes a peer without session out of the table. p.mu is held.
func (p *peer) forget() {
	if p.cur != nil || p.gone {
		return
	}
	p.gone = true
	p.t.mu.Lock()
	defer p.t.mu.Unlock()
	delete(p.t.peers, p.addr)
}

// drain lets the session, if any, end when its queue is empty.
func (p *peer) drain() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cur != nil {
		p.cur.drain()
	}
}

// end ends the session, if any.
func (p *peer) end(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cur != nil {
		p.cur.end(cause)
	}
}

func (t *Transport) recall(addr string) recent {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.recent[addr]
}

// remember keeps what is needed to treat the next session of a peer right, and forgets what is too old.
func (t *Transport) remember(addr string, ended incarnation, v verdict, cause error) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.recent[addr]
	if ended != (incarnation{}) {
		r.ended = ended
	}
	switch v {
	case failed:
		r.fails++
		r.retryAt = now.Add(backoff(r.fails, t.o.MaxBackoff))
	case healthy:
		r.fails, r.retryAt = 0, time.Time{}
	}
	r.cause = cause
	r.until = now.Add(t.o.MaxBackoff + remember)
	t.recent[addr] = r
	if len(t.recent) >= t.sweepAt {
		for a, r := range t.recent {
			if now.After(r.until) {
				delete(t.recent, a)
			}
		}
		t.sweepAt = max(2*len(t.recent), minSweep)
	}
}

// WhyEnded is why the latest session with the program at addr ended, or could not be made; nil if that is not known, or
// no longer.
func (t *Transport) WhyEnded(addr string) error { return t.recall(addr).cause }

// backoff is the wait after the n-th failure in a row, with jitter so that many programs do not dial in step.
func backoff(n int, limit time.Duration) time.Duration {
	d := limit
	if n < 16 {
		d = min(minBackoff<<(n-1), limit)
	}
	return d/2 + rand.N(d/2)
}
