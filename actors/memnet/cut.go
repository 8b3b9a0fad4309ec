package memnet

import (
	"cmp"
	"slices"
	"time"
)

// cut is a place where nothing gets through from a to b; nil b stands for all that are not in a.
type cut struct {
	a, b  []string
	both  bool
	where func(from, to string) bool // instead of a and b, if not nil
}

func (c *cut) blocks(r route) bool {
	if c.where != nil {
		return c.where(r.from, r.to)
	}
	if c.oneWay(r) {
		return true
	}
	return c.both && c.oneWay(r.back())
}

func (c *cut) oneWay(r route) bool {
	if !slices.Contains(c.a, r.from) {
		return false
	}
	if c.b == nil {
		return !slices.Contains(c.a, r.to)
	}
	return slices.Contains(c.b, r.to)
}

// Partition cuts both ways between the addresses of a and those of b; nil b is everybody else. heal ends the cut; it may
// be called more than once.
func (n *Net) Partition(a, b []string) (heal func()) { return n.cut(&cut{a: a, b: b, both: true}) }

// PartitionOneWay cuts what goes from the addresses of from to those of to; nil to is everybody else. Sessions over it
// end all the same, on both sides, since each end of a session must hear the other.
func (n *Net) PartitionOneWay(from, to []string) (heal func()) {
	return n.cut(&cut{a: from, b: to})
}

// PartitionWhere cuts every route for which blocked holds, also between addresses that come later. blocked is called with
// the Net's lock held and must give the same answer always.
func (n *Net) PartitionWhere(blocked func(from, to string) bool) (heal func()) {
	return n.cut(&cut{where: blocked})
}

// Break ends the session of two programs at once, if they have one: what is under way between them is lost, and both are
// told.
func (n *Net) Break(a, b string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.sessions[route{a, b}.pair()]; s != nil {
		n.end(s, false)
	}
}

func (n *Net) cut(c *cut) (heal func()) {
	c.a, c.b = slices.Clone(c.a), slices.Clone(c.b)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cuts[c] = struct{}{}
	for _, s := range n.sessionsWhere(n.isCut) {
		switch {
		case !s.up:
			n.dial(s)
		case s.timer == nil:
			n.after(s, PingTimeout, n.timeOut)
		}
	}
	for _, l := range n.lanesOf(c) {
		l.loseEnded()
	}
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.heal(c)
	}
}

// heal undoes what no other cut keeps up. n.mu is held.
func (n *Net) heal(c *cut) {
	if _, ok := n.cuts[c]; !ok {
		return
	}
	delete(n.cuts, c)
	healed := n.sessionsWhere(func(s *session) bool { return !n.isCut(s) && s.timer != nil })
	for _, s := range healed {
		s.stopTimer()
		if !s.up {
			n.dial(s)
		}
	}
	for _, l := range n.lanesOf(c) {
		if !n.blocked(l.route) {
			l.hearNews()
			l.pump()
		}
	}
}

// blocked tells whether a cut lies on r. n.mu is held.
func (n *Net) blocked(r route) bool {
	for c := range n.cuts {
		if c.blocks(r) {
			return true
		}
	}
	return false
}

func (n *Net) isCut(s *session) bool {
	routes := s.routes()
	return slices.ContainsFunc(routes[:], n.blocked)
}

// loseEnded takes what a program that closed had still under way: nobody is there to send it again. The receiver finds
// out by itself that the session is over. n.mu is held.
func (l *lane) loseEnded() {
	l.remove(func(it item) bool { return it.session != nil && it.session.over && !it.exited })
	for i := range l.items {
		if it := &l.items[i]; it.exited && !it.local {
			it.local, it.at = true, time.Now().Add(PingTimeout)
		}
	}
	l.pump()
}

// hearNews lets programs learn at once of sessions that ended while the route was cut. n.mu is held.
func (l *lane) hearNews() {
	for i := range l.items {
		if it := &l.items[i]; it.exited && it.at.After(time.Now()) {
			it.at = time.Now()
		}
	}
}

// lanesOf returns the lanes on which a cut lies in a fixed order, so that runs are alike. n.mu is held.
func (n *Net) lanesOf(c *cut) []*lane {
	var lanes []*lane
	for _, l := range n.lanes {
		if c.blocks(l.route) {
			lanes = append(lanes, l)
		}
	}
	slices.SortFunc(lanes, func(x, y *lane) int {
		return cmp.Or(cmp.Compare(x.route.from, y.route.from), cmp.Compare(x.route.to, y.route.to))
	})
	return lanes
}
