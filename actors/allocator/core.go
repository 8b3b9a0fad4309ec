package allocator

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"mesos/messages/resources"
)

// Core decides what is offered to whom. It is not safe for concurrent use: one
// owner calls it, as [Actor] does. Ids it does not know are ignored where the
// master may rightly be late (recover, deactivate, remove, suppress, revive);
// calls that would break its books (adding twice, giving back more than was
// held) panic, because going on would hand out a resource twice.
type Core struct {
	o      Options
	policy Policy

	frameworks map[string]*framework
	clients    map[Client]*client
	byID       []*client  // by ClientID, nil where free
	freeIDs    []ClientID // last freed is used first
	eligible   Set        // clients that may be offered something now
	minimums   int        // clients that have a minimum of their own

	agents   map[string]*agent
	order    []*agent // by seq, which is the order of arrival
	nextSeq  uint64
	capacity resources.Quantities // of all agents, active or not

	quotas map[string]*quota
	ledger *ledger
	shrunk Set      // see Core.relax
	swayed Set      // see Core.relax
	spent  Set      // see Core.blockSpent; part of shrunk
	tight  []*agent // those on which a client is in shrunk

	awaiting awaiting
	windows  windows

	whitelist map[string]bool // of hosts; nil: every agent is on it

	filters deadlines
	epoch   time.Time // the first instant heard of; filters end at offsets from it

	dirty    []*agent // agents to look at again, if they are dirty
	spare    []*agent // an empty slice for the next dirty
	allDirty bool     // look at every agent again

	audit *audit // nil but in a simulation

	// Scratch.
	now, first, again, many Set
	rooms                   []room
	cuts                    []resources.Amount
	serving                 serving
	tryEach                 func(ClientID) bool // try
}

// NewCore makes a core without agents and frameworks. The policy must be new
// and is the core's from now on.
func NewCore(o Options, p Policy) *Core {
	return &Core{
		o:          o.withDefaults(),
		policy:     p,
		frameworks: map[string]*framework{},
		clients:    map[Client]*client{},
		agents:     map[string]*agent{},
		quotas:     map[string]*quota{},
		ledger:     &ledger{},
		windows:    windows{agents: map[string]*window{}},
	}
}

// framework is a registered framework.
type framework struct {
	Framework
	active  bool
	clients []*client // of its Roles, in their order
}

// client is a framework in a role. It exists while the framework has the role,
// and as long as something is held in it: by a framework that left the role, or
// that an agent reported and that has not come (back) yet.
type client struct {
	Client
	id         ClientID
	fw         *framework // nil unless the framework is registered and has the role
	suppressed bool
	eligible   bool
	agents     int                    // number of agents on which it holds something
	newest     *filter                // of its filters
	quotas     []*quota               // of its role and its ancestors
	minimum    []resources.Quantities // own, see Framework.MinAllocatable; nil: everybody's
	constraint *Constraint            // nil: any agent will do

	// What it was offered last, without and with its role: agents are often alike.
	plain, marked resources.Resources
	sums          resources.Quantities // of plain
	last          lastCut

	offers    uint64
	lastOffer time.Time
}

// client returns the client of that name, made if there is none.
func (c *Core) client(name Client) *client {
	if cl := c.clients[name]; cl != nil {
		return cl
	}
	cl := &client{Client: name}
	if n := len(c.freeIDs); n > 0 {
		cl.id = c.freeIDs[n-1]
		c.freeIDs = c.freeIDs[:n-1]
		c.byID[cl.id] = cl
	} else {
		cl.id = ClientID(len(c.byID))
		c.byID = append(c.byID, cl)
	}
	c.clients[name] = cl
	c.setQuotas(cl)
	c.policy.AddClient(cl.id, name)
	return cl
}

// release forgets a client that is not needed any more. No agent remembers it:
// it was never eligible, or was unblocked when it left its role.
func (c *Core) release(cl *client) {
	if cl.fw != nil || cl.agents > 0 {
		return
	}
	c.clearFilters(cl)
	c.policy.RemoveClient(cl.id)
	c.dropQuotas(cl)
	c.shrunk.remove(cl.id)
	c.swayed.remove(cl.id)
	c.spent.remove(cl.id)
	delete(c.clients, cl.Client)
	c.byID[cl.id] = nil
	c.freeIDs = append(c.freeIDs, cl.id)
}

// refresh works out whether the client may be offered something, after its
// framework, role or suppression changed.
func (c *Core) refresh(cl *client) {
	eligible := cl.fw != nil && cl.fw.active && !cl.suppressed
	if eligible == cl.eligible {
		return
	}
	cl.eligible = eligible
	c.policy.SetActive(cl.id, eligible)
	if eligible {
		c.eligible.add(cl.id)
		c.allDirty = true
	} else {
		c.eligible.remove(cl.id)
	}
}

// unblock makes every agent a possibility for the client again.
func (c *Core) unblock(cl *client) {
	for _, a := range c.order {
		a.blocked.remove(cl.id)
		a.unfit.remove(cl.id)
	}
	c.shrunk.remove(cl.id)
	c.swayed.remove(cl.id)
	c.spent.remove(cl.id)
	c.allDirty = true
}

// SetWeight sets the weight of a role, known or not yet: a number from
// 1e-9 to 1e9.
func (c *Core) SetWeight(role string, weight float64) error {
	if err := CheckWeight(role, weight); err != nil {
		return err
	}
	c.policy.SetWeight(role, weight)
	return nil
}

// CheckWeight says whether a role may have a weight.
func CheckWeight(role string, weight float64) error {
	if !(weight >= minWeight && weight <= maxWeight) { // NaN fails too
		return fmt.Errorf("weight of role %q is %v, want a number from %v to %v", role, weight, minWeight, maxWeight)
	}
	return nil
}

// Weights beyond these would make shares too large or too small to compare.
const (
	minWeight = 1e-9
	maxWeight = 1e9
)

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// offset is t as the time since the epoch.
func (c *Core) offset(t time.Time) time.Duration {
	if c.epoch.IsZero() {
		c.epoch = t
	}
	return t.Sub(c.epoch)
}
