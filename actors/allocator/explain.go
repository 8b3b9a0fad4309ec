package allocator

import "time"

// Reason says why a framework in a role is not offered an agent.
type Reason uint8

// Every reason that there is.
const (
	Offerable         Reason = iota // nothing stands in the way: the next pass offers it
	Filtered                        // the framework refused it for a time
	QuotaLimit                      // quota limits leave no room for a bundle of the minimum
	Headroom                        // what is free beyond it is kept for guarantees of other roles
	Suppressed                      // the framework wants no offers in this role
	InactiveFramework               // the framework is not connected
	InactiveAgent                   // the agent is deactivated
	Capability                      // the framework cannot deal with such an agent (GPUs, region)
	Unwanted                        // the framework's offer constraints exclude the agent
	Minimum                         // what the role may use of it is too little for an offer
	AnothersTurn                    // what the role may use of it is offered to or used by somebody
	reasonCount
)

var reasonNames = [reasonCount]string{
	Offerable:         "offerable",
	Filtered:          "filtered",
	QuotaLimit:        "quota limit",
	Headroom:          "headroom",
	Suppressed:        "suppressed",
	InactiveFramework: "inactive framework",
	InactiveAgent:     "inactive agent",
	Capability:        "capability",
	Unwanted:          "offer constraint",
	Minimum:           "minimum",
	AnothersTurn:      "another's turn",
}

// String is the reason in a word or two, such as "quota limit".
func (r Reason) String() string { return reasonNames[r] }

// Explanation tells how a framework in a role stands with the allocator.
type Explanation struct {
	FrameworkID string
	Role        string
	Offers      uint64    // offers made to it in this role
	LastOffer   time.Time // zero if there was none
	Holding     int       // agents of which it holds something
	Reasons     []ReasonCount
}

// ReasonCount says on how many agents a reason stands in the way.
type ReasonCount struct {
	Reason  Reason
	Agents  int
	AgentID string    // one of them, the longest known
	Until   time.Time // of Filtered: when the first of the filters ends, zero else
}

// Explain works out why a framework gets no more offers in a role, agent by
// agent, so its cost grows with the agents. False if the framework is not
// registered in the role.
func (c *Core) Explain(frameworkID, role string) (Explanation, bool) {
	cl := c.clients[Client{Framework: frameworkID, Role: role}]
	if cl == nil || cl.fw == nil {
		return Explanation{}, false
	}
	x := Explanation{FrameworkID: frameworkID, Role: role, Offers: cl.offers, LastOffer: cl.lastOffer, Holding: cl.agents}
	var counts [reasonCount]ReasonCount
	for _, a := range c.order {
		v := c.explain(a, cl)
		n := &counts[v.reason]
		if n.Agents == 0 {
			n.AgentID = a.ID
		}
		n.Agents++
		if until := c.epoch.Add(v.until); v.reason == Filtered && (n.Until.IsZero() || until.Before(n.Until)) {
			n.Until = until
		}
	}
	for r, n := range counts {
		if n.Agents > 0 {
			n.Reason = Reason(r)
			x.Reasons = append(x.Reasons, n)
		}
	}
	return x, true
}

func (c *Core) explain(a *agent, cl *client) verdict {
	switch {
	case !cl.fw.active:
		return verdict{reason: InactiveFramework}
	case cl.suppressed:
		return verdict{reason: Suppressed}
	case !a.active:
		return verdict{reason: InactiveAgent}
	}
	_, v := c.offerable(a, cl)
	if v.reason == Minimum && c.allocatable(cl, c.usable(a, cl, withoutShared(a.Total))) {
		v.reason = AnothersTurn
	}
	return v
}
