package allocator

import (
	"iter"
	"maps"

	"mesos/actors"
	"mesos/messages/linkpb"
	"mesos/messages/resources"
)

// external is a policy whose ranking another program makes. It tells that
// program, through [policyLink], what changes, and follows its latest ranking.
// As long as there is none that can be trusted the hierarchical policy decides,
// which also places those that a ranking does not name. So nobody ever waits for
// the other program.
type external struct {
	*drf
	at      actors.UPID       // the other program's actor
	clients []*externalClient // by ClientID
	order   []ClientID        // the ranking
	trusted bool
	started bool // the conversation has begun

	// What the other program was not told yet.
	changed  Set
	removed  []ClientID
	weights  map[string]float64
	capacity resources.Quantities
	news     bool

	sequence uint64 // of the last message
	waiting  bool   // for the ranking that answers it
}

// externalClient is what the other program knows of a client.
type externalClient struct {
	Client
	active bool
	held   resources.Quantities
	since  uint64 // the first message that tells of it; older rankings mean another client of that number
	ranked bool   // it is in order
}

func newExternal(name string, o PolicyOptions) (*external, error) {
	at, err := actors.ParseUPID(name)
	if err != nil {
		return nil, err
	}
	return &external{drf: newDRF(o), at: at, weights: map[string]float64{}}, nil
}

func (x *external) AddClient(id ClientID, c Client) {
	x.drf.AddClient(id, c)
	for int(id) >= len(x.clients) {
		x.clients = append(x.clients, nil)
	}
	x.clients[id] = &externalClient{Client: c, since: x.sequence + 1}
	x.touch(id)
}

func (x *external) RemoveClient(id ClientID) {
	x.drf.RemoveClient(id)
	x.clients[id] = nil
	x.changed.remove(id)
	x.removed = append(x.removed, id)
	x.news = true
}

func (x *external) SetActive(id ClientID, active bool) {
	x.drf.SetActive(id, active)
	if cl := x.clients[id]; cl.active != active {
		cl.active = active
		x.touch(id)
	}
}

func (x *external) SetWeight(role string, weight float64) {
	x.drf.SetWeight(role, weight)
	x.weights[role] = weight
	x.news = true
}

func (x *external) SetCapacity(total resources.Quantities) {
	x.drf.SetCapacity(total)
	x.capacity = total
	x.news = true
}

func (x *external) Allocated(id ClientID, q resources.Quantities) {
	x.drf.Allocated(id, q)
	x.clients[id].held = x.clients[id].held.Add(q)
	x.touch(id)
}

func (x *external) Unallocated(id ClientID, q resources.Quantities) {
	x.drf.Unallocated(id, q)
	x.clients[id].held = x.clients[id].held.Sub(q)
	x.touch(id)
}

func (x *external) touch(id ClientID) {
	x.changed.add(id)
	x.news = true
}

// Order follows the ranking, then the hierarchical policy.
func (x *external) Order(agentID string, among *Set) iter.Seq[ClientID] {
	if !x.trusted {
		return x.drf.Order(agentID, among)
	}
	return func(yield func(ClientID) bool) {
		for _, id := range x.order {
			if cl := x.clients[id]; cl != nil && cl.ranked && cl.active && among.Has(id) && !yield(id) {
				return
			}
		}
		for id := range x.drf.Order(agentID, among) {
			if !x.clients[id].ranked && !yield(id) {
				return
			}
		}
	}
}

// restart makes the message that tells everything to a program that knows
// nothing. Until it answers no ranking is trusted.
func (x *external) restart() *linkpb.PolicyChangesMessage {
	x.trusted = false
	x.waiting, x.started = false, true
	x.removed = nil
	x.news = true
	for id, cl := range x.clients {
		if cl != nil {
			x.changed.add(ClientID(id))
		}
	}
	m := x.next()
	m.Full = new(true)
	return m
}

// next makes the message that tells what changed, nil if nothing did, the last one
// is not answered yet, or there was no restart.
func (x *external) next() *linkpb.PolicyChangesMessage {
	if !x.started || x.waiting || !x.news {
		return nil
	}
	x.sequence++
	x.waiting, x.news = true, false
	m := &linkpb.PolicyChangesMessage{Sequence: new(x.sequence), Full: new(false), Capacity: amountsTo(x.capacity), Weights: maps.Clone(x.weights)}
	for _, id := range x.removed {
		m.Removed = append(m.Removed, int32(id))
	}
	x.removed = x.removed[:0]
	for id, cl := range x.clients {
		if cl != nil && x.changed.Has(ClientID(id)) {
			m.Clients = append(m.Clients, &linkpb.PolicyChangesMessage_Client{
				Id: new(int32(id)), FrameworkId: new(cl.Framework), Role: new(cl.Role), Active: new(cl.active), Held: amountsTo(cl.held),
			})
		}
	}
	x.changed.clear()
	return m
}

func amountsTo(q resources.Quantities) []*linkpb.PolicyChangesMessage_Amount {
	var out []*linkpb.PolicyChangesMessage_Amount
	for name, n := range q.All() {
		out = append(out, &linkpb.PolicyChangesMessage_Amount{Name: new(name), Thousandths: new(int64(n))})
	}
	return out
}

// follow takes a ranking, and says whether it answers the last message.
func (x *external) follow(m *linkpb.PolicyRankingMessage) bool {
	if !x.waiting || m.GetSequence() != x.sequence {
		return false
	}
	x.waiting, x.trusted = false, true
	for _, cl := range x.clients {
		if cl != nil {
			cl.ranked = false
		}
	}
	x.order = x.order[:0]
	for _, id := range m.GetClients() {
		if id < 0 || int(id) >= len(x.clients) {
			continue
		}
		if cl := x.clients[id]; cl != nil && !cl.ranked && cl.since <= x.sequence {
			cl.ranked = true
			x.order = append(x.order, ClientID(id))
		}
	}
	return true
}

// distrust goes back to the hierarchical policy until there is a new ranking.
func (x *external) distrust() { x.trusted = false }
