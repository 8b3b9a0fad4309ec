package master

import (
	"context"
	"strings"
	"time"

	"mesos/actors/master/gauges"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/states"
)

// Metrics are the counters of one master, under the names that Mesos gives them.
type Metrics struct {
	calls map[schedulerv1.Call_Type]*metrics.Counter
	ended map[v1.TaskState]*metrics.Counter

	tasksLaunched, offersSent, offersAccepted, offersDeclined, offersRescinded *metrics.Counter
	validUpdates, invalidUpdates, invalidAcks                                  *metrics.Counter

	registry *metrics.Registry
	reasons  map[string]*metrics.Counter // of ended tasks, by name; made when the first comes

	agentMetrics
	messageMetrics
	operations operationMetrics
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

func newMetrics(r *metrics.Registry) *Metrics {
	m := &Metrics{calls: map[schedulerv1.Call_Type]*metrics.Counter{}, ended: map[v1.TaskState]*metrics.Counter{}, registry: r, reasons: map[string]*metrics.Counter{}}
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
	m.tasksLaunched = r.Counter("master/tasks_launched", "Tasks that were sent to an agent.")
	m.offersSent = r.Counter("master/offers_sent", "Offers made.")
	m.offersAccepted = r.Counter("master/offers_accepted", "Offers that a framework accepted.")
	m.offersDeclined = r.Counter("master/offers_declined", "Offers that a framework declined.")
	m.offersRescinded = r.Counter("master/offers_rescinded", "Offers taken back by the master.")
	m.validUpdates = r.Counter("master/valid_status_updates", "Status updates of registered agents.")
	m.invalidUpdates = r.Counter("master/invalid_status_updates", "Status updates of agents that are not registered.")
	m.invalidAcks = r.Counter("master/invalid_status_update_acknowledgements", "Acknowledgements that could not be forwarded.")
	m.agentMetrics, m.messageMetrics = newAgentMetrics(r), newMessageMetrics(r)
	m.operations = newOperationMetrics(r)
	return m
}

func (m *Metrics) call(t schedulerv1.Call_Type) {
	if c := m.calls[t]; c != nil {
		c.Inc()
	}
}

// subscribed counts a subscription: the first of a framework, or another.
func (m *Metrics) subscribed(sub *schedulerv1.Call_Subscribe) {
	if sub.GetFrameworkInfo().GetId().GetValue() != "" {
		m.reregisterFramework.Inc()
		return
	}
	m.call(schedulerv1.Call_SUBSCRIBE)
}

var (
	electedDesc = metrics.GaugeDesc("", "1 if this master leads.")
	uptimeDesc  = metrics.GaugeDesc("secs", "Seconds since this master started.")
)

// gather is a metrics.Source: it counts in a picture, beside the actor.
func (m *Master) gather(_ context.Context, emit gauges.Emit) {
	c, err := m.Snapshot()
	if err != nil {
		return // the master is stopping
	}
	gauges.Cluster(c, emit)
	if !m.conf.NoFrameworkMetrics {
		gauges.Frameworks(c, emit)
	}
	m.gatherQueue(emit)
	emit("master/elected", electedDesc, 1)
	emit("master/uptime_secs", uptimeDesc, time.Since(m.start).Seconds())
}

// gatherStandby tells that a standby master does not lead.
func (h *HTTP) gatherStandby(_ context.Context, emit gauges.Emit) {
	if h.gate.StandsBy() {
		emit("master/elected", electedDesc, 0)
	}
}
