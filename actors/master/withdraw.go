package master

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"mesos/actors/master/life"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/registry"
)

// withdrawal is what an operator ordered of an agent: nothing of it is offered,
// and perhaps it is emptied. It mirrors the registry, where it is durable, for
// agents that are registered or may come back.
type withdrawal struct {
	drain *v1.DrainInfo // nil if the agent is deactivated only; replaced, never changed
	began time.Time     // when this master knew of the drain
	// finishing: the registry writes that the agent is drained
	finishing bool
}

// offerable says that an agent may be offered.
func (m *Master) offerable(a *agent) bool { return a.connected && m.withdrawn[a.id] == nil }

// activate lets an agent be offered, if it may be.
func (m *Master) activate(a *agent) {
	if m.offerable(a) && m.lives.Of(a.id) == life.Registered {
		m.alloc.ActivateAgent(a.id)
	}
}

// recoverWithdrawal takes up what an earlier master was told of an agent.
func (m *Master) recoverWithdrawal(id string, drain *v1.DrainInfo, deactivated bool) {
	if drain != nil || deactivated {
		m.withdrawn[id] = &withdrawal{drain: drain, began: time.Now()}
	}
}

// withdrawable answers for agents that no order can be given of.
func (m *Master) withdrawable(field, id string) *answer {
	switch m.lives.Of(id) {
	case life.Unknown, life.Admitting, life.Gone, life.Removing:
		return &answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("%s: no agent %.100q is registered or may come back", field, id)}
	case life.MarkingGone:
		a := conflict("%s: agent %s is being marked gone", field, id)
		return &a
	}
	return nil
}

// drain has an agent emptied: nothing of it is offered any more, and it kills
// its tasks. done is told when that order is durable.
func (m *Master) drain(id string, config *v1.DrainConfig, done func(answer)) {
	const field = "drain_agent.agent_id"
	if no := m.withdrawable(field, id); no != nil {
		done(*no)
		return
	}
	if a := m.agents[id]; a != nil {
		if !a.can(v1.AgentInfo_Capability_AGENT_DRAINING) {
			done(answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("%s: agent %s cannot drain: it lacks the capability AGENT_DRAINING; upgrade it, or deactivate it and kill its tasks", field, id)})
			return
		}
		if machine := m.machineOf(a); m.maintenance.machines[registry.MachineKey(machine)] != nil {
			done(answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("%s: the machine %s (%s) of agent %s is in the maintenance schedule: take it out of the schedule first", field, machine.GetHostname(), machine.GetIp(), id)})
			return
		}
	}
	m.keep(registry.Drain(id, config), func(err error) {
		if err != nil {
			done(withdrawalRefused(field, err))
			return
		}
		m.log.Info("agent drains", "agent_id", id, "max_grace_period", config.GetMaxGracePeriod().GetNanoseconds(), "mark_gone", config.GetMarkGone())
		m.withdrawn[id] = &withdrawal{drain: &v1.DrainInfo{State: v1.DrainState_DRAINING.Enum(), Config: config}, began: time.Now()}
		if a := m.agents[id]; a != nil {
			m.hold(a)
			m.repeatDrain(a)
			m.checkDrained(a)
		}
		done(answer{Code: http.StatusOK})
	})
}

// repeatDrain tells an agent that it drains. A lost session may have swallowed
// that, or it came back from somewhere.
func (m *Master) repeatDrain(a *agent) {
	if w := m.withdrawn[a.id]; w.draining() {
		m.send(a, &internalpb.DrainSlaveMessage{Config: w.drain.GetConfig()})
	}
}

func (w *withdrawal) draining() bool {
	return w != nil && w.drain.GetState() == v1.DrainState_DRAINING
}

// checkDrained goes on when the last task and operation of a draining agent is
// over: acknowledged, so that nobody waits for a word of the agent any more.
func (m *Master) checkDrained(a *agent) {
	w := m.withdrawn[a.id]
	if !w.draining() || w.finishing || !a.reported || m.lives.Of(a.id) != life.Registered || len(a.tasks)+len(a.operations) > 0 {
		return
	}
	if w.drain.GetConfig().GetMarkGone() {
		m.log.Info("agent drained, and is marked gone", "agent_id", a.id)
		m.markGone(a.id, func(answer) {}) // it is registered: nothing can be refused
		return
	}
	w.finishing = true
	m.keep(registry.Drained(a.id), func(err error) {
		w.finishing = false
		switch {
		case err != nil:
			m.log.Warn("a drained agent is not draining any more", "agent_id", a.id, "error", err)
		case m.withdrawn[a.id] == w:
			m.log.Info("agent drained", "agent_id", a.id)
			w.drain = &v1.DrainInfo{State: v1.DrainState_DRAINED.Enum(), Config: w.drain.GetConfig()}
		}
	})
}

// deactivate stops the offers of an agent; its tasks run on.
func (m *Master) deactivate(id string, done func(answer)) {
	const field = "deactivate_agent.agent_id"
	if no := m.withdrawable(field, id); no != nil {
		done(*no)
		return
	}
	m.keep(registry.Deactivate(id), func(err error) {
		if err != nil {
			done(withdrawalRefused(field, err))
			return
		}
		m.log.Info("agent deactivated", "agent_id", id)
		if m.withdrawn[id] == nil {
			m.withdrawn[id] = &withdrawal{}
		}
		if a := m.agents[id]; a != nil {
			m.hold(a)
		}
		done(answer{Code: http.StatusOK})
	})
}

// reactivate lets an agent be offered again that was deactivated or is drained.
func (m *Master) reactivate(id string, done func(answer)) {
	const field = "reactivate_agent.agent_id"
	if no := m.withdrawable(field, id); no != nil {
		done(*no)
		return
	}
	m.keep(registry.Reactivate(id), func(err error) {
		if err != nil {
			done(withdrawalRefused(field, err))
			return
		}
		m.log.Info("agent reactivated", "agent_id", id)
		delete(m.withdrawn, id)
		if a := m.agents[id]; a != nil {
			m.activate(a)
		}
		done(answer{Code: http.StatusOK})
	})
}

// withdrawalRefused answers what the registry did not allow. It knew the agent
// when the order came: one that it does not know now went in between.
func withdrawalRefused(field string, err error) answer {
	if errors.Is(err, registry.ErrUnknown) || errors.Is(err, registry.ErrGone) {
		return conflict("%s: the agent was removed meanwhile: %v", field, err)
	}
	return answer{Code: http.StatusBadRequest, Text: fmt.Sprintf("%s: %v", field, err)}
}

func (a *agent) can(c v1.AgentInfo_Capability_Type) bool {
	for _, have := range a.capabilities {
		if have == c {
			return true
		}
	}
	return false
}
