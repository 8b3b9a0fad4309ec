package memnet

import (
	"cmp"
	"slices"
	"time"
)

const (
	minBackoff = 50 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// pair is two addresses, the lesser first.
type pair struct{ a, b string }

func (r route) pair() pair {
	if r.from < r.to {
		return pair{r.from, r.to}
	}
	return pair{r.to, r.from}
}

// session is one session of two programs, from the wish for it to its end. Guarded by Net.mu.
type session struct {
	pair    pair
	by      *Node // who dials
	a, b    *Node // who takes part, at either address of the pair, and so hears of its end
	up      bool
	over    bool
	waiting []waiting // sent before it was up
	timer   *timer    // dials again, or ends it because of a cut

	toA, toB *lane // to either address of the pair, once something went there
}

type waiting struct {
	route route
	item  item
}

// at is who takes part at an address of the pair, nil: nobody.
func (s *session) at(addr string) **Node {
	if addr == s.pair.a {
		return &s.a
	}
	return &s.b
}

// laneTo is the lane to an address of the pair.
func (s *session) laneTo(addr string) **lane {
	if addr == s.pair.a {
		return &s.toA
	}
	return &s.toB
}

// failures of dialing in a row, by one program; another that dials the pair begins anew.
type failures struct {
	by      *Node
	count   int
	retryAt time.Time
}

// want returns the session for r, beginning one if needed; nil if that failed at once. n.mu is held.
func (n *Net) want(r route) *session {
	p := r.pair()
	s := n.sessions[p]
	if s == nil {
		s = &session{pair: p, by: n.nodes[r.from]}
		n.sessions[p] = s
	}
	from := s.at(r.from)
	if *from != nil {
		return s
	}
	*from = n.nodes[r.from]
	if !s.up {
		n.dial(s)
	}
	return s
}

// dial tries to bring s up: now, or after the backoff. n.mu is held.
func (n *Net) dial(s *session) {
	a, b := n.nodes[s.pair.a], n.nodes[s.pair.b]
	var wait time.Duration
	if f := n.failures[s.pair]; f.by == s.by {
		wait = time.Until(f.retryAt)
	}
	switch {
	case n.blocked(route{s.pair.a, s.pair.b}) || n.blocked(route{s.pair.b, s.pair.a}):
		n.after(s, PingTimeout, n.fail)
	case a != nil && b != nil && a.live() && b.live() && (wait <= 0 || s.a != nil && s.b != nil):
		n.bringUp(s, a, b)
	case wait > 0:
		n.after(s, wait, n.dial)
	default:
		n.fail(s)
	}
}

func (n *Net) bringUp(s *session, a, b *Node) {
	s.stopTimer()
	s.up = true
	s.a, s.b = a, b
	delete(n.failures, s.pair)
	queued := s.waiting
	s.waiting = nil
	for _, w := range queued {
		if !s.over {
			n.pushMessage(s, w.route, w.item)
		}
	}
}

// sendOver sends it over s, when that is up. n.mu is held.
func (n *Net) sendOver(s *session, r route, it item) {
	switch {
	case s.over: // it was too much
	case !s.up:
		s.waiting = append(s.waiting, waiting{r, it})
	default:
		n.pushMessage(s, r, it)
	}
}

// pushMessage sends it over s, which ends if that is too much. n.mu is held.
func (n *Net) pushMessage(s *session, r route, it item) {
	it.session, it.node = s, *s.at(r.to)
	if n.push(r, it).bytes > n.MaxQueue {
		n.end(s, false)
	}
}

// timer is one wait of a session.
type timer struct{ stop interface{ Stop() bool } }

// after arms the session's timer. n.mu is held.
func (n *Net) after(s *session, d time.Duration, f func(*session)) {
	s.stopTimer()
	t := &timer{}
	t.stop = n.timer(d, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		if s.timer == t { // not stopped meanwhile
			s.timer = nil
			f(s)
		}
	})
	s.timer = t
}

func (s *session) stopTimer() {
	if s.timer != nil {
		s.timer.stop.Stop()
		s.timer = nil
	}
}

// fail ends a session that did not come up. n.mu is held.
func (n *Net) fail(s *session) {
	f := n.failures[s.pair]
	if f.by != s.by {
		f = failures{by: s.by}
	}
	f.count++
	f.retryAt = time.Now().Add(min(backoff(f.count), s.by.backoffLimit()))
	n.failures[s.pair] = f
	n.end(s, true)
}

func backoff(count int) time.Duration {
	if count >= 8 {
		return maxBackoff
	}
	return min(minBackoff<<(count-1), maxBackoff)
}

// timeOut ends a session whose peers do not hear each other. n.mu is held.
func (n *Net) timeOut(s *session) { n.end(s, true) }

// end ends s: what is under way is lost and both programs are told; at once if they found out by themselves, else when
// the news can be there. n.mu is held.
func (n *Net) end(s *session, foundOut bool) {
	if !n.close(s) {
		return
	}
	for _, r := range s.routes() {
		if l := n.lanes[r]; l != nil {
			l.remove(func(it item) bool { return it.session == s })
		}
		n.tell(s, r, foundOut)
	}
}

// hangUp ends s in good order by the program at addr: what it sent arrives before its end does. n.mu is held.
func (n *Net) hangUp(s *session, addr string) {
	for _, r := range s.routes() {
		if r.from == addr && s.up && !n.blocked(r) {
			n.close(s)
			n.push(r, item{node: *s.at(r.to), session: s, exited: true})
			return
		}
	}
	n.end(s, false)
}

// close takes s out of use; false if it was already.
func (n *Net) close(s *session) bool {
	if s.over {
		return false
	}
	s.over = true
	s.stopTimer()
	s.waiting = nil
	delete(n.sessions, s.pair)
	return true
}

// tell lets the program at r.to know that s is over. n.mu is held.
func (n *Net) tell(s *session, r route, foundOut bool) {
	d := *s.at(r.to)
	if d == nil || d.gone {
		return
	}
	at := time.Now()
	switch {
	case foundOut:
	case n.blocked(r):
		at = at.Add(PingTimeout)
	default:
		at = at.Add(n.delay(r))
	}
	n.push(r, item{node: d, session: s, exited: true, local: true, at: at})
}

func (s *session) routes() [2]route {
	return [2]route{{s.pair.a, s.pair.b}, {s.pair.b, s.pair.a}}
}

// sessionsOf returns the sessions of a program, in a fixed order so that runs are alike. n.mu is held.
func (n *Net) sessionsOf(addr string) []*session {
	return n.sessionsWhere(func(s *session) bool { return s.pair.a == addr || s.pair.b == addr })
}

func (n *Net) sessionsWhere(f func(*session) bool) []*session {
	var found []*session
	for _, s := range n.sessions {
		if f(s) {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(x, y *session) int {
		return cmp.Or(cmp.Compare(x.pair.a, y.pair.a), cmp.Compare(x.pair.b, y.pair.b))
	})
	return found
}
