package agent

import (
	"mesos/actors"
	"mesos/actors/agent/store"
	"mesos/messages/internalpb"
)

// updateFramework takes what a framework says of itself now. Nothing waits for
// it to be durable: the master says it again with the next task.
func (a *Agent) updateFramework(from actors.UPID, msg *internalpb.UpdateFrameworkMessage) {
	id := msg.GetFrameworkId().GetValue()
	f := a.frameworks[id]
	if from != a.conf.Master || f == nil || msg.GetFrameworkInfo().GetId().GetValue() != id {
		return
	}
	wasKept := f.kept
	a.framework(msg.GetFrameworkInfo())
	if wasKept && !f.kept {
		f.kept = true
		a.conf.Store.Commit(nil, store.PutFramework(f.info))
	}
}
