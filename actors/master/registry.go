package master

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors"
	"mesos/actors/master/counters"
	"mesos/actors/master/life"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/ordered"
	"mesos/registry"
)

// startRegistry begins to read the registry. Until that is done the master takes
// no message and no call.
func (m *Master) startRegistry(p *actors.Process) {
	store := m.conf.Store
	if store == nil {
		store = registry.NewMemory()
	}
	if g, ok := store.(registry.Guarded); ok {
		m.deposed = g.Deposed
	}
	m.registry = registry.Start(store, registry.Options{
		Log: m.log, FetchTimeout: m.conf.RegistryFetchTimeout, StoreTimeout: m.conf.RegistryStoreTimeout, OnLost: m.conf.OnFailed,
		Fetched: m.metrics.RegistryFetched.Observe, Stored: m.metrics.RegistryStored.Observe,
	}, func(s *registry.State, err error) {
		if err == nil {
			p.Dispatch(func() { m.recoverRegistry(s) })
		}
	})
	p.OnStop(m.registry.Close)
}

// keep lets the registry carry out an operation. then runs on the actor when it is
// durable or refused. When the registry is lost nothing runs any more: the master
// ends.
func (m *Master) keep(op registry.Operation, then func(error)) {
	m.registry.Apply(op, func(err error) {
		var refused *registry.OperationError
		if err != nil && !errors.As(err, &refused) && !errors.Is(err, registry.ErrTooLarge) {
			return
		}
		m.p.Dispatch(func() { then(err) })
	})
}

// kept is a then for operations that cannot be refused.
func (m *Master) kept(what string, then func()) func(error) {
	return func(err error) {
		if err != nil {
			m.log.Error("the registry refused what the master decided", "operation", what, "error", err)
			return
		}
		if then != nil {
			then()
		}
	}
}

// earlyLimit bounds the messages that wait for the registry. Others are dropped, and
// who sent them sends them again, some time later.
const earlyLimit = 1000

// afterRecovery keeps messages that come before the registry is read until it is:
// agents and schedulers hear of a new leader at once, and would try again only after
// a second or more. It drops those that come after another master may lead: a program
// that was stopped finds them when it goes on, before it has learned that it is over.
func afterRecovery[P proto.Message](m *Master, h func(actors.UPID, P)) (handle func(actors.UPID, P)) {
	handle = func(from actors.UPID, msg P) {
		switch {
		case !m.recovered && len(m.early) < earlyLimit:
			m.early = append(m.early, func() { handle(from, msg) })
		case !m.recovered || m.deposed() != nil:
			m.metrics.Dropped.Inc()
		default:
			h(from, msg)
		}
	}
	return handle
}

// Recovered is closed when the registry is read: from then on calls are served.
func (m *Master) Recovered() <-chan struct{} { return m.recovery }

// recoverRegistry takes up what an earlier master left.
func (m *Master) recoverRegistry(s *registry.State) {
	if lacking := s.Lacking(); len(lacking) > 0 {
		m.conf.OnFailed(fmt.Errorf("the registry asks for minimum capabilities that this version does not have: %s: start a version that has them", strings.Join(lacking, ", ")))
		return
	}
	m.fresh = s.Empty()
	for _, a := range s.Agents() {
		id := a.GetInfo().GetId().GetValue()
		m.lives.Must(id, life.FoundAdmitted)
		m.recovering[id] = a.GetInfo()
		m.recoverWithdrawal(id, a.GetDrainInfo(), a.GetDeactivated())
	}
	for _, a := range s.UnreachableAgents() {
		m.lives.Must(a.GetId().GetValue(), life.FoundUnreachable)
		m.away.unreachable[a.GetId().GetValue()] = a.GetTimestamp()
		m.recoverWithdrawal(a.GetId().GetValue(), a.GetDrainInfo(), a.GetDeactivated())
	}
	for _, a := range s.GoneAgents() {
		m.lives.Must(a.GetId().GetValue(), life.FoundGone)
		m.away.gone[a.GetId().GetValue()] = true
	}
	m.recoverMaintenance(s)
	m.recoverFrameworks(s)
	m.recoverRoles(s, len(m.recovering))
	m.log.Info("registry recovered", "admitted", len(m.recovering), "unreachable", len(m.away.unreachable), "gone", len(m.away.gone), "frameworks", len(m.frameworks))
	admitted := len(m.recovering)
	m.p.Delay(m.conf.AgentReregisterTimeout, func() { m.recoveryOver(admitted) })
	m.p.Delay(m.conf.RegistryGCInterval, m.prune)
	m.recovered = true
	close(m.recovery)
	for _, handle := range m.early {
		handle()
	}
	m.early = nil
}

// recoveryOver gives up those that an earlier master admitted and that did not
// come back in time, unless they are so many that something else must be wrong.
func (m *Master) recoveryOver(admitted int) {
	var missing []string
	for id := range ordered.All(m.recovering) {
		if m.lives.Of(id) == life.Recovering {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return
	}
	if back := float64(admitted-len(missing)) / float64(admitted); back < m.conf.RecoveredAgentsNeeded {
		m.conf.OnFailed(fmt.Errorf("%d of %d agents did not come back within %v (--agent_reregister_timeout): more than --recovery_agent_removal_limit allows to be given up (%.4g%%); nothing was changed: see why they cannot reach this master",
			len(missing), admitted, m.conf.AgentReregisterTimeout, 100*(1-m.conf.RecoveredAgentsNeeded)))
		return
	}
	slices.Sort(missing)
	for _, id := range missing {
		m.scheduleRemoval(id, func() { m.giveUpRecovering(id) })
	}
}

// giveUpRecovering marks an agent unreachable that only the registry knows.
func (m *Master) giveUpRecovering(id string) {
	if m.lives.Of(id) != life.Recovering {
		return
	}
	m.lives.Must(id, life.Lost)
	since := time.Now()
	m.log.Info("agent did not come back", "agent_id", id, "since", m.start)
	m.keep(registry.MarkUnreachable(id, since), m.kept("mark unreachable", func() {
		delete(m.recovering, id)
		m.lives.Must(id, life.MarkedUnreachable)
		m.away.unreachable[id] = &v1.TimeInfo{Nanoseconds: proto.Int64(since.UnixNano())}
		m.metrics.AgentsUnreachable.Inc()
		m.metrics.RecoveryRemovals.Inc()
		m.metrics.Removal(counters.Unhealthy)
		m.tellAgentLost(id)
	}))
}

// prune lets the registry forget what is too old or too much, and forgets it, too.
func (m *Master) prune() {
	op := registry.Prune(time.Now(), registry.Limit{Age: m.conf.RegistryMaxAgentAge, Count: m.conf.RegistryMaxAgentCount}, m.registry.Limits().Rows-1)
	var pruned []registry.Change
	m.keep(func(s *registry.State) (changes []registry.Change, err error) {
		pruned, err = op(s)
		return pruned, err
	}, m.kept("prune", func() {
		for _, c := range pruned {
			m.forgetPruned(c)
		}
		if len(pruned) > 0 {
			m.log.Info("old registry entries pruned", "entries", len(pruned))
			m.prune() // there may be more than one write holds
			return
		}
		m.p.Delay(m.conf.RegistryGCInterval, m.prune)
	}))
}

func (m *Master) forgetPruned(c registry.Change) {
	switch c.Table {
	case registry.Unreachable:
		// It may be on its way back, or being given up: the registry takes both
		// for an agent that it does not know.
		if m.step(c.Key, life.Pruned) {
			delete(m.away.unreachable, c.Key)
			delete(m.withdrawn, c.Key)
		}
	case registry.Gone:
		m.lives.Must(c.Key, life.Pruned)
		delete(m.away.gone, c.Key)
	case registry.Frameworks:
		delete(m.removedFrameworks, c.Key)
	}
}
