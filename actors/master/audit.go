package master

import (
	"fmt"

	"mesos/actors/allocator"
	"mesos/messages/resources"
)

// Settled is false as long as something waits for the master or the allocator, which may change what [Master.Audit] says.
func (m *Master) Settled() bool {
	messages, calls := m.p.Waiting()
	return messages+calls+m.alloc.Queued() == 0
}

// Audit adds to held what the master believes that each framework holds of an agent, in offers, tasks and executors, with
// allocation info and with what is shared. Only a simulator may call it, between two turns of its stage and when all is
// settled.
func (m *Master) Audit(agentID string, held allocator.Holdings) (_ allocator.Holdings, known bool) {
	a := m.agents[agentID]
	if a == nil {
		return held, false
	}
	a.eachUse(func(frameworkID string, r resources.Resources) { held = held.Add(frameworkID, r) })
	for _, o := range a.offers {
		held = held.Add(o.frameworkID, o.resources)
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
