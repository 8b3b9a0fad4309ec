// Package gauges is what the metrics show of the state of a cluster, under Mesos's
// names: counted in a picture of it, or in the allocator's numbers, when somebody
// asks. It keeps nothing; what happens is counted by the master where it happens.
package gauges

import (
	"strings"

	"mesos/actors/master/view"
	"mesos/actors/metrics"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// Emit takes one number.
type Emit = func(name string, d *metrics.Desc, value float64)

var (
	agentsDesc     = metrics.GaugeDesc("", "Agents by state.")
	frameworksDesc = metrics.GaugeDesc("", "Frameworks by state.")
	tasksDesc      = metrics.GaugeDesc("", "Tasks by state.")
	offersDesc     = metrics.GaugeDesc("", "Offers that frameworks hold.")
	resourceDesc   = metrics.GaugeDesc("", "Resources of all active agents.")
)

// Cluster emits how much there is of everything.
func Cluster(c *view.Cluster, emit Emit) {
	n := count(c)
	for name, v := range n.agents {
		emit("master/slaves_"+name, agentsDesc, float64(v))
	}
	for name, v := range n.frameworks {
		emit("master/frameworks_"+name, frameworksDesc, float64(v))
	}
	for st, v := range n.tasks {
		emit("master/tasks_"+strings.ToLower(strings.TrimPrefix(st.String(), "TASK_")), tasksDesc, float64(v))
	}
	emitConsumed(c.Usage().Consumed, emit)
	emit("master/outstanding_offers", offersDesc, float64(n.offers))
	for _, name := range []string{"cpus", "mem", "disk", "gpus"} {
		emitShare(emit, "master/"+name, n.total[name].Float(), n.used[name].Float())
		emitShare(emit, "master/"+name+"_revocable", n.revocable.total[name].Float(), n.revocable.used[name].Float())
	}
}

// emitConsumed emits what quotas of roles are charged with. The root of all roles, which Mesos names by nothing, is first.
func emitConsumed(byRole map[string]resources.Quantities, emit Emit) {
	var root resources.Quantities
	for role, consumed := range byRole {
		if !strings.Contains(role, "/") {
			root = root.Add(consumed)
		}
	}
	tell := func(role string, consumed resources.Quantities) {
		for _, name := range []string{"cpus", "mem", "disk", "gpus"} {
			if q := consumed.Get(name); q > 0 {
				emit(quotaMetric(role, name)+"consumed", quotaDesc, q.Float())
			}
		}
	}
	tell("", root)
	for role, consumed := range byRole {
		tell(role, consumed)
	}
}

// emitShare emits an amount, how much of it is used, and what part of it that is, from 0 to 1.
func emitShare(emit Emit, name string, total, used float64) {
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
