package counters

import (
	"strings"

	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
)

// operationMetrics are the counters of operations, under Mesos's names.
type operationMetrics struct {
	Updates, ValidUpdates, InvalidUpdates, ValidAcks, InvalidAcks *metrics.Counter

	ended  map[v1.OperationState]*metrics.Counter
	byType map[v1.Offer_Operation_Type]map[v1.OperationState]*metrics.Counter
}

// operationTypes are those that an agent carries out: launches are counted as tasks.
var operationTypes = []v1.Offer_Operation_Type{
	v1.Offer_Operation_RESERVE, v1.Offer_Operation_UNRESERVE, v1.Offer_Operation_CREATE, v1.Offer_Operation_DESTROY,
	v1.Offer_Operation_GROW_VOLUME, v1.Offer_Operation_SHRINK_VOLUME, v1.Offer_Operation_CREATE_DISK, v1.Offer_Operation_DESTROY_DISK,
}

func newOperationMetrics(r *metrics.Registry) operationMetrics {
	m := operationMetrics{
		Updates:        r.Counter("master/messages_operation_status_update", "Operation statuses that agents sent."),
		ValidUpdates:   r.Counter("master/valid_operation_status_updates", "Operation statuses of registered agents."),
		InvalidUpdates: r.Counter("master/invalid_operation_status_updates", "Operation statuses of agents that are not registered."),
		ValidAcks:      r.Counter("master/valid_operation_status_update_acknowledgements", "Acknowledgements of operation statuses that were forwarded."),
		InvalidAcks:    r.Counter("master/invalid_operation_status_update_acknowledgements", "Acknowledgements of operation statuses that could not be forwarded."),
		ended:          map[v1.OperationState]*metrics.Counter{},
		byType:         map[v1.Offer_Operation_Type]map[v1.OperationState]*metrics.Counter{},
	}
	for _, t := range operationTypes {
		m.byType[t] = map[v1.OperationState]*metrics.Counter{}
	}
	for _, s := range []v1.OperationState{
		v1.OperationState_OPERATION_FINISHED, v1.OperationState_OPERATION_FAILED, v1.OperationState_OPERATION_ERROR,
		v1.OperationState_OPERATION_DROPPED, v1.OperationState_OPERATION_GONE_BY_OPERATOR,
	} {
		name := strings.ToLower(strings.TrimPrefix(s.String(), "OPERATION_"))
		m.ended[s] = r.Counter("master/operations/"+name, "Operations that ended in "+s.String()+".")
		for t, ended := range m.byType {
			ended[s] = r.Counter("master/operations/"+strings.ToLower(t.String())+"/"+name, "Operations "+t.String()+" that ended in "+s.String()+".")
		}
	}
	return m
}

// Over counts an operation that ended.
func (m *operationMetrics) Over(t v1.Offer_Operation_Type, s v1.OperationState) {
	if c := m.ended[s]; c != nil {
		c.Inc()
	}
	if c := m.byType[t][s]; c != nil {
		c.Inc()
	}
}

var (
	knownDesc   = metrics.GaugeDesc("", "Operations that this master knows of: those under way and those that ended.")
	pendingDesc = metrics.GaugeDesc("", "Operations under way.")
	awayDesc    = metrics.GaugeDesc("", "Operations of agents that are away: none, they are unknown here until their agent tells them.")
)

// Emit tells how many operations there are, given those under way.
func (m *operationMetrics) Emit(pending map[v1.Offer_Operation_Type]int, emit func(name string, d *metrics.Desc, value float64)) {
	tell := func(prefix string, known, pending float64) {
		emit(prefix+"total", knownDesc, known)
		emit(prefix+"pending", pendingDesc, pending)
		emit(prefix+"recovering", awayDesc, 0)
		emit(prefix+"unreachable", awayDesc, 0)
	}
	var allKnown, allPending float64
	for _, t := range operationTypes {
		n := float64(pending[t])
		known := n
		for _, c := range m.byType[t] {
			known += float64(c.Value())
		}
		allKnown, allPending = allKnown+known, allPending+n
		tell("master/operations/"+strings.ToLower(t.String())+"/", known, n)
	}
	tell("master/operations/", allKnown, allPending)
}
