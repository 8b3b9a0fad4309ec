// Package counters is what the master counts as it happens, under the names that
// Mesos gives it. The master adds to them on its actor; what can be counted when
// somebody asks is in package gauges.
package counters

import (
	"fmt"
	"strings"

	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/states"
)

// Counters are those of one master.
type Counters struct {
	calls map[schedulerv1.Call_Type]*metrics.Counter
	ended map[v1.TaskState]*metrics.Counter

	TasksLaunched, OffersSent, OffersAccepted, OffersDeclined, OffersRescinded *metrics.Counter
	ValidUpdates, InvalidUpdates, InvalidAcks                                  *metrics.Counter

	registry *metrics.Registry
	reasons  map[string]*metrics.Counter // of ended tasks, by name; made when the first comes

	agentMetrics
	messageMetrics
	Operations operationMetrics
}

// callMetrics are the counters of calls; Mesos names them by the messages of old.
var callMetrics = map[schedulerv1.Call_Type]string{
	schedulerv1.Call_SUBSCRIBE:   "master/messages_register_framework",
	schedulerv1.Call_TEARDOWN:    "master/messages_unregister_framework",
	schedulerv1.Call_ACCEPT:      "master/messages_launch_tasks",
	schedulerv1.Call_DECLINE:     "master/messages_decline_offers",
	schedulerv1.Call_REVIVE:      "master/messages_revive_offers",
	schedulerv1.Call_SUPPRESS:    "master/messages_suppress_offers",
	schedulerv1.Call_KILL:        "master/messages_kill_task",
	schedulerv1.Call_ACKNOWLEDGE: "master/messages_status_update_acknowledgement",
	schedulerv1.Call_RECONCILE:   "master/messages_reconcile_tasks",
	schedulerv1.Call_MESSAGE:     "master/messages_framework_to_executor",
	schedulerv1.Call_REQUEST:     "master/messages_resource_request",

	schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS: "master/messages_operation_status_update_acknowledgement",
	schedulerv1.Call_RECONCILE_OPERATIONS:         "master/messages_reconcile_operations",
}

// New registers the counters.
func New(r *metrics.Registry) *Counters {
	m := &Counters{calls: map[schedulerv1.Call_Type]*metrics.Counter{}, ended: map[v1.TaskState]*metrics.Counter{}, registry: r, reasons: map[string]*metrics.Counter{}}
	for c, name := range callMetrics {
		m.calls[c] = r.Counter(name, "Scheduler calls of type "+c.String()+".")
	}
	for n, name := range v1.TaskState_name {
		s := v1.TaskState(n)
		if !states.Terminal(s) {
			continue
		}
		m.ended[s] = r.Counter("master/tasks_"+strings.ToLower(strings.TrimPrefix(name, "TASK_")), "Tasks that ended in "+name+".")
	}
	m.TasksLaunched = r.Counter("master/tasks_launched", "Tasks that were sent to an agent.")
	m.OffersSent = r.Counter("master/offers_sent", "Offers made.")
	m.OffersAccepted = r.Counter("master/offers_accepted", "Offers that a framework accepted.")
	m.OffersDeclined = r.Counter("master/offers_declined", "Offers that a framework declined.")
	m.OffersRescinded = r.Counter("master/offers_rescinded", "Offers taken back by the master.")
	m.ValidUpdates = r.Counter("master/valid_status_updates", "Status updates of registered agents.")
	m.InvalidUpdates = r.Counter("master/invalid_status_updates", "Status updates of agents that are not registered.")
	m.InvalidAcks = r.Counter("master/invalid_status_update_acknowledgements", "Acknowledgements that could not be forwarded.")
	m.agentMetrics, m.messageMetrics = newAgentMetrics(r), newMessageMetrics(r)
	m.Operations = newOperationMetrics(r)
	return m
}

// Call counts a call of a scheduler.
func (m *Counters) Call(t schedulerv1.Call_Type) {
	if c := m.calls[t]; c != nil {
		c.Inc()
	}
}

// Subscribed counts a subscription: the first of a framework, or another.
func (m *Counters) Subscribed(sub *schedulerv1.Call_Subscribe) {
	if sub.GetFrameworkInfo().GetId().GetValue() != "" {
		m.ReregisterFramework.Inc()
		return
	}
	m.Call(schedulerv1.Call_SUBSCRIBE)
}

// Ended counts a terminal status; those that say why, by that too.
func (m *Counters) Ended(s *v1.TaskStatus) {
	if c := m.ended[s.GetState()]; c != nil {
		c.Inc()
	}
	if s.Source == nil || s.Reason == nil {
		return
	}
	word := func(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }
	name := fmt.Sprintf("master/task_%s/source_%s/reason_%s", word(s.GetState().String(), "TASK_"),
		word(s.GetSource().String(), "SOURCE_"), word(s.GetReason().String(), "REASON_"))
	if m.reasons[name] == nil {
		m.reasons[name] = m.registry.Counter(name, fmt.Sprintf("Tasks that ended in %s, said by %s for %s.", s.GetState(), s.GetSource(), s.GetReason()))
	}
	m.reasons[name].Inc()
}
