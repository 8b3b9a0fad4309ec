package memnet

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"mesos/actors/link"
)

// route is a direction between two addresses.
type route struct{ from, to string }

func (r route) back() route { return route{r.to, r.from} }

// item is a message under way, or the end of a session.
type item struct {
	node    *Node    // who gets it; only if that program still lives
	session *session // nil for a message of a node to itself
	at      time.Time

	exited bool // the session with route.from is over
	local  bool // found out by the receiving program itself: a cut does not hold it back

	from link.UPID
	to   string
	name protoreflect.FullName
	body []byte

	message proto.Message // once it is decoded
}

// lane is what is under way on one route, in order. Guarded by Net.mu.
type lane struct {
	net        *Net
	route      route
	items      []item
	bytes      int
	running    bool                     // a goroutine delivers
	delivering *Node                    // to this one, just now
	timer      interface{ Stop() bool } // set while the first item is not due
	whenDue    func()                   // l.due, made once
	turn       func()                   // asks the stage for a turn

	// What the stage is just delivering, and how: one function for all, since there are very many.
	handed  item
	to      link.Receiver
	handing func()
}

// push adds it and sees to its delivery. n.mu is held.
func (n *Net) push(r route, it item) *lane {
	l := n.laneOf(r, it.session)
	if it.at.IsZero() {
		it.at = time.Now().Add(n.delay(r))
	}
	l.items = append(l.items, it)
	l.bytes += len(it.body)
	l.pump()
	return l
}

// laneOf is the lane of a route. A session, if there is one, remembers those of its two. n.mu is held.
func (n *Net) laneOf(r route, s *session) *lane {
	if s != nil && *s.laneTo(r.to) != nil {
		return *s.laneTo(r.to)
	}
	l := n.lanes[r]
	if l == nil {
		l = &lane{net: n, route: r}
		l.whenDue = l.due
		n.lanes[r] = l
		n.inbound[r.to] = append(n.inbound[r.to], l)
	}
	if s != nil {
		*s.laneTo(r.to) = l
	}
	return l
}

// remove takes out the items for which f holds.
func (l *lane) remove(f func(item) bool) {
	l.items = slices.DeleteFunc(l.items, f)
	l.bytes = 0
	for _, it := range l.items {
		l.bytes += len(it.body)
	}
}

func (l *lane) clear() { l.remove(func(item) bool { return true }) }

// ready tells whether the first item can be delivered, or when to look again (0: when something changes).
func (l *lane) ready() (now bool, wait time.Duration) {
	if len(l.items) == 0 {
		return false, 0
	}
	it := l.items[0]
	if !it.local && l.net.blocked(l.route) {
		return false, 0
	}
	if wait := time.Until(it.at); wait > 0 {
		return false, wait
	}
	return true, 0
}

// pump starts delivery, or a timer for it. n.mu is held.
func (l *lane) pump() {
	if l.running {
		return
	}
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	now, wait := l.ready()
	switch {
	case now:
		l.running = true
		l.start()
	case wait > 0:
		l.timer = l.net.timer(wait, l.whenDue)
	}
}

// run delivers until nothing is ready.
func (l *lane) run() {
	n := l.net
	n.mu.Lock()
	defer n.mu.Unlock()
	for {
		if now, _ := l.ready(); !now {
			break
		}
		l.deliverFirst()
	}
	l.running = false
	l.pump()
}

// deliverFirst delivers the first item. n.mu is held, but not meanwhile.
func (l *lane) deliverFirst() {
	n := l.net
	it := l.items[0]
	if len(l.items) <= 4 {
		l.items = slices.Delete(l.items, 0, 1) // keeps its place: mostly few are under way at a time
	} else {
		l.items[0] = item{}
		l.items = l.items[1:]
	}
	l.bytes -= len(it.body)
	if it.node.gone {
		return
	}
	if n.tap != nil {
		it.decode()
		n.tap(it.tapped(l.route))
	}
	l.delivering = it.node
	receiver := it.node.receiver
	n.mu.Unlock()
	l.hand(it, receiver)
	n.mu.Lock()
	l.delivering = nil
	n.idle.Broadcast()
}

// decode reads the message as a receiving program does, once. What cannot be read is dropped when it is delivered.
func (it *item) decode() {
	if it.exited || it.message != nil {
		return
	}
	t, err := protoregistry.GlobalTypes.FindMessageByName(it.name)
	if err != nil {
		return
	}
	m := t.New().Interface()
	// That nothing is missing was seen when it was encoded.
	if (proto.UnmarshalOptions{AllowPartial: true}).Unmarshal(it.body, m) == nil {
		it.message = m
	}
}

// deliver gives it, decoded, to a receiving program.
func (it item) deliver(r link.Receiver, peer string) {
	it.decode()
	switch {
	case it.exited:
		r.Exited(peer)
	case it.message == nil:
		it.node.dropped.Add(1)
	default:
		r.Deliver(it.from, it.to, it.message)
	}
}
