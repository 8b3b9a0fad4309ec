package master

import (
	"time"

	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// recoverFrameworks takes up the frameworks that were away when an earlier master
// ended: their time to come back runs on. Those that were removed stay removed.
func (m *Master) recoverFrameworks(s *registry.State) {
	now := time.Now()
	for _, kept := range s.Frameworks() {
		info := kept.GetInfo()
		id := info.GetId().GetValue()
		if kept.Removed != nil {
			m.removedFrameworks[id] = true
			continue
		}
		f := m.newFramework(info)
		f.recovered, f.kept, f.registered = true, true, now
		m.frameworks[id] = f
		m.addToAllocator(f, nil)
		left := max(0, time.Unix(0, kept.GetFailoverDeadline().GetNanoseconds()).Sub(now))
		m.log.Info("framework recovered from the registry", "framework_id", id, "name", info.GetName(), "failover_timeout", left)
		m.awaitFailover(f, left)
		m.announceFramework(f, false)
	}
}

// keepDeadline makes it durable until when a framework may come back. Without a
// timeout it is removed before that could matter.
func (m *Master) keepDeadline(f *framework, timeout time.Duration) {
	if timeout > 0 {
		f.kept = true
		m.keep(registry.AwaitFailover(f.info, time.Now().Add(timeout)), m.kept("await failover", nil))
	}
}

// cameBack forgets the deadline of a framework that subscribes.
func (m *Master) cameBack(f *framework) {
	if f.kept {
		f.kept = false
		m.keep(registry.CameBack(f.id), m.kept("forget the failover deadline", nil))
	}
}

// keepRemoval makes it durable that a framework was removed, if an agent may come
// back with something of it.
func (m *Master) keepRemoval(f *framework) {
	if len(f.tasks)+len(f.executors)+len(f.unreachable.values)+len(m.recovering) == 0 {
		m.cameBack(f) // nothing of it is left anywhere: its deadline is of no use
		return
	}
	f.kept = false
	m.removedFrameworks[f.id] = true
	m.keep(registry.RemoveFramework(f.info, time.Now()), m.kept("remove framework", nil))
}

// forgetRemoval forgets that a framework was removed when no agent is away that
// could come back with something of it.
func (m *Master) forgetRemoval(f *framework) {
	if m.removedFrameworks[f.id] && len(m.recovering)+len(m.away.unreachable) == 0 {
		delete(m.removedFrameworks, f.id)
		m.keep(registry.ForgetFramework(f.id), m.kept("forget framework", nil))
	}
}

// takeRemoved makes a removed framework known again that an agent still has
// something of, until that has ended.
func (m *Master) takeRemoved(info *v1.FrameworkInfo) {
	f := m.newFramework(info)
	f.removed, f.registered, f.unregistered = true, time.Now(), time.Now()
	m.frameworks[f.id] = f
	m.addToAllocator(f, nil)
}

// endRemoved tells an agent to end the frameworks that were removed while it was away.
func (m *Master) endRemoved(a *agent, msg *internalpb.ReregisterSlaveMessage) {
	for _, info := range msg.GetFrameworks() {
		f := m.frameworks[info.GetId().GetValue()]
		if f != nil && f.removed {
			m.send(a, &internalpb.ShutdownFrameworkMessage{FrameworkId: ids.Framework(f.id)})
			m.forgetRemoved(f)
		}
	}
}
