package master

import (
	"mesos/messages/internalpb"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// lentTold takes what an agent lends beyond what it has: all of it, so that what it does not name it lends no more. Offers
// of it are void when it changes. What tasks hold of it they keep, until the agent ends them.
func (m *Master) lentTold(a *agent, msg *internalpb.UpdateSlaveMessage) {
	if !msg.GetUpdateOversubscribedResources() {
		return
	}
	lent, err := resources.FromProto(msg.GetOversubscribedResources())
	if err == nil && !lent.Revocable().Unallocate().Own().Equal(lent) {
		m.log.Error("oversubscribed resources are ignored: they must all be revocable, the agent's own and not allocated", "agent_id", a.id, "oversubscribed", lent)
		return
	}
	if err != nil {
		m.log.Error("oversubscribed resources are ignored", "agent_id", a.id, "error", err)
		return
	}
	before := a.total.Revocable()
	if lent.Equal(before) {
		return
	}
	m.log.Info("oversubscribed resources changed", "agent_id", a.id, "before", before, "now", lent)
	a.total = a.total.NonRevocable().Add(lent)
	for _, o := range ordered.All(a.offers) {
		if !o.resources.Revocable().IsEmpty() {
			m.rescind(o, nil)
		}
	}
	m.alloc.UpdateAgent(m.allocatorAgent(a))
}
