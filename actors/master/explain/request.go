package explain

import (
	"fmt"
	"strings"

	"mesos/actors/allocator"
)

// Request puts together what a need would meet.
func (c *Cluster) Request(q allocator.Request, s allocator.RequestExplanation) Request {
	x := Request{
		Role: q.Role, Need: amountsOf(q.Quantities), Attributes: q.Attributes, Fits: s.Fits, FitsOn: []Place{}, Obstacles: []Obstacle{},
		Hoarders: c.hoarders(), Agents: s.Fits,
	}
	for _, id := range s.FitsOn {
		x.FitsOn = append(x.FitsOn, c.place(id))
	}
	for _, o := range s.Obstacles {
		x.Agents += o.Agents
		n := Obstacle{Reason: o.Why.String(), Agents: o.Agents, Nearest: []Miss{}}
		for _, near := range o.Nearest {
			m := Miss{Place: c.place(near.AgentID), Detail: near.Detail}
			if !near.Missing.IsEmpty() {
				m.Missing = amountsOf(near.Missing)
			}
			n.Nearest = append(n.Nearest, m)
		}
		n.Text = n.text(o.Why, q)
		x.Obstacles = append(x.Obstacles, n)
	}
	x.Summary = x.summary(q)
	return x
}

func (x Request) summary(q allocator.Request) []string {
	first := fmt.Sprintf("%s for role %s fits now on %d of %s", x.Need, x.Role, x.Fits, agents(x.Agents))
	if len(x.FitsOn) > 0 {
		var hosts []string
		for _, p := range x.FitsOn {
			hosts = append(hosts, p.Hostname)
		}
		first += ": " + strings.Join(hosts, ", ")
		if x.Fits > len(x.FitsOn) {
			first += ", …"
		}
	}
	out := []string{first}
	for _, o := range x.Obstacles {
		out = append(out, o.Text)
	}
	return append(out, hoarderLines(x.Hoarders, q.FrameworkID)...)
}

func (o Obstacle) text(why allocator.RequestReason, q allocator.Request) string {
	near := o.Nearest[0]
	what := map[allocator.RequestReason]string{
		allocator.Impossible:    "never has that much for role " + q.Role,
		allocator.NotThere:      "not connected, or deactivated",
		allocator.Attributes:    "the attribute " + near.Detail + " is another one, or missing",
		allocator.NotSuitable:   "does not suit the framework: " + near.Detail,
		allocator.Insufficient:  "too little is free, the rest is offered or used",
		allocator.LimitOfQuota:  "free, but the quota limit of role " + near.Detail + " leaves too little",
		allocator.KeptForOthers: "free, but kept for what is guaranteed to role " + near.Detail,
		allocator.RefusedForNow: "refused by the framework, the first until " + near.Detail + " UTC",
	}[why]
	text := fmt.Sprintf("%s: %s", agents(o.Agents), what)
	if len(near.Missing) > 0 {
		text += fmt.Sprintf("; nearest is %s, which lacks %s", near.Hostname, near.Missing)
		if why == allocator.Insufficient && near.Detail != "" {
			text += " (roles that have it: " + near.Detail + ")"
		}
	}
	return text
}
