package counters

import (
	"strings"

	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// operationMetrics are the counters of operations, under Mesos's names.
type operationMetrics struct {
	Updates, ValidUpdates, InvalidUpdates, ValidAcks, InvalidAcks *metrics.Counter

	ended map[v1.OperationState]*metrics.Counter
}

func newOperationMetrics(r *metrics.Registry) operationMetrics {
	m := operationMetrics{
		Updates:        r.Counter("master/messages_operation_status_update", "Operation statuses that agents sent."),
		ValidUpdates:   r.Counter("master/valid_operation_status_updates", "Operation statuses of registered agents."),
		InvalidUpdates: r.Counter("master/invalid_operation_status_updates", "Operation statuses of agents that are not registered."),
		ValidAcks:      r.Counter("master/valid_operation_status_update_acknowledgements", "Acknowledgements of operation statuses that were forwarded."),
		InvalidAcks:    r.Counter("master/invalid_operation_status_update_acknowledgements", "Acknowledgements of operation statuses that could not be forwarded."),
		ended:          map[v1.OperationState]*metrics.Counter{},
	}
	for _, s := range []v1.OperationState{
		v1.OperationState_OPERATION_FINISHED, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_ERROR,
		v1.OperationState_OPERATION_DROPPED, v1.OperationState_OPERATION_GONE_BY_OPERATOR,
	} {
		name := strings.ToLower(strings.TrimPrefix(s.String(), "OPERATION_"))
		m.ended[s] = r.Counter("master/operations/"+name, "Operations that ended in "+s.String()+".")
	}
	return m
}

// Over counts an operation that ended.
func (m *operationMetrics) Over(s v1.OperationState) {
	if c := m.ended[s]; c != nil {
		c.Inc()
	}
}
