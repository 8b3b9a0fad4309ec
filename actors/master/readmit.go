package master

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/registry"
)

// readmission is the newest that an agent said of itself while the registry writes.
type readmission struct {
	from    actors.UPID
	msg     *internalpb.ReregisterSlaveMessage
	info    *v1.AgentInfo
	total   resources.Resources
	writing *v1.AgentInfo
}

// reregisterAgent takes back an agent that has an id: after a lost session,
// after this master started, or after it was unreachable.
func (m *Master) reregisterAgent(from actors.UPID, msg *internalpb.ReregisterSlaveMessage) {
	m.metrics.ReregisterMessages.Inc()
	id := msg.GetSlave().GetId().GetValue()
	if err := ids.Check("slave.id", id); err != nil {
		m.refuseAgent(from, err)
		return
	}
	if m.lives.Of(id) == life.Gone {
		m.endAll(from, msg.GetFrameworks(), goneError(id))
		return
	}
	if err := m.downError(from, msg.GetSlave()); err != nil {
		m.endAll(from, msg.GetFrameworks(), err)
		return
	}
	info := msg.GetSlave()
	total, err := m.checkAgent(info, msg.GetVersion(), msg.GetCheckpointedResources())
	if err == nil {
		err = m.conf.Rules.Agent(m.principalOf(from), total)
	}
	if err != nil {
		m.refuseAgent(from, err)
		return
	}
	if other := m.agentAt[from]; other != nil && other.id != id {
		m.retireAgent(other, counters.Replaced, "another agent registered at the same address", func() { m.reregisterAgent(from, msg) })
		return
	}
	if r := m.readmissions[id]; r != nil {
		r.from, r.msg, r.info, r.total = from, msg, info, total
		return
	}
	if a := m.agents[id]; a != nil && m.lives.Of(id) == life.Registered && proto.Equal(a.info, info) {
		m.cancelRemoval(id)
		m.resumeAgent(a, from, info, total, msg)
		return
	}
	if !m.step(id, life.Reregisters) {
		return // it is being given up, and comes again
	}
	m.cancelRemoval(id)
	r := &readmission{from: from, msg: msg, info: info, total: total}
	m.readmissions[id] = r
	m.readmit(id, r)
}

func goneError(id string) error {
	return fmt.Errorf("agent %s was marked gone and cannot come back: start it with an empty work_dir", id)
}

func (m *Master) readmit(id string, r *readmission) {
	r.writing = r.info
	m.keep(registry.Readmit(r.info), func(err error) { m.readmitted(id, r, err) })
}

// readmitted goes on with an agent whose return is durable.
func (m *Master) readmitted(id string, r *readmission, err error) {
	switch {
	case errors.Is(err, registry.ErrGone):
		delete(m.readmissions, id)
		m.lives.Must(id, life.FoundGone)
		m.endAll(r.from, r.msg.GetFrameworks(), goneError(id))
		return
	case err != nil:
		m.rejected(id, r, err)
		return
	case !proto.Equal(r.writing, r.info):
		m.readmit(id, r) // it changed its words meanwhile
		return
	}
	delete(m.readmissions, id)
	delete(m.recovering, id)
	m.lives.Must(id, life.Admitted)
	if a := m.agents[id]; a != nil {
		m.resumeAgent(a, r.from, r.info, r.total, r.msg)
		m.refuseDown(a)
		return
	}
	a := m.newAgent(r.from, r.info, r.total, r.msg.GetVersion(), r.msg.GetAgentCapabilities())
	a.registered, a.reregistered = time.Now(), time.Now()
	a.resourceVersion = string(r.msg.GetResourceVersionUuid().GetValue())
	m.metrics.AgentReregistrations.Inc()
	m.recoverFrom(a, r.msg)
	missing := m.recoverMissing(a)
	m.addAgent(a)
	m.afterReregistration(a, missing)
	m.endRemoved(a, r.msg)
	m.refuseDown(a)
}

// rejected goes on with an agent whose words the registry cannot keep. One that is
// registered stays so, by its earlier words, until it does not answer any more.
func (m *Master) rejected(id string, r *readmission, why error) {
	delete(m.readmissions, id)
	delete(m.recovering, id)
	m.refuseAgent(r.from, why)
	a := m.agents[id]
	if a == nil {
		m.lives.Must(id, life.Rejected)
		return
	}
	m.lives.Must(id, life.Admitted)
	a.session++
	m.ping(a, a.session)
}
