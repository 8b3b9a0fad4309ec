package counters

import (
	"mesos/actors/metrics"
)

// messageMetrics count messages by their kind, and those that were of no use.
type messageMetrics struct {
	ReregisterFramework, DeactivateFramework, Authenticate *metrics.Counter
	StatusUpdates, ExitedExecutors, UpdateAgents           *metrics.Counter
	ExecutorToFramework                                    *metrics.Counter
	ValidToExecutor, InvalidToExecutor                     *metrics.Counter
	ValidToFramework, InvalidToFramework                   *metrics.Counter
	ValidAcks                                              *metrics.Counter
	Dropped                                                *metrics.Counter
}

func newMessageMetrics(r *metrics.Registry) messageMetrics {
	return messageMetrics{
		ReregisterFramework: r.Counter("master/messages_reregister_framework", "Subscriptions of frameworks that have an id."),
		DeactivateFramework: r.Counter("master/messages_deactivate_framework", "Messages of drivers that want no more offers."),
		Authenticate:        r.Counter("master/messages_authenticate", "Messages of drivers and agents that want to authenticate."),
		StatusUpdates:       r.Counter("master/messages_status_update", "Status updates that agents sent."),
		ExitedExecutors:     r.Counter("master/messages_exited_executor", "Messages of agents about executors that ended."),
		UpdateAgents:        r.Counter("master/messages_update_slave", "Reports of agents about their resources and operations."),
		ExecutorToFramework: r.Counter("master/messages_executor_to_framework", "Messages of executors for their frameworks."),
		ValidToExecutor:     r.Counter("master/valid_framework_to_executor_messages", "Messages of frameworks that were forwarded to an agent."),
		InvalidToExecutor:   r.Counter("master/invalid_framework_to_executor_messages", "Messages of frameworks for agents that are not registered."),
		ValidToFramework:    r.Counter("master/valid_executor_to_framework_messages", "Messages of executors that were forwarded to their framework."),
		InvalidToFramework:  r.Counter("master/invalid_executor_to_framework_messages", "Messages of executors whose agent or framework is not known."),
		ValidAcks:           r.Counter("master/valid_status_update_acknowledgements", "Acknowledgements that were forwarded."),
		Dropped:             r.Counter("master/dropped_messages", "Messages that came before the registry was read, or of drivers that are not subscribed."),
	}
}
