package master

import (
	"mesos/actors/allocator"
	v1 "mesos/messages/mesos/v1"
)

// full says that an agent has as many executors as it may have (--max_executors_per_agent): what it still has is not
// offered until one of them ends. As in Mesos only executors that frameworks bring count, not those that the agent makes
// for tasks without one, and an offer that is out already may still go beyond.
func (m *Master) full(a *agent) bool {
	most := m.conf.MaxExecutorsPerAgent
	if most == 0 {
		return false
	}
	n := 0
	for _, executors := range a.executors {
		n += len(executors)
	}
	if is := n >= most; is != a.full {
		a.full = is
		m.log.Info("agent reached or left its limit of executors", "agent_id", a.id, "executors", n, "limit", most, "offered", !is)
	}
	return a.full
}

// untilRoom is for how long a framework is not asked again about an agent that is full: as long as if it had declined
// without saying for how long.
func untilRoom() *allocator.Refuse {
	return &allocator.Refuse{Seconds: (&v1.Filters{}).GetRefuseSeconds()}
}
