package allocator

import (
	"slices"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// limited cuts r, free resources without allocation info, down to the room that
// limits and other roles' guarantees leave the client, entry by entry in their
// order. Plain scalars are cut to what fits; volumes and other disks of their own
// are kept whole or left out; ports and sets are not limited. by says what cut
// the most recent entry that was cut, [Offerable] if none was.
func (c *Core) limited(cl *client, r resources.Resources) (left resources.Resources, by Reason) {
	rooms := c.roomsOf(cl)
	if len(rooms) == 0 {
		return r, Offerable
	}
	cuts := c.cuts[:0] // what fits of entries of which not all does
	for i := range r.Len() {
		e := r.At(i)
		if e.Type() != v1.Value_SCALAR {
			continue
		}
		fits := e.Quantity()
		for k := range rooms {
			if left := rooms[k].left(e); left < fits {
				fits, by = left, rooms[k].reason()
			}
		}
		if fits < e.Quantity() {
			if e.Disk() != nil {
				fits = 0
			}
			cuts = append(cuts, resources.Amount{Place: i, Quantity: fits})
		}
		for k := range rooms {
			rooms[k].take(e, fits)
		}
	}
	c.cuts = cuts
	if len(cuts) == 0 {
		return r, Offerable
	}
	return cl.cut(r, cuts), by
}

// lastCut is what a client was cut down to last: agents are often alike, and so is what quotas leave of them.
type lastCut struct {
	from, to resources.Resources
	cuts     []resources.Amount
}

// cut is r with the amounts of cuts, which it does not keep.
func (cl *client) cut(r resources.Resources, cuts []resources.Amount) resources.Resources {
	l := &cl.last
	if !l.from.Same(r) || !slices.Equal(l.cuts, cuts) {
		*l = lastCut{from: r, to: r.WithAmounts(cuts), cuts: append(l.cuts[:0], cuts...)}
	}
	return l.to
}

// room is what a quota leaves or, if that is nil, what the guarantees of others
// leave, less what was promised while one offer is made.
type room struct {
	q     *quota
	cl    *client
	l     *ledger
	taken []amount

	counts bool // the entry that left looked at last is limited
}

// roomsOf returns the rooms that apply to a client, good until the next call.
func (c *Core) roomsOf(cl *client) []room {
	n := 0
	add := func(q *quota) {
		if n == len(c.rooms) {
			c.rooms = append(c.rooms, room{})
		}
		m := &c.rooms[n]
		m.q, m.cl, m.l, m.taken = q, cl, c.ledger, m.taken[:0]
		n++
	}
	for _, q := range cl.quotas {
		if len(q.limits) > 0 {
			add(q)
		}
	}
	if len(c.ledger.reserves) > 0 {
		add(nil)
	}
	return c.rooms[:n]
}

func (m *room) reason() Reason {
	if m.q == nil {
		return Headroom
	}
	return QuotaLimit
}

// most is how much of e's name there is room for; false if e is not limited.
func (m *room) most(e resources.Resource) (resources.Quantity, bool) {
	if e.IsRevocable() {
		return 0, false
	}
	if m.q == nil {
		r := m.l.reserve(e.Name())
		if r == nil || e.IsReserved() {
			return 0, false
		}
		return r.slack() + m.cl.claim(e.Name()), true
	}
	limit, ok := m.q.limits[e.Name()]
	if !ok || m.q.owns(e) {
		return 0, false
	}
	return limit - m.q.used[e.Name()], true
}

// left is how much of e, at most all, there is room for.
func (m *room) left(e resources.Resource) resources.Quantity {
	most, limited := m.most(e)
	if m.counts = limited; !limited {
		return e.Quantity()
	}
	for _, t := range m.taken {
		if t.name == e.Name() {
			most -= t.quantity
		}
	}
	return min(e.Quantity(), max(0, most))
}

// take promises so much of the entry that left looked at.
func (m *room) take(e resources.Resource, q resources.Quantity) {
	if m.counts && q > 0 {
		m.taken = append(m.taken, amount{e.Name(), q})
	}
}

type amount struct {
	name     string
	quantity resources.Quantity
}
