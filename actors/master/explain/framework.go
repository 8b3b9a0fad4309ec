package explain

import (
	"cmp"
	"fmt"
	"slices"

	"mesos/actors/allocator"
	"mesos/actors/master/view"
)

// Framework puts together what is known of a framework. said are the allocator's
// explanations of its roles, shares what roles that they name have. False if the
// framework is not known.
func (c *Cluster) Framework(id string, said []allocator.Explanation, shares map[string]float64) (Framework, bool) {
	f := c.frameworks[id]
	if f == nil {
		return Framework{}, false
	}
	x := Framework{FrameworkID: id, Name: f.Info.GetName(), Active: f.Active, Roles: []InRole{}, Hoarders: c.hoarders(), At: &c.now}
	for _, s := range said {
		if x.Pause == nil {
			x.Pause = pauseOf(s.Pause)
		}
		x.Roles = append(x.Roles, c.inRole(f, s, shares))
	}
	x.Summary = x.summary()
	return x, true
}

func (c *Cluster) inRole(f *view.Framework, s allocator.Explanation, shares map[string]float64) InRole {
	r := InRole{
		Role: s.Role, Share: s.Share, Suppressed: s.Suppressed, OffersMade: s.Offers, LastOffered: stamp(s.LastOffer),
		Holding: s.Holding, Filters: s.Filters, Outstanding: []Offer{}, WhyNotMore: []Reason{}, Needs: []Amounts{},
	}
	for _, q := range s.Minimum {
		r.Needs = append(r.Needs, amountsOf(q))
	}
	for i := range f.Offers {
		if o := &f.Offers[i]; o.Role == s.Role {
			r.Outstanding = append(r.Outstanding, Offer{o.ID, o.AgentID, c.hosts[o.AgentID], c.age(o), amountsOf(o.Resources.NonShared().Quantities())})
		}
	}
	slices.SortFunc(r.Outstanding, func(a, b Offer) int { return cmp.Compare(b.Age, a.Age) })
	for _, n := range s.Reasons {
		why := Reason{Reason: n.Reason.String(), Agents: n.Agents, AgentID: n.AgentID, Hostname: c.hosts[n.AgentID], Until: stamp(n.Until)}
		if !n.Missing.IsEmpty() {
			why.Missing = amountsOf(n.Missing)
		}
		for _, role := range n.Roles {
			why.Roles = append(why.Roles, Share{role, shares[role]})
		}
		why.Text = why.text(r.Share)
		r.WhyNotMore = append(r.WhyNotMore, why)
	}
	return r
}

func (x Framework) summary() []string {
	out := []string{fmt.Sprintf("framework %s (%s)", x.Name, x.FrameworkID)}
	if !x.Active {
		out = append(out, "it is not connected: nothing is offered to it")
	}
	out = append(out, x.Pause.lines()...)
	for _, r := range x.Roles {
		out = append(out, r.summary()...)
	}
	return append(out, hoarderLines(x.Hoarders, x.FrameworkID)...)
}

func (r InRole) summary() []string {
	last := "never offered anything"
	if r.LastOffered != "" {
		last = fmt.Sprintf("offered something %s so far, last at %s", times(r.OffersMade), r.LastOffered)
	}
	out := []string{fmt.Sprintf("role %s: %s; share %s, holds something of %s", r.Role, last, percent(r.Share), agents(r.Holding))}
	if r.Suppressed {
		out = append(out, "  it wants no offers (SUPPRESS): REVIVE brings them back")
	}
	if n := len(r.Outstanding); n > 0 {
		out = append(out, fmt.Sprintf("  %d of its offers unanswered, the oldest for %s (agent %s)", n, seconds(r.Outstanding[0].Age), r.Outstanding[0].Hostname))
	}
	if len(r.WhyNotMore) == 0 {
		out = append(out, "  there are no agents")
	}
	for _, w := range r.WhyNotMore {
		out = append(out, "  "+w.Text)
	}
	return out
}
