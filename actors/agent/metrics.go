package agent

import (
	"context"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"mesos/actors"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// Metrics are the counters of one agent, under the names that Mesos gives them.
type Metrics struct {
	ended map[v1.TaskState]*metrics.Counter

	removalsSucceeded, removalsFailed *metrics.Counter
	executorsTerminated, launchErrors *metrics.Counter
	executorsPreempted                *metrics.Counter
	validUpdates, invalidUpdates      *metrics.Counter
	validMessages, invalidMessages    *metrics.Counter
	recoveryErrors                    *metrics.Counter
	providersCame, providersWent      *metrics.Counter
	recoveryTime                      atomic.Int64 // nanoseconds; 0 until it is over
	maxAge                            atomic.Int64 // nanoseconds
	removing                          atomic.Int64 // sandboxes of the round under way
}

// terminalStates are those that have a counter.
var terminalStates = []v1.TaskState{
	v1.TaskState_TASK_FINISHED, v1.TaskState_TASK_FAILED, v1.TaskState_TASK_KILLED, v1.TaskState_TASK_LOST,
	v1.TaskState_TASK_DROPPED, v1.TaskState_TASK_GONE,
}

func newMetrics(r *metrics.Registry) *Metrics {
	m := &Metrics{ended: map[v1.TaskState]*metrics.Counter{}}
	for _, s := range terminalStates {
		word := strings.ToLower(strings.TrimPrefix(s.String(), "TASK_"))
		m.ended[s] = r.Counter("slave/tasks_"+word, "Tasks that ended in "+s.String()+" on this agent.")
	}
	m.removalsSucceeded = r.Counter("gc/path_removals_succeeded", "Sandboxes that were removed.")
	m.removalsFailed = r.Counter("gc/path_removals_failed", "Removals of sandboxes that failed.")
	m.executorsTerminated = r.Counter("slave/executors_terminated", "Executors that ended.")
	m.executorsPreempted = r.Counter("slave/executors_preempted", "Executors that were ended because the controller of quality of service said so.")
	m.launchErrors = r.Counter("slave/container_launch_errors", "Containers of executors that could not be started.")
	m.validUpdates = r.Counter("slave/valid_status_updates", "Status updates of executors that were taken.")
	m.invalidUpdates = r.Counter("slave/invalid_status_updates", "Status updates of executors that were refused, or came for a task that is over.")
	m.validMessages = r.Counter("slave/valid_framework_messages", "Messages of frameworks that were handed to their executor.")
	m.invalidMessages = r.Counter("slave/invalid_framework_messages", "Messages of frameworks for an executor that is not there.")
	m.recoveryErrors = r.Counter("slave/recovery_errors", "Recoveries of containers that failed.")
	m.providersCame = r.Counter("resource_provider_manager/events/subscribe", "Subscriptions of resource providers.")
	m.providersWent = r.Counter("resource_provider_manager/events/disconnect", "Subscriptions of resource providers that ended.")
	r.Gauge("slave/recovery_time_secs", "secs", "Time that the recovery of containers took after the start.", func() float64 {
		if d := m.recoveryTime.Load(); d != 0 {
			return time.Duration(d).Seconds()
		}
		return math.NaN() // not over yet
	})
	r.Gauge("slave/executor_directory_max_allowed_age_secs", "secs", "How old sandboxes may get with the disk as full as it was last.", func() float64 {
		return time.Duration(m.maxAge.Load()).Seconds()
	})
	return m
}

func (m *Metrics) terminal(s v1.TaskState) {
	if c := m.ended[s]; c != nil {
		c.Inc()
	}
}

var (
	registeredDesc = metrics.GaugeDesc("", "1 while this agent is registered with a master.")
	uptimeDesc     = metrics.GaugeDesc("secs", "Seconds since this agent started.")
	frameworksDesc = metrics.GaugeDesc("", "Frameworks with executors on this agent.")
	executorsDesc  = metrics.GaugeDesc("", "Executors by state.")
	tasksDesc      = metrics.GaugeDesc("", "Tasks by state.")
	pendingDesc    = metrics.GaugeDesc("", "Sandboxes of executors that are over, to be removed now or later.")
	usedDesc       = metrics.GaugeDesc("", "Resources that executors and tasks hold.")
	shareDesc      = metrics.GaugeDesc("", "Part of the resources that executors and tasks hold, from 0 to 1.")
	providersDesc  = metrics.GaugeDesc("", "Resource providers that are subscribed.")
	totalDesc      = metrics.GaugeDesc("", "Resources that this agent offers.")
)

// gather is a metrics.Source: it asks the actor once for all that only it knows.
func (a *Agent) gather(_ context.Context, emit func(name string, d *metrics.Desc, value float64)) {
	type numbers struct {
		registered float64
		frameworks int
		garbage    int
		providers  int
		executors  map[executorState]int
		tasks      map[v1.TaskState]int
		total      resources.Resources
		used       resources.Resources
	}
	n, err := actors.Call(a.p, func() numbers {
		n := numbers{frameworks: len(a.frameworks), garbage: a.garbage.Len(), executors: map[executorState]int{}, tasks: map[v1.TaskState]int{}}
		if a.registered {
			n.registered = 1
		}
		for _, f := range a.frameworks {
			for _, e := range f.executors {
				n.executors[e.state]++
				for _, t := range e.tasks {
					n.tasks[t.state]++
				}
			}
		}
		for _, p := range a.providers.all {
			if p.conn != nil {
				n.providers++
			}
		}
		n.total, n.used = a.everything(), a.inUse()
		return n
	})
	if err != nil {
		return // the agent is stopping
	}
	emit("slave/registered", registeredDesc, n.registered)
	emit("resource_provider_manager/subscribed", providersDesc, float64(n.providers))
	emit("slave/uptime_secs", uptimeDesc, a.uptime())
	emit("slave/frameworks_active", frameworksDesc, float64(n.frameworks))
	emit("gc/path_removals_pending", pendingDesc, float64(int64(n.garbage)+a.metrics.removing.Load()))
	for _, s := range []executorState{registering, running, terminating} {
		emit("slave/executors_"+s.String(), executorsDesc, float64(n.executors[s]))
	}
	for _, s := range []v1.TaskState{v1.TaskState_TASK_STAGING, v1.TaskState_TASK_STARTING, v1.TaskState_TASK_RUNNING, v1.TaskState_TASK_KILLING} {
		emit("slave/tasks_"+strings.ToLower(strings.TrimPrefix(s.String(), "TASK_")), tasksDesc, float64(n.tasks[s]))
	}
	for _, name := range []string{"cpus", "mem", "disk", "gpus"} {
		emitShare(emit, "slave/"+name, n.total.NonRevocable().Scalar(name), n.used.NonRevocable().Scalar(name))
		emitShare(emit, "slave/"+name+"_revocable", n.total.Revocable().Scalar(name), n.used.Revocable().Scalar(name))
	}
}

// emitShare emits an amount, how much of it is used, and what part of it that is, from 0 to 1.
func emitShare(emit func(name string, d *metrics.Desc, value float64), name string, total, used resources.Quantity) {
	emit(name+"_total", totalDesc, total.Float())
	emit(name+"_used", usedDesc, used.Float())
	percent := 0.0
	if total > 0 {
		percent = used.Float() / total.Float()
	}
	emit(name+"_percent", shareDesc, percent)
}
