package allocator

import (
	"cmp"
	"slices"
	"strings"

	"mesos/messages/resources"
)

// Request is something that a framework in a role would like to run: all of it
// on one agent. Attributes are texts that the agent's must equal, by name. Where
// FrameworkID names a framework of the role, its capabilities, constraints and
// filters count too; "" is a framework that can deal with everything.
type Request struct {
	FrameworkID string
	Role        string
	Quantities  resources.Quantities
	Attributes  map[string]string
	// Offered is what the framework was offered in the role and has not answered,
	// by agent id: it could use that as well.
	Offered map[string]resources.Resources
}

// RequestExplanation says where a request could run now, and what stands in the
// way elsewhere. Its lists are bounded; the counts are of all agents.
type RequestExplanation struct {
	Fits      int      // agents that could hold it now
	FitsOn    []string // some of them, the longest known first
	Obstacles []Obstacle
}

// Obstacle says on how many agents something stands in the way, and shows those
// that come nearest.
type Obstacle struct {
	Why     RequestReason
	Agents  int
	Nearest []Miss
}

// RequestReason is what stands between a request and an agent.
type RequestReason uint8

// What stands in the way, in the order in which it is looked for.
const (
	Impossible       RequestReason = iota // the agent never has that much for the role
	NotThere                              // the agent is deactivated
	Attributes                            // an attribute differs
	NotSuitable                           // capabilities or offer constraints of the framework
	Insufficient                          // others hold what is missing
	LimitOfQuota                          // quota limits leave too little
	KeptForOthers                         // it is headroom for guarantees
	RefusedForNow                         // the framework refused it for a time
	requestReasonCnt                      // number of reasons
)

var requestReasons = [requestReasonCnt]string{
	"too small", "inactive agent", "attribute", "not suitable", "insufficient", "quota limit", "headroom", "filtered",
}

// String is the reason in a word or two.
func (r RequestReason) String() string { return requestReasons[r] }

// Miss is an agent that a request does not fit on.
type Miss struct {
	AgentID string
	Missing resources.Quantities // what it would need more; empty where that is not the reason
	Detail  string               // the attribute that differs, or the roles that stand in the way
}

// few bounds the lists of an explanation.
const few = 5

// ExplainRequest goes through all agents.
func (c *Core) ExplainRequest(q Request) RequestExplanation {
	c.arrangeQuotas()
	cl := c.requester(q)
	var x RequestExplanation
	obstacles := make([]Obstacle, requestReasonCnt)
	for _, a := range c.order {
		why, miss, fits := c.tryRequest(a, cl, q)
		if fits {
			if x.Fits++; len(x.FitsOn) < few {
				x.FitsOn = append(x.FitsOn, a.ID)
			}
			continue
		}
		o := &obstacles[why]
		o.Why = why
		o.Agents++
		miss.AgentID = a.ID
		o.Nearest = append(o.Nearest, miss)
		if len(o.Nearest) > few {
			c.nearest(o.Nearest)
			o.Nearest = o.Nearest[:few]
		}
	}
	x.Obstacles = slices.DeleteFunc(obstacles, func(o Obstacle) bool { return o.Agents == 0 })
	for _, o := range x.Obstacles {
		c.nearest(o.Nearest)
	}
	return x
}

func (c *Core) nearest(all []Miss) {
	slices.SortStableFunc(all, func(x, y Miss) int { return cmp.Compare(c.dominant(x.Missing), c.dominant(y.Missing)) })
}

// requester is the framework of the request in the role, or one made up that
// can deal with everything.
func (c *Core) requester(q Request) *client {
	if cl := c.clients[Client{Framework: q.FrameworkID, Role: q.Role}]; cl != nil && cl.fw != nil {
		return cl
	}
	cl := &client{Client: Client{Role: q.Role}, id: -1}
	cl.fw = &framework{active: true}
	cl.fw.Capabilities = Capabilities{GPU: true, Shared: true, RegionAware: true, ReservationRefinement: true}
	for _, role := range sortedKeys(c.quotas) {
		if within(q.Role, role) {
			cl.quotas = append(cl.quotas, c.quotas[role])
		}
	}
	return cl
}

func (c *Core) tryRequest(a *agent, cl *client, q Request) (RequestReason, Miss, bool) {
	lacks := func(r resources.Resources) Miss { return Miss{Missing: q.Quantities.Sub(r.Quantities())} }
	for _, name := range sortedKeys(q.Attributes) {
		if v, ok := firstAttribute(a.Attributes, name); !ok || !v.isText || v.text != q.Attributes[name] {
			return Attributes, Miss{Detail: name}, false
		}
	}
	if m := lacks(c.usable(a, cl, withoutShared(a.Total))); !m.Missing.IsEmpty() {
		return Impossible, m, false
	}
	if !a.active {
		return NotThere, Miss{}, false
	}
	if why := c.suits(a, cl); why != Offerable {
		return NotSuitable, Miss{Detail: why.String()}, false
	}
	free, own := c.usable(a, cl, a.available), withoutShared(q.Offered[a.ID].Unallocate())
	if m := lacks(free.Add(own)); !m.Missing.IsEmpty() {
		m.Detail = strings.Join(c.rolesHolding(a), ", ")
		return Insufficient, m, false
	}
	r, by := c.limited(cl, free)
	if m := lacks(r.Add(own)); !m.Missing.IsEmpty() {
		if by == QuotaLimit {
			m.Detail = strings.Join(c.rolesAtLimit(cl), ", ")
			return LimitOfQuota, m, false
		}
		m.Detail = strings.Join(c.rolesLacking(cl), ", ")
		return KeptForOthers, m, false
	}
	if until, is := c.filtered(a, cl, r); is {
		return RefusedForNow, Miss{Detail: c.epoch.Add(until).UTC().Format("15:04:05")}, false
	}
	return 0, Miss{}, true
}
