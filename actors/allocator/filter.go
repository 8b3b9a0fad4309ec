package allocator

import (
	"math"
	"time"

	"mesos/messages/resources"
)

// filter holds back offers of an agent to a client until its time. It is found
// three ways: by agent and client when an offer is weighed, by client when that
// revives, and by time.
type filter struct {
	a       *agent
	cl      *client
	refused resources.Resources
	until   time.Duration // since Core.epoch
	at      int32         // place in Core.filters
	kind    int32         // agent.kind when refused was the agent's
	next    *filter       // another one of the same agent and client
	// The list of the client's filters.
	older, newer *filter
}

// addFilter refuses r (and less) until the given time. A filter that another one
// makes needless is not kept, so there is mostly one per agent and client.
func (c *Core) addFilter(a *agent, cl *client, r resources.Resources, until time.Duration) {
	if r.IsEmpty() {
		return
	}
	for f := a.filters[cl.id]; f != nil; f = f.next {
		if f.until >= until && f.refused.Contains(r) {
			return
		}
	}
	for f := a.filters[cl.id]; f != nil; f = f.next {
		if f.until <= until && r.Contains(f.refused) {
			c.removeFilter(f)
		}
	}
	if a.refused.Equal(r) {
		r = a.refused
	} else {
		a.refused = r
		a.kind++
		a.alike.clear()
	}
	a.alike.add(cl.id)
	f := &filter{a: a, cl: cl, refused: r, until: until, kind: a.kind, next: a.filters[cl.id], older: cl.newest}
	if a.filters == nil {
		a.filters = map[ClientID]*filter{}
	}
	a.filters[cl.id] = f
	if f.older != nil {
		f.older.newer = f
	}
	cl.newest = f
	c.filters.push(f)
}

// removeFilter takes a filter out of all that know it. Its own links stay, so
// that loops can go on.
func (c *Core) removeFilter(f *filter) {
	c.filters.remove(f)
	if f.kind == f.a.kind {
		f.a.alike.remove(f.cl.id)
	}
	if f.newer != nil {
		f.newer.older = f.older
	} else {
		f.cl.newest = f.older
	}
	if f.older != nil {
		f.older.newer = f.newer
	}
	if head := f.a.filters[f.cl.id]; head != f {
		for head.next != f {
			head = head.next
		}
		head.next = f.next
	} else if f.next != nil {
		f.a.filters[f.cl.id] = f.next
	} else {
		delete(f.a.filters, f.cl.id)
	}
}

// endFilter removes a filter and has its agent looked at again.
func (c *Core) endFilter(f *filter) {
	c.removeFilter(f)
	f.a.blocked.remove(f.cl.id)
	c.markDirty(f.a)
}

// filtered says whether a filter holds back an offer of r, and until when. Of
// several the latest counts.
func (c *Core) filtered(a *agent, cl *client, r resources.Resources) (time.Duration, bool) {
	var until time.Duration
	found := false
	for f := a.filters[cl.id]; f != nil; f = f.next {
		if f.refused.Contains(r) {
			until = max(until, f.until)
			found = true
		}
	}
	return until, found
}

// expire ends the filters whose time has come.
func (c *Core) expire(now time.Duration) {
	for len(c.filters) > 0 && c.filters[0].until <= now {
		c.endFilter(c.filters[0])
	}
}

// clearFilters ends all filters of a client.
func (c *Core) clearFilters(cl *client) {
	for f := cl.newest; f != nil; f = f.older {
		c.endFilter(f)
	}
}

// clearFiltersOn ends all filters on an agent.
func (c *Core) clearFiltersOn(a *agent) {
	for _, f := range a.filters { // in any order: each is for another client
		for ; f != nil; f = f.next {
			c.endFilter(f)
		}
	}
}

// NextDeadline is the earliest instant at which Allocate or InverseOffers could
// do more than now without any other call: when the first filter or the wait for
// agents ends. False if there is none.
func (c *Core) NextDeadline() (time.Time, bool) {
	first, is := time.Duration(math.MaxInt64), false
	consider := func(d time.Duration) { first, is = min(first, d), true }
	if len(c.filters) > 0 {
		consider(c.filters[0].until)
	}
	if c.awaiting.on {
		consider(c.awaiting.until)
	}
	if c.windows.filtered {
		consider(c.windows.next)
	}
	if !is {
		return time.Time{}, false
	}
	return c.epoch.Add(first), true
}
