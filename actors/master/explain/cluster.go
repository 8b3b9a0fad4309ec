package explain

import (
	"cmp"
	"slices"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/master/view"
	"mesos/messages/resources"
)

// hoardAfter is how long a framework may think about an offer before it is named.
const hoardAfter = 10 * time.Second

// Cluster is what the master knows beside the allocator, at one moment.
type Cluster struct {
	now        time.Time
	picture    *view.Cluster
	hosts      map[string]string // by agent id
	frameworks map[string]*view.Framework
}

// From takes a picture of the cluster as it is at now.
func From(c *view.Cluster, now time.Time) *Cluster {
	x := &Cluster{now: now, picture: c, hosts: map[string]string{}, frameworks: map[string]*view.Framework{}}
	for _, a := range c.Agents {
		x.hosts[a.ID] = a.Info.GetHostname()
	}
	for _, f := range c.Frameworks {
		x.frameworks[f.ID] = f
	}
	return x
}

func (c *Cluster) name(frameworkID string) string {
	if f := c.frameworks[frameworkID]; f != nil {
		return f.Info.GetName()
	}
	return ""
}

func (c *Cluster) place(agentID string) Place { return Place{agentID, c.hosts[agentID]} }

func (c *Cluster) age(o *view.Offer) float64 { return max(c.now.Sub(o.Made), 0).Seconds() }

// hoarders are the frameworks that left offers unanswered for long, those with
// the oldest first.
func (c *Cluster) hoarders() []Hoarder {
	out := []Hoarder{}
	for _, f := range c.picture.Frameworks {
		h := Hoarder{FrameworkID: f.ID, Name: f.Info.GetName()}
		var held resources.Quantities
		for i := range f.Offers {
			o := &f.Offers[i]
			if c.now.Sub(o.Made) < hoardAfter {
				continue
			}
			h.Offers++
			h.Oldest = max(h.Oldest, c.age(o))
			held = held.Add(o.Resources.NonShared().Quantities())
		}
		if h.Resources = amountsOf(held); h.Offers > 0 {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, func(a, b Hoarder) int {
		return cmp.Or(cmp.Compare(b.Oldest, a.Oldest), cmp.Compare(a.FrameworkID, b.FrameworkID))
	})
	return out[:min(len(out), few)]
}

// OffersTo is what a framework was offered in a role and has not answered, by
// agent id.
func (c *Cluster) OffersTo(frameworkID, role string) map[string]resources.Resources {
	out := map[string]resources.Resources{}
	if f := c.frameworks[frameworkID]; f != nil {
		for i := range f.Offers {
			if o := &f.Offers[i]; o.Role == role {
				out[o.AgentID] = out[o.AgentID].Add(o.Resources)
			}
		}
	}
	return out
}

// few bounds the lists of an explanation.
const few = 5

func pauseOf(p allocator.Pause) *Pause {
	if !p.On {
		return nil
	}
	return &Pause{AgentsNeeded: p.Needed, AgentsHere: p.Here, Until: stamp(p.Until)}
}

// FindFramework finds a connected or waiting framework by its id, or by its name
// if only one has it, and says which roles it has.
func (c *Cluster) FindFramework(name string) (id string, roles []string) {
	if f := c.frameworks[name]; f != nil {
		return f.ID, f.Roles
	}
	for _, f := range c.picture.Frameworks {
		if f.Info.GetName() != name {
			continue
		}
		if id != "" {
			return "", nil
		}
		id, roles = f.ID, f.Roles
	}
	return id, roles
}

// FindAgent is the id of an agent of that id, or of that hostname if only one has
// it; else what was asked for.
func (c *Cluster) FindAgent(name string) string {
	if _, ok := c.hosts[name]; ok {
		return name
	}
	found := name
	for id, host := range c.hosts {
		if host == name {
			if found != name {
				return name
			}
			found = id
		}
	}
	return found
}
