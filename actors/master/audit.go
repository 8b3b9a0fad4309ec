package master

import (
	"fmt"

	"mesos/messages/resources"
)

// Settled is false as long as something waits for the master or the allocator, which may change what [Master.Audit] says.
func (m *Master) Settled() bool {
	messages, calls := m.p.Waiting()
	return messages+calls+m.alloc.Queued() == 0
}

// Audit is what the master believes that each framework holds of an agent, in offers, tasks and executors, in the form
// of [allocator.Core.Held]. Only a simulator may call it, between two turns of its stage and when all is settled.
func (m *Master) Audit(agentID string) (held map[string]resources.Resources, known bool) {
	a := m.agents[agentID]
	if a == nil {
		return nil, false
	}
	held = a.used()
	for _, o := range a.offers {
		held[o.frameworkID] = held[o.frameworkID].Add(o.resources)
	}
	for id, r := range held {
		r = r.Unallocate()
		held[id] = r.Filter(func(e resources.Resource) bool { return !e.IsShared() })
		if held[id].IsEmpty() {
			delete(held, id)
		}
	}
	return held, true
}

// AuditOffers says what is wrong with the offers of an agent, nil if nothing is: there are none of an agent that is away or
// put aside. It is called as [Master.Audit] is.
func (m *Master) AuditOffers(agentID string) error {
	a := m.agents[agentID]
	if a == nil || m.offerable(a) || len(a.offers) == 0 {
		return nil
	}
	return fmt.Errorf("agent %s has %d offers out: it is connected: %v, and withdrawn: %v", agentID, len(a.offers), a.connected, m.withdrawn[agentID] != nil)
}

// ToBeKilled says whether the master knows a task as one that its framework wants killed. It is called as [Master.Audit] is.
func (m *Master) ToBeKilled(frameworkID, taskID string) bool {
	f := m.frameworks[frameworkID]
	return f != nil && f.tasks[taskID] != nil && f.tasks[taskID].killWanted
}
