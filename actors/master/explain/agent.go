package explain

import (
	"fmt"

	"mesos/actors/allocator"
	"mesos/messages/resources"
)

// Agent puts together what is known of an agent.
func (c *Cluster) Agent(s allocator.AgentExplanation) Agent {
	x := Agent{
		AgentID: s.AgentID, Hostname: c.hosts[s.AgentID], Active: s.Active, Filters: s.Filters, Hoarders: c.hoarders(),
		Total: amountsOf(s.Total.NonShared().Quantities()), Available: amountsOf(s.Available.Quantities()), Holders: []Holder{}, WhyNot: []ClientCount{},
	}
	for _, h := range s.Holders {
		x.Holders = append(x.Holders, c.holder(s.AgentID, h))
	}
	for _, n := range s.Reasons {
		x.WhyNot = append(x.WhyNot, ClientCount{n.Reason.String(), n.Clients, n.FrameworkID, n.Role, stamp(n.Until)})
	}
	x.Summary = x.summary(c)
	return x
}

func (c *Cluster) holder(agentID string, h allocator.Holder) Holder {
	out := Holder{FrameworkID: h.FrameworkID, Name: c.name(h.FrameworkID), Role: h.Role, Resources: amountsOf(h.Resources.Quantities())}
	var offered resources.Quantities
	if f := c.frameworks[h.FrameworkID]; f != nil {
		for i := range f.Offers {
			if o := &f.Offers[i]; o.AgentID == agentID && o.Role == h.Role {
				offered = offered.Add(o.Resources.NonShared().Quantities())
				out.OfferAge = max(out.OfferAge, c.age(o))
			}
		}
	}
	out.Offered = amountsOf(offered)
	return out
}

func (x Agent) summary(c *Cluster) []string {
	out := []string{fmt.Sprintf("agent %s (%s): %s free of %s", x.Hostname, x.AgentID, x.Available, x.Total)}
	if !x.Active {
		out = append(out, "it is not connected, or deactivated: nothing of it is offered")
	}
	for _, h := range x.Holders {
		text := fmt.Sprintf("framework %s in role %s has %s", orID(h.Name, h.FrameworkID), h.Role, h.Resources)
		if len(h.Offered) > 0 {
			text += fmt.Sprintf(", of which %s are offers unanswered for %s", h.Offered, seconds(h.OfferAge))
		}
		out = append(out, text)
	}
	for _, w := range x.WhyNot {
		text := fmt.Sprintf("not offered to %d: %s", w.Frameworks, phrase(w.Reason))
		if w.Reason == allocator.Offerable.String() {
			text = fmt.Sprintf("about to be offered to one of %d", w.Frameworks)
		}
		if w.Until != "" {
			text += " until " + w.Until
		}
		out = append(out, fmt.Sprintf("%s (such as framework %s in role %s)", text, orID(c.name(w.FrameworkID), w.FrameworkID), w.Role))
	}
	return out
}
