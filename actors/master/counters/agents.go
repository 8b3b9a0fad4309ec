package counters

import (
	"time"

	"mesos/actors/metrics"
)

// RemovalReason is why an agent left, as the counters name it.
type RemovalReason string

// Why agents leave.
const (
	Unhealthy    RemovalReason = "unhealthy"    // it did not answer, or did not come back
	Unregistered RemovalReason = "unregistered" // it said so
	Replaced     RemovalReason = "registered"   // another is at its address
	ByOperator   RemovalReason = ""             // Mesos counts those in the sum alone
)

// agentMetrics count what happens to agents and to the registry.
type agentMetrics struct {
	AgentRegistrations, AgentReregistrations                     *metrics.Counter
	RegisterMessages, ReregisterMessages, UnregisterMessages     *metrics.Counter
	AgentsUnreachable, UnreachableScheduled, UnreachableCanceled both
	RecoveryRemovals, removals                                   *metrics.Counter
	removalsBy                                                   map[RemovalReason]*metrics.Counter
	RegistryFetched, RegistryStored                              *metrics.Timer
}

// registryWindow is the time that the registry's timers look back.
const registryWindow = 24 * time.Hour

func newAgentMetrics(r *metrics.Registry) agentMetrics {
	m := agentMetrics{
		AgentRegistrations:   r.Counter("master/slave_registrations", "Agents that were admitted for the first time."),
		AgentReregistrations: r.Counter("master/slave_reregistrations", "Agents that came back under their ids."),
		RegisterMessages:     r.Counter("master/messages_register_slave", "Messages of agents that want to be admitted."),
		ReregisterMessages:   r.Counter("master/messages_reregister_slave", "Messages of agents that want to come back."),
		UnregisterMessages:   r.Counter("master/messages_unregister_slave", "Messages of agents that leave."),
		AgentsUnreachable:    newBoth(r, "completed", "Agents that were marked unreachable."),
		UnreachableScheduled: newBoth(r, "scheduled", "Agents that were to be marked unreachable when the rate limit allows it."),
		UnreachableCanceled:  newBoth(r, "canceled", "Agents that came back before they were marked unreachable."),
		RecoveryRemovals:     r.Counter("master/recovery_slave_removals", "Agents that did not come back after this master began to lead."),
		removals:             r.Counter("master/slave_removals", "Agents that were removed, for any reason."),
		removalsBy:           map[RemovalReason]*metrics.Counter{},
		RegistryFetched:      r.Timer("registrar/state_fetch_ms", "Time to read the registry.", registryWindow),
		RegistryStored:       r.Timer("registrar/state_store_ms", "Time of one write to the registry.", registryWindow),
	}
	for why, help := range map[RemovalReason]string{
		Unhealthy:    "Agents that were removed because they did not answer or did not come back.",
		Unregistered: "Agents that were removed because they unregistered.",
		Replaced:     "Agents that were removed because another registered at their address.",
	} {
		m.removalsBy[why] = r.Counter("master/slave_removals/reason_"+string(why), help)
	}
	return m
}

// both are a counter under its name and under that which it had when agents were shut down instead.
type both [2]*metrics.Counter

func newBoth(r *metrics.Registry, name, help string) both {
	return both{r.Counter("master/slave_unreachable_"+name, help), r.Counter("master/slave_shutdowns_"+name, help+" The name is an old one.")}
}

// Inc adds one.
func (b both) Inc() { b[0].Inc(); b[1].Inc() }

// Removal counts an agent that was removed.
func (m *agentMetrics) Removal(why RemovalReason) {
	m.removals.Inc()
	if c := m.removalsBy[why]; c != nil {
		c.Inc()
	}
}
