package master

import (
	"mesos/actors/master/gauges"
	"mesos/actors/metrics"
)

// messageMetrics count messages by their kind, and those that were of no use.
type messageMetrics struct {
	reregisterFramework, deactivateFramework, authenticate *metrics.Counter
	statusUpdates, exitedExecutors, updateAgents           *metrics.Counter
	executorToFramework                                    *metrics.Counter
	validToExecutor, invalidToExecutor                     *metrics.Counter
	validToFramework, invalidToFramework                   *metrics.Counter
	validAcks                                              *metrics.Counter
	dropped                                                *metrics.Counter
}

func newMessageMetrics(r *metrics.Registry) messageMetrics {
	return messageMetrics{
		reregisterFramework: r.Counter("master/messages_reregister_framework", "Subscriptions of frameworks that have an id."),
		deactivateFramework: r.Counter("master/messages_deactivate_framework", "Messages of drivers that want no more offers."),
		authenticate:        r.Counter("master/messages_authenticate", "Messages of drivers and agents that want to authenticate."),
		statusUpdates:       r.Counter("master/messages_status_update", "Status updates that agents sent."),
		exitedExecutors:     r.Counter("master/messages_exited_executor", "Messages of agents about executors that ended."),
		updateAgents:        r.Counter("master/messages_update_slave", "Reports of agents about their resources and operations."),
		executorToFramework: r.Counter("master/messages_executor_to_framework", "Messages of executors for their frameworks."),
		validToExecutor:     r.Counter("master/valid_framework_to_executor_messages", "Messages of frameworks that were forwarded to an agent."),
		invalidToExecutor:   r.Counter("master/invalid_framework_to_executor_messages", "Messages of frameworks for agents that are not registered."),
		validToFramework:    r.Counter("master/valid_executor_to_framework_messages", "Messages of executors that were forwarded to their framework."),
		invalidToFramework:  r.Counter("master/invalid_executor_to_framework_messages", "Messages of executors whose agent or framework is not known."),
		validAcks:           r.Counter("master/valid_status_update_acknowledgements", "Acknowledgements that were forwarded."),
		dropped:             r.Counter("master/dropped_messages", "Messages that came before the registry was read, or of drivers that are not subscribed."),
	}
}

var (
	queueMessagesDesc   = metrics.GaugeDesc("", "Messages that wait for the master.")
	queueDispatchesDesc = metrics.GaugeDesc("", "Other work that waits for the master, calls by HTTP among it.")
	queueRequestsDesc   = metrics.GaugeDesc("", "HTTP requests in the queue of messages: none ever is, they wait as dispatches.")
	subscribersDesc     = metrics.GaugeDesc("", "Readers of the operator event stream.")
)

// gatherQueue emits how much waits for the master.
func (m *Master) gatherQueue(emit gauges.Emit) {
	messages, dispatches := m.p.Waiting()
	emit("master/event_queue_messages", queueMessagesDesc, float64(messages))
	emit("master/event_queue_dispatches", queueDispatchesDesc, float64(dispatches))
	emit("master/event_queue_http_requests", queueRequestsDesc, 0)
	emit("master/operator_event_stream_subscribers", subscribersDesc, float64(m.subs.Count()))
}
