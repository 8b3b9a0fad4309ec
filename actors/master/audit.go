package master

import (
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// Audit is what the master believes that each framework holds of an agent, in offers, tasks and executors, in the form
// of [allocator.Core.Held]. settled is false as long as something waits for the master or the allocator, which may
// change it. Only a simulator may call it, between two turns of its stage.
func (m *Master) Audit(agentID string) (held map[string]resources.Resources, known, settled bool) {
	if messages, calls := m.p.Waiting(); messages+calls+m.alloc.Queued() > 0 {
		return nil, false, false
	}
	a := m.agents[agentID]
	if a == nil {
		return nil, false, true
	}
	held = a.used()
	for _, o := range ordered.All(a.offers) {
		held[o.frameworkID] = held[o.frameworkID].Add(o.resources)
	}
	for id, r := range held {
		r = r.Unallocate()
		held[id] = r.Filter(func(e resources.Resource) bool { return !e.IsShared() })
		if held[id].IsEmpty() {
			delete(held, id)
		}
	}
	return held, true, true
}
