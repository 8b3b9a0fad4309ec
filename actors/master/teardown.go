package master

import (
	"time"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	"mesos/messages/ordered"
)

// removeFramework ends a framework for good. Its executors are shut down; what
// they hold stays allocated until their agents say that they are gone, so that
// nothing is offered while an old task still uses it.
func (m *Master) removeFramework(f *framework, why string) {
	if f.removed {
		return
	}
	m.log.Info("framework removed", "framework_id", f.id, "reason", why, "tasks", len(f.tasks))
	f.removed, f.recovered = true, false
	f.unregistered = time.Now()
	if f.cancelFailover != nil {
		f.cancelFailover()
		f.cancelFailover = nil
	}
	m.dropConn(f)
	m.alloc.DeactivateFramework(f.id)
	m.withdrawOffers(f)
	m.endOperations(f)
	for id := range ordered.All(m.agentsOf(f)) {
		m.send(m.agents[id], &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(f.id)})
	}
	m.keepRemoval(f)
	m.completed.add(f)
	m.announceFrameworkRemoved(f)
	m.forgetRemoved(f)
}

// agentsOf returns the ids of the registered agents where f has anything.
func (m *Master) agentsOf(f *framework) map[string]struct{} {
	on := map[string]struct{}{}
	for _, t := range ordered.All(f.tasks) {
		if m.agents[t.agentID] != nil {
			on[t.agentID] = struct{}{}
		}
	}
	for id := range ordered.All(f.executors) {
		if m.agents[id] != nil {
			on[id] = struct{}{}
		}
	}
	return on
}

// forgetRemoved lets a removed framework go once nothing of it is left on an agent.
func (m *Master) forgetRemoved(f *framework) {
	if f.removed && len(f.tasks) == 0 && len(f.executors) == 0 {
		m.alloc.RemoveFramework(f.id)
		delete(m.frameworks, f.id)
		m.throttles.Remove(f.info.GetPrincipal())
		m.forgetRemoval(f)
	}
}
