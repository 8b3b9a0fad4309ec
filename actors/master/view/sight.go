package view

import (
	"slices"

	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/resources"
)

// Sight is what somebody may see of a cluster.
type Sight interface {
	Framework(*v1.FrameworkInfo) bool
	Task(*v1.FrameworkInfo, *v1.Task) bool // of a framework that may be seen, too
	Executor(*v1.FrameworkInfo, *v1.ExecutorInfo) bool
	Role(string) bool
	Flags() bool
}

// For is the picture as somebody sees it: without the frameworks, tasks, executors, roles and flags that are hidden.
// Agents stay, and what is used of them is what all use. A nil Sight sees all.
func (c *Cluster) For(see Sight) *Cluster {
	if see == nil {
		return c
	}
	all := c.added()
	out := &Cluster{
		Master: c.Master, Agents: c.Agents, Unreachable: c.Unreachable, Recovered: recoveredFor(c.Recovered, see), Quotas: c.Quotas, Weights: c.Weights,
		Frameworks: seen(c.Frameworks, see), Leaving: seen(c.Leaving, see), Completed: seen(c.Completed, see), see: see, whole: c,
	}
	known := map[string]bool{}
	for _, list := range [][]*Framework{out.Frameworks, out.Leaving, out.Completed} {
		for _, f := range list {
			known[f.ID] = true
		}
	}
	out.once.Do(func() {
		out.sums = sums{agents: map[string]*tally{}, frameworks: all.frameworks}
		for id, t := range all.agents {
			out.sums.agents[id] = t.among(known)
		}
		for _, list := range [][]*Framework{out.Frameworks, out.Leaving} {
			for _, f := range list {
				out.sums.tasks = append(out.sums.tasks, f.Tasks...)
			}
		}
	})
	return out
}

// among is the tally without the frameworks that are not known.
func (t *tally) among(known map[string]bool) *tally {
	out := *t
	out.others = map[string]struct{}{}
	for id := range t.others {
		if known[id] {
			out.others[id] = struct{}{}
		}
	}
	return &out
}

func seen(list []*Framework, see Sight) []*Framework {
	var out []*Framework
	for _, f := range list {
		if !see.Framework(f.Info) {
			continue
		}
		own := *f
		own.Tasks, own.Unreachable, own.Completed = own.seen(f.Tasks, see), own.seen(f.Unreachable, see), own.seen(f.Completed, see)
		own.Executors = slices.Clone(f.Executors)
		for i := range own.Executors {
			if e := &own.Executors[i]; !see.Executor(f.Info, e.Info) {
				e.Info = nil
			}
		}
		out = append(out, &own)
	}
	return out
}

func (f *Framework) seen(tasks []*Task, see Sight) []*Task {
	var out []*Task
	for _, t := range tasks {
		if see.Task(f.Info, t.Desc) {
			out = append(out, t)
		}
	}
	return out
}

// seenRoles are those that may be seen, with what all hold of them.
func (c *Cluster) seenRoles() []*role {
	var out []*role
	for _, r := range c.whole.roles() {
		if !c.see.Role(r.name) {
			continue
		}
		r.frameworks = slices.DeleteFunc(r.frameworks, func(id string) bool {
			return !slices.ContainsFunc(c.Frameworks, func(f *Framework) bool { return f.ID == id })
		})
		out = append(out, r)
	}
	return out
}

// visible is without what is reserved or allocated to roles that are hidden.
func (c *Cluster) visible(r resources.Resources) resources.Resources { return visible(r, c.see) }

func visible(r resources.Resources, see Sight) resources.Resources {
	if see == nil {
		return r
	}
	return r.Filter(func(e resources.Resource) bool {
		return (!e.IsReserved() || see.Role(e.Role())) && (e.AllocationRole() == "" || see.Role(e.AllocationRole()))
	})
}

// ProtoFor is the agent as AGENT_ADDED tells it somebody.
func (a *Agent) ProtoFor(see Sight) *masterv1.Response_GetAgents_Agent {
	m := a.Proto()
	if see == nil {
		return m
	}
	m.AgentInfo, m.TotalResources = infoFor(a.Info, see), visible(a.Total, see).EndpointProto()
	for _, p := range m.ResourceProviders {
		p.TotalResources = some(visible(a.Total.OfProvider(p.GetResourceProviderInfo().GetId().GetValue()), see))
	}
	return m
}

// infoFor is what an agent says of itself, without what it has for roles that are hidden.
func infoFor(info *v1.AgentInfo, see Sight) *v1.AgentInfo {
	if see == nil {
		return info
	}
	out := proto.CloneOf(info)
	out.Resources = nil
	if has, err := resources.FromProto(info.GetResources()); err == nil { // validated when it registered
		out.Resources = visible(has, see).Proto()
	}
	return out
}

// recoveredFor are agents that are not back, as somebody sees them.
func recoveredFor(list []*v1.AgentInfo, see Sight) []*v1.AgentInfo {
	out := make([]*v1.AgentInfo, len(list))
	for i, info := range list {
		out[i] = infoFor(info, see)
	}
	return out
}
