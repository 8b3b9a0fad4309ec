package allocator

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Unavailability is a time for which an agent will not be there.
type Unavailability struct {
	Start    time.Time
	Duration time.Duration // 0 = for ever
}

// InverseOffer asks a framework to leave an agent, of which it holds something,
// before a time.
type InverseOffer struct {
	FrameworkID    string
	AgentID        string
	AgentRun       int // Agent.Run; if another one is known by now, the inverse offer is void
	Unavailability Unavailability
}

// InverseAnswer is what a framework said to an inverse offer.
type InverseAnswer uint8

// The answers.
const (
	Unanswered InverseAnswer = iota // it was rescinded, or is out
	Accepted                        // the framework will have left by then
	Declined                        // the framework will not leave by itself
)

var inverseAnswers = [...]string{"unanswered", "accepted", "declined"}

// String is the answer in a word.
func (a InverseAnswer) String() string { return inverseAnswers[a] }

// InverseStatus is the last answer of a framework for an agent.
type InverseStatus struct {
	FrameworkID string
	Answer      InverseAnswer
	At          time.Time
}

// windows are the agents that will be unavailable.
type windows struct {
	agents   map[string]*window
	look     bool          // some framework may have to be asked now
	filtered bool          // a filter will end
	next     time.Duration // the first one, since Core.epoch
}

// window is the unavailability of one agent and what frameworks were asked and
// said about it.
type window struct {
	Unavailability
	asked map[string]*asked // by framework id
}

type asked struct {
	InverseStatus
	out   bool
	until time.Duration // it is not asked again before this, since Core.epoch
}

// SetUnavailability says from when on an agent will be unavailable, nil that it
// will not. Every framework that holds something of it will be asked to leave,
// anew if this changes anything; what is out then is void, and the caller rescinds it.
func (c *Core) SetUnavailability(agentID string, u *Unavailability) {
	switch w := c.windows.agents[agentID]; {
	case u == nil:
		delete(c.windows.agents, agentID)
	case c.agents[agentID] == nil || w != nil && w.Unavailability == *u:
	default:
		c.windows.agents[agentID] = &window{Unavailability: *u, asked: map[string]*asked{}}
		c.windows.look = true
	}
}

func (c *Core) closeWindow(agentID string) { delete(c.windows.agents, agentID) }

// lookAtWindow follows new holders of an agent.
func (c *Core) lookAtWindow(a *agent) {
	if c.windows.agents[a.ID] != nil {
		c.windows.look = true
	}
}

func (c *Core) dropInverseOffers(frameworkID string) {
	for _, w := range c.windows.agents {
		delete(w.asked, frameworkID)
	}
}

// InverseOffers asks all frameworks that are active and hold something of an
// agent that will be unavailable to leave it, each once until it answers. Like
// an offer, one is out until [Core.UpdateInverseOffer]. The order is that of
// agents and then of framework ids.
func (c *Core) InverseOffers(now time.Time) []InverseOffer {
	w := &c.windows
	at := c.offset(now)
	if !w.look && (!w.filtered || at < w.next) {
		return nil
	}
	w.look, w.filtered, w.next = false, false, math.MaxInt64
	var out []InverseOffer
	for _, id := range sortedKeys(w.agents) {
		out = c.askToLeave(c.agents[id], w.agents[id], at, out)
	}
	slices.SortStableFunc(out, func(x, y InverseOffer) int { return cmp.Compare(c.agents[x.AgentID].seq, c.agents[y.AgentID].seq) })
	return out
}

func (c *Core) askToLeave(a *agent, w *window, at time.Duration, out []InverseOffer) []InverseOffer {
	holders := map[string]bool{}
	for _, h := range a.held {
		if fw := c.frameworks[h.cl.Framework]; fw != nil && fw.active {
			holders[fw.ID] = true
		}
	}
	for _, id := range sortedKeys(holders) {
		k := w.asked[id]
		if k == nil {
			k = &asked{InverseStatus: InverseStatus{FrameworkID: id}, until: at}
			w.asked[id] = k
		}
		switch {
		case k.out:
		case k.until > at:
			c.windows.filtered, c.windows.next = true, min(c.windows.next, k.until)
		default:
			k.out = true
			out = append(out, InverseOffer{FrameworkID: id, AgentID: a.ID, AgentRun: a.Run, Unavailability: w.Unavailability})
		}
	}
	return out
}

// UpdateInverseOffer takes the answer of a framework to an inverse offer, or with
// [Unanswered] that it was rescinded. The framework is asked again when the
// refusal ends; nil means at once. What is not out is ignored.
func (c *Core) UpdateInverseOffer(agentID, frameworkID string, answer InverseAnswer, refuse *Refuse, now time.Time) {
	w := c.windows.agents[agentID]
	if w == nil || w.asked[frameworkID] == nil || !w.asked[frameworkID].out {
		return
	}
	k := w.asked[frameworkID]
	k.out, k.until = false, c.offset(now)
	if refuse != nil {
		k.until += refuse.duration(c.o.AllocationInterval)
	}
	if answer != Unanswered {
		k.Answer, k.At = answer, now
	}
	c.windows.look = true
}

// InverseStatuses are the last answers of frameworks about an agent, by framework
// id. Those that have not answered are not in it.
func (c *Core) InverseStatuses(agentID string) []InverseStatus {
	w := c.windows.agents[agentID]
	if w == nil {
		return nil
	}
	var out []InverseStatus
	for _, id := range sortedKeys(w.asked) {
		if k := w.asked[id]; k.Answer != Unanswered {
			out = append(out, k.InverseStatus)
		}
	}
	return out
}
