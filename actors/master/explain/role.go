package explain

import (
	"fmt"

	"mesos/actors/allocator"
	"mesos/messages/resources"
)

// Role puts together what is known of a role.
func (c *Cluster) Role(s allocator.RoleExplanation) Role {
	x := Role{
		Role: s.Role, Weight: c.weight(s.Role), Share: s.Share, Filters: s.Filters, Hungry: s.Hungry, Suppressed: s.Suppressed, Inactive: s.Inactive,
		Guarantees: amountsFrom(s.Guarantees), Limits: amountsFrom(s.Limits), Charged: amountsFrom(s.Charged), Lacks: amountsFrom(s.Lacks),
		Hoarders: c.hoarders(), Pause: pauseOf(s.Pause),
	}
	for _, f := range c.picture.Frameworks {
		for i := range f.Offers {
			if o := &f.Offers[i]; o.Role == s.Role || resources.IsStrictSubrole(o.Role, s.Role) {
				x.Offers++
				x.OldestAge = max(x.OldestAge, c.age(o))
			}
		}
	}
	x.Summary = x.summary()
	return x
}

func (c *Cluster) weight(role string) float64 {
	if w, ok := c.picture.Weights[role]; ok {
		return w
	}
	return 1
}

func (x Role) summary() []string {
	out := []string{fmt.Sprintf("role %s: weight %g, share %s; frameworks: %d want offers, %d suppressed, %d not connected",
		x.Role, x.Weight, percent(x.Share), x.Hungry, x.Suppressed, x.Inactive)}
	out = append(out, x.Pause.lines()...)
	if x.Offers > 0 {
		out = append(out, fmt.Sprintf("%d of its offers unanswered, the oldest for %s", x.Offers, seconds(x.OldestAge)))
	}
	if x.Filters > 0 {
		out = append(out, refusals(x.Filters))
	}
	for _, name := range names(x.Limits) {
		text := fmt.Sprintf("quota limit of %s: %s of %s are taken", name, number(x.Charged[name]), number(x.Limits[name]))
		if x.Charged[name] >= x.Limits[name] {
			text += ": nothing more is offered"
		}
		out = append(out, text)
	}
	for _, name := range names(x.Guarantees) {
		text := fmt.Sprintf("quota guarantee of %s: it has %s of %s", name, number(x.Charged[name]), number(x.Guarantees[name]))
		if x.Lacks[name] > 0 {
			text += fmt.Sprintf("; %s are kept for it, or offered to it first", number(x.Lacks[name]))
		}
		out = append(out, text)
	}
	return append(out, hoarderLines(x.Hoarders, "")...)
}
