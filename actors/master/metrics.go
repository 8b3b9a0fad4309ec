package master

import (
	"context"
	"strings"
	"time"

	"mesos/actors/master/view"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
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
	electedDesc    = metrics.GaugeDesc("", "1 if this master leads.")
	uptimeDesc     = metrics.GaugeDesc("secs", "Seconds since this master started.")
	agentsDesc     = metrics.GaugeDesc("", "Agents by state.")
	frameworksDesc = metrics.GaugeDesc("", "Frameworks by state.")
	tasksDesc      = metrics.GaugeDesc("", "Tasks by state.")
	offersDesc     = metrics.GaugeDesc("", "Offers that frameworks hold.")
	resourceDesc   = metrics.GaugeDesc("", "Resources of all active agents.")
)

// gather is a metrics.Source: it counts in a picture, beside the actor.
func (m *Master) gather(_ context.Context, emit func(name string, d *metrics.Desc, value float64)) {
	c, err := m.Snapshot()
	if err != nil {
		return // the master is stopping
	}
	if !m.conf.NoFrameworkMetrics {
		gatherFrameworks(c, emit)
	}
	m.gatherQueue(emit)
	n := count(c)
	emit("master/elected", electedDesc, 1)
	emit("master/uptime_secs", uptimeDesc, time.Since(m.start).Seconds())
	for name, v := range n.agents {
		emit("master/slaves_"+name, agentsDesc, float64(v))
	}
	for name, v := range n.frameworks {
		emit("master/frameworks_"+name, frameworksDesc, float64(v))
	}
	for st, v := range n.tasks {
		emit("master/tasks_"+strings.ToLower(strings.TrimPrefix(st.String(), "TASK_")), tasksDesc, float64(v))
	}
	emit("master/outstanding_offers", offersDesc, float64(n.offers))
	for _, name := range []string{"cpus", "mem", "disk", "gpus"} {
		emitShare(emit, "master/"+name, n.total[name].Float(), n.used[name].Float())
		emitShare(emit, "master/"+name+"_revocable", n.revocable.total[name].Float(), n.revocable.used[name].Float())
	}
}

// gatherStandby tells that a standby master does not lead.
func (h *HTTP) gatherStandby(_ context.Context, emit func(name string, d *metrics.Desc, value float64)) {
	if h.gate.StandsBy() {
		emit("master/elected", electedDesc, 0)
	}
}

// emitShare emits an amount, how much of it is used, and what part of it that is, from 0 to 1.
func emitShare(emit emitter, name string, total, used float64) {
	emit(name+"_total", resourceDesc, total)
	emit(name+"_used", resourceDesc, used)
	percent := 0.0
	if total > 0 {
		percent = used / total
	}
	emit(name+"_percent", resourceDesc, percent)
}

// numbers are what /metrics/snapshot shows of the master's state.
type numbers struct {
	agents, frameworks map[string]int
	tasks              map[v1.TaskState]int
	offers             int
	amounts            // that cannot be revoked
	revocable          amounts
}

// amounts are of all agents together, by name.
type amounts struct{ total, used map[string]resources.Quantity }

func newAmounts() amounts {
	return amounts{map[string]resources.Quantity{}, map[string]resources.Quantity{}}
}

func (a amounts) add(total, used resources.Resources) {
	for name, q := range total.Quantities().All() {
		a.total[name] += q
	}
	for name, q := range used.Quantities().All() {
		a.used[name] += q
	}
}

func count(c *view.Cluster) numbers {
	n := numbers{
		agents:     map[string]int{"active": 0, "inactive": 0, "connected": 0, "disconnected": 0, "unreachable": c.Unreachable},
		frameworks: map[string]int{"active": 0, "inactive": 0, "connected": 0, "disconnected": 0},
		tasks: map[v1.TaskState]int{
			v1.TaskState_TASK_STAGING: 0, v1.TaskState_TASK_STARTING: 0, v1.TaskState_TASK_RUNNING: 0, v1.TaskState_TASK_KILLING: 0, v1.TaskState_TASK_UNREACHABLE: 0,
		},
		amounts: newAmounts(), revocable: newAmounts(),
	}
	for _, a := range c.Agents {
		if a.Active {
			n.agents["active"]++
			n.agents["connected"]++
		} else {
			n.agents["inactive"]++
			n.agents["disconnected"]++
		}
		used := c.Used(a)
		n.add(a.Total.NonRevocable(), used.NonRevocable())
		n.revocable.add(a.Total.Revocable(), used.Revocable())
	}
	for _, f := range c.Frameworks {
		if f.Connected {
			n.frameworks["active"]++
			n.frameworks["connected"]++
		} else {
			n.frameworks["inactive"]++
			n.frameworks["disconnected"]++
		}
		for _, t := range f.Tasks {
			if !states.Terminal(t.State) {
				n.tasks[t.State]++
			}
		}
		n.tasks[v1.TaskState_TASK_UNREACHABLE] += len(f.Unreachable)
		n.offers += len(f.Offers)
	}
	return n
}
