package allocator

import (
	"cmp"
	"slices"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// agent is an agent and what is held of it.
type agent struct {
	Agent
	seq    uint64
	active bool
	traits agentTraits

	// available is what is held by nobody, shared resources left out:
	// non-shared total minus held, exactly.
	available resources.Resources
	held      []holding
	// over says that more is held than there is, after the total shrank or because
	// reports disagree: then available is what the subtraction leaves.
	over bool

	// open says that available meets the minimum, so that an offer is possible.
	open bool
	// unfit are the clients that what the agent is, not what is free of it, stands
	// against: they stay blocked when it grows.
	unfit Set
	// blocked are the clients that were found unable to get anything here, and
	// for which nothing changed to the better since.
	blocked Set
	dirty   bool
	tight   bool                 // it is in Core.tight
	free    []resources.Quantity // its part in each of ledger.reserves
	filters map[ClientID]*filter // nil until the first
	// refused is the last refused content, kept so that equal filters share it.
	// alike are the clients that have such a filter: they are blocked together as
	// long as it contains all that is available.
	refused resources.Resources
	alike   Set
	kind    int32 // counts changes of refused
	audited bool  // it is in Core.audit
}

// agentTraits say which of the rules about special resources matter here.
type agentTraits struct {
	gpus, reserved, refined, revocable, shared bool
	// crowded: several scalars that quotas cut have one name, so that less of one can leave room for more of another.
	crowded bool
}

// holding is what one client holds of an agent, without allocation info and
// without shared resources.
type holding struct {
	cl  *client
	res resources.Resources
}

func traitsOf(total resources.Resources) agentTraits {
	t := agentTraits{gpus: total.GPUs() > 0}
	last := "" // entries of one name are neighbours
	for r := range total.All() {
		t.reserved = t.reserved || r.IsReserved()
		t.refined = t.refined || r.HasRefinedReservations()
		t.revocable = t.revocable || r.IsRevocable()
		t.shared = t.shared || r.IsShared()
		if r.Type() == v1.Value_SCALAR && !r.IsRevocable() && !r.IsShared() {
			t.crowded = t.crowded || r.Name() == last
			last = r.Name()
		}
	}
	return t
}

// AddAgent makes an agent known, active. used is what is held of it by framework
// id, each entry with its allocation role; the frameworks need not be known yet.
// Adding an id twice panics.
func (c *Core) AddAgent(a Agent, used map[string]resources.Resources) {
	if c.agents[a.ID] != nil {
		panic("allocator: agent " + a.ID + " is added twice")
	}
	n := &agent{seq: c.nextSeq, active: true}
	n.ID = a.ID
	c.nextSeq++
	c.agents[a.ID] = n
	c.order = append(c.order, n)
	for _, id := range sortedKeys(used) {
		c.addHeld(n, id, used[id])
	}
	c.setTotal(n, a)
}

// UpdateAgent replaces what is known of an agent: total, attributes, hostname,
// region. What is held of it stays held, even if the new total is less.
func (c *Core) UpdateAgent(a Agent) {
	if n := c.agents[a.ID]; n != nil {
		c.setTotal(n, a)
	}
}

func (c *Core) setTotal(n *agent, a Agent) {
	before := withoutShared(n.Total).Quantities()
	c.chargeReservations(n.Total, -1)
	c.chargeReservations(a.Total, +1)
	n.Agent = a
	n.traits = traitsOf(a.Total)
	n.unfit.clear()
	c.recount(n)
	c.capacity = c.capacity.Sub(before).Add(withoutShared(n.Total).Quantities())
	c.policy.SetCapacity(c.capacity)
	c.grew(n)
}

// chargeReservations charges what is reserved of an agent to all quotas.
func (c *Core) chargeReservations(total resources.Resources, sign resources.Quantity) {
	if len(c.quotas) == 0 || !traitsOf(total).reserved {
		return
	}
	for _, q := range c.quotas {
		q.chargeReserved(total, sign)
	}
}

// ActivateAgent lets an agent be offered.
func (c *Core) ActivateAgent(id string) {
	if a := c.agents[id]; a != nil && !a.active {
		a.active = true
		c.measure(a)
		c.markDirty(a)
	}
}

// DeactivateAgent stops offers of an agent. It still counts in the capacity,
// and filters on it stay.
func (c *Core) DeactivateAgent(id string) {
	if a := c.agents[id]; a != nil {
		a.active = false
		c.measure(a)
	}
}

// RemoveAgent forgets an agent and everything held of it. Resources of it that
// come back later are ignored.
func (c *Core) RemoveAgent(id string) {
	a := c.agents[id]
	if a == nil {
		return
	}
	c.clearFiltersOn(a)
	for len(a.held) > 0 {
		c.unhold(a, a.held[0].cl, a.held[0].res)
	}
	c.chargeReservations(a.Total, -1)
	c.capacity = c.capacity.Sub(withoutShared(a.Total).Quantities())
	c.policy.SetCapacity(c.capacity)
	delete(c.agents, id)
	at, _ := slices.BinarySearchFunc(c.order, a.seq, func(n *agent, seq uint64) int { return cmp.Compare(n.seq, seq) })
	c.order = slices.Delete(c.order, at, at+1)
	a.active = false // it may still be in the dirty list
	c.measure(a)
	c.closeWindow(id)
}

// markDirty has the agent looked at in the next pass.
func (c *Core) markDirty(a *agent) {
	if !a.dirty {
		a.dirty = true
		c.dirty = append(c.dirty, a)
	}
}

// grew notes that the agent may have more to give than before.
func (c *Core) grew(a *agent) {
	a.blocked.set(&a.unfit)
	c.measure(a)
	c.markDirty(a)
}

// measure works out whether what is available is worth an offer to anybody, and
// what it adds to the headroom. It follows every change of what is available.
func (c *Core) measure(a *agent) {
	c.touch(a)
	a.open = c.worthAnOffer(a)
	c.countFree(a)
}

func (c *Core) worthAnOffer(a *agent) bool {
	if c.minimums > 0 {
		return !a.available.IsEmpty()
	}
	return meets(c.o.MinAllocatable, a.available)
}

// allocatable says whether r, which holds nothing shared, is worth an offer to
// the client.
func (c *Core) allocatable(cl *client, r resources.Resources) bool {
	if cl.minimum != nil {
		return meets(cl.minimum, r)
	}
	return meets(c.o.MinAllocatable, r)
}

// meets says whether r holds one of the bundles; if there are none, anything.
func meets(bundles []resources.Quantities, r resources.Resources) bool {
	if r.IsEmpty() {
		return false
	}
	if len(bundles) == 0 {
		return true
	}
	for _, bundle := range bundles {
		if r.Reaches(bundle) {
			return true
		}
	}
	return false
}
