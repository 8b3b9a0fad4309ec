package master

import (
	"time"

	"mesos/actors/metrics"
)

// removalReason is why an agent left, as the counters name it.
type removalReason string

const (
	removedUnhealthy    removalReason = "unhealthy"    // it did not answer, or did not come back
	removedUnregistered removalReason = "unregistered" // it said so
	removedReplaced     removalReason = "registered"   // another is at its address
	removedByOperator   removalReason = ""             // Mesos counts those in the sum alone
)

// agentMetrics count what happens to agents and to the registry.
type agentMetrics struct {
	agentRegistrations, agentReregistrations                     *metrics.Counter
	registerMessages, reregisterMessages, unregisterMessages     *metrics.Counter
	agentsUnreachable, unreachableScheduled, unreachableCanceled both
	recoveryRemovals, removals                                   *metrics.Counter
	removalsBy                                                   map[removalReason]*metrics.Counter
	registryFetched, registryStored                              *metrics.Timer
}

// registryWindow is the time that the registry's timers look back.
const registryWindow = 24 * time.Hour

func newAgentMetrics(r *metrics.Registry) agentMetrics {
	m := agentMetrics{
		agentRegistrations:   r.Counter("master/slave_registrations", "Agents that were admitted for the first time."),
		agentReregistrations: r.Counter("master/slave_reregistrations", "Agents that came back under their ids."),
		registerMessages:     r.Counter("master/messages_register_slave", "Messages of agents that want to be admitted."),
		reregisterMessages:   r.Counter("master/messages_reregister_slave", "Messages of agents that want to come back."),
		unregisterMessages:   r.Counter("master/messages_unregister_slave", "Messages of agents that leave."),
		agentsUnreachable:    newBoth(r, "completed", "Agents that were marked unreachable."),
		unreachableScheduled: newBoth(r, "scheduled", "Agents that were to be marked unreachable when the rate limit allows it."),
		unreachableCanceled:  newBoth(r, "canceled", "Agents that came back before they were marked unreachable."),
		recoveryRemovals:     r.Counter("master/recovery_slave_removals", "Agents that did not come back after this master began to lead."),
		removals:             r.Counter("master/slave_removals", "Agents that were removed, for any reason."),
		removalsBy:           map[removalReason]*metrics.Counter{},
		registryFetched:      r.Timer("registrar/state_fetch_ms", "Time to read the registry.", registryWindow),
		registryStored:       r.Timer("registrar/state_store_ms", "Time of one write to the registry.", registryWindow),
	}
	for why, help := range map[removalReason]string{
		removedUnhealthy:    "Agents that were removed because they did not answer or did not come back.",
		removedUnregistered: "Agents that were removed because they unregistered.",
		removedReplaced:     "Agents that were removed because another registered at their address.",
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

// removal counts an agent that was removed.
func (m *agentMetrics) removal(why removalReason) {
	m.removals.Inc()
	if c := m.removalsBy[why]; c != nil {
		c.Inc()
	}
}

var (
	queuedDesc       = metrics.GaugeDesc("", "Operations that wait for the registry.")
	registrySizeDesc = metrics.GaugeDesc("bytes", "Size of all that the registry holds.")
	recoveredDesc    = metrics.GaugeDesc("", "1 if the registry is read.")
)
