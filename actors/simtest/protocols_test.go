package simtest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/scheduler"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// protocols are those that are tried with a fault at every point.
func protocols() []protocol {
	one := Options{Agents: 1}
	return []protocol{
		{"registration", Options{}, withNothing, func(x *trial) {
			x.start()
			x.f = x.c.Framework("web", FrameworkOptions{Info: aware()})
			x.wait(10 * time.Second)
		}, func(*trial) string { return "registered" }},

		{"launch", one, withFramework, func(x *trial) {
			x.f.Launch("t", "forever", "cpus:1;mem:32")
			x.untilKnown("t")
		}, stateOf("t")},

		{"launch group", one, withFramework, func(x *trial) {
			x.f.LaunchPod(PodExecutor("pod"), PodTask("t", "forever"), PodTask("u", "forever"))
			x.untilKnown("t")
			x.untilKnown("u")
		}, stateOf("t")},

		{"kill", one, withTask("forever"), func(x *trial) {
			x.until("t to be over", func() bool {
				x.repeatedly(func() { x.f.Driver().Kill("t", nil) })
				return x.f.Over("t")
			})
			x.wait(5 * time.Second)
		}, stateOf("t")},

		{"status update", one, withTask("sleep 5"), func(x *trial) {
			x.until("t to be over", func() bool { return x.f.Over("t") })
			x.wait(5 * time.Second)
		}, stateOf("t")},

		// Each acknowledgement comes twice: the second must not count for the next update, which may be lost.
		{"repeated acknowledgements", one, withFramework, func(x *trial) {
			x.c.rule("duplicate message=Call.ACKNOWLEDGE")
			x.f.Launch("t", "sleep 5", "cpus:1;mem:32")
			x.until("t to be over", func() bool { x.untilKnown("t"); return x.f.Over("t") })
			x.until("all of the life of t to be told", func() bool {
				return !x.f.In("t", v1.TaskState_TASK_FINISHED)() || slices.Equal(told(x.f, "t"), wholeLife)
			})
			x.wait(5 * time.Second)
		}, stateOf("t")},

		{"operation", one, withStore, operate, func(x *trial) string {
			return strings.ToLower(strings.TrimPrefix(x.f.Operation("r").GetState().String(), "OPERATION_"))
		}},

		{"re-registration", one, withTask("forever"), func(x *trial) {
			x.c.Net.Break(masterAddr, x.a.Addr())
			x.wait(10 * time.Second)
		}, stateOf("t")},

		{"agent restart", one, withTask("forever"), func(x *trial) {
			x.a.Crash()
			x.start()
			x.wait(10 * time.Second)
		}, stateOf("t")},

		{"scheduler failover", one, withTask("forever"), func(x *trial) {
			x.f.Crash()
			x.f.Start()
			x.wait(10 * time.Second)
		}, stateOf("t")},

		{"master failover", one, withTask("forever"), func(x *trial) {
			x.c.CrashMaster()
			x.c.StartMaster()
			x.wait(10 * time.Second)
		}, stateOf("t")},

		{"preemption by QoS", impatience, func(x *trial) {
			x.f = x.c.Framework("batch", FrameworkOptions{Info: borrower(aware())})
			x.f.borrow("t", "forever", "cpus:2", "mem:32")
			x.c.Until(time.Minute, "t to run", x.f.In("t", v1.TaskState_TASK_RUNNING))
			x.c.Advance(time.Second)
		}, func(x *trial) {
			x.until("t to be over", func() bool { return x.f.Over("t") })
			x.wait(5 * time.Second)
		}, stateOf("t")},

		{"drain", one, withTask("forever"), func(x *trial) {
			agent := x.f.Last("t").GetAgentId().GetValue()
			x.order("DRAIN_AGENT", ofAgent(agent))
			x.until("the agent to be drained", func() bool { return x.c.drainState(agent) == v1.DrainState_DRAINED })
			x.until("t to be over", func() bool { return x.f.Over("t") })
			x.until("the agent to be reactivated", func() bool {
				return x.give("REACTIVATE_AGENT", ofAgent(agent)) == http.StatusOK || x.c.drainState(agent) == v1.DrainState_UNKNOWN
			})
		}, stateOf("t")},

		{"gone", one, withTask("forever"), func(x *trial) {
			agent := x.f.Last("t").GetAgentId().GetValue()
			x.a.ExpectRefusal()
			x.order("MARK_AGENT_GONE", ofAgent(agent))
			x.until("the agent to be gone", func() bool { return x.c.kept().Gone(agent) != nil && x.a.Refused() != nil })
			x.untilKnown("t")
			x.a = x.c.AddAgent("")
		}, stateOf("t")},
	}
}

// withNothing has an agent that never registered.
func withNothing(x *trial) {
	x.a = x.c.AddAgent("")
	x.a.Crash()
	x.a.Disk.Wipe()
	x.c.Advance(time.Second)
}

func withFramework(x *trial) {
	x.f = x.c.Framework("web", FrameworkOptions{Info: aware()})
	x.c.Advance(10 * time.Second) // it declined what it was offered
}

// withTask has a task run, and all that was told of it acknowledged.
func withTask(command string) func(x *trial) {
	return func(x *trial) {
		withFramework(x)
		x.f.Launch("t", command, "cpus:1;mem:32")
		x.c.Until(time.Minute, "t to run", x.f.In("t", v1.TaskState_TASK_RUNNING))
		x.c.Advance(time.Second)
	}
}

// untilKnown waits until what is told of a task is so. A scheduler asks again and again.
func (x *trial) untilKnown(id string) {
	x.until("an outcome of "+id, func() bool {
		if x.f.Over(id) || x.f.In(id, v1.TaskState_TASK_RUNNING)() && x.c.Runs(id) > 0 {
			return true
		}
		x.repeatedly(func() {
			if !x.f.Wants(id) {
				x.f.Driver().Reconcile(&schedulerv1.Call_Reconcile_Task{TaskId: ids.Task(id)})
			}
		})
		return false
	})
	x.wait(time.Second) // all is acknowledged
}

func stateOf(id string) func(x *trial) string {
	return func(x *trial) string {
		return strings.ToLower(strings.TrimPrefix(x.f.Last(id).GetState().String(), "TASK_"))
	}
}

// withStore has a framework hold an offer of all disk.
func withStore(x *trial) {
	x.f = x.c.Framework("db", storing())
	x.c.Until(time.Minute, "an offer", func() bool { return len(x.f.Held()) > 0 })
	x.c.Advance(5 * time.Second)
}

// operate reserves, and then makes a volume, and asks what became of it until that is known.
func operate(x *trial) {
	x.f.Accept(x.f.Held()[0], scheduler.Reserve("r", reservedDisk(50)), scheduler.Create("v", volumeOf(50, "data")))
	for _, id := range []string{"r", "v"} {
		x.until("the outcome of "+id, func() bool {
			s := x.f.Operation(id)
			if s != nil && s.GetState() != v1.OperationState_OPERATION_RECOVERING {
				return true
			}
			x.repeatedly(func() {
				x.f.Driver().ReconcileOperations(&schedulerv1.Call_ReconcileOperations_Operation{OperationId: &v1.OperationID{Value: proto.String(id)}})
			})
			return false
		})
	}
	x.wait(5 * time.Second)
}
