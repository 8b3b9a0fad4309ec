package master

import (
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"mesos/actors/allocator"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/ordered"
	"mesos/messages/resources"
)

// priorityLabel of a FrameworkInfo is the framework's priority among those of its
// roles, a number, for the allocator policy "priority"; 0 without it.
const priorityLabel = "allocator.priority"

func priorityOf(info *v1.FrameworkInfo) float64 {
	for _, l := range info.GetLabels().GetLabels() {
		if l.GetKey() == priorityLabel {
			if p, err := strconv.ParseFloat(l.GetValue(), 64); err == nil && p-p == 0 { // finite
				return p
			}
		}
	}
	return 0
}

// request takes a framework's word for what it waits for. Where preemption is on,
// what frameworks of lower priority were lent is taken back if that helps;
// otherwise requests mean nothing, as in Mesos.
func (m *Master) request(f *framework, r *schedulerv1.Call_Request) {
	for i, one := range r.GetRequests() {
		need, err := resources.FromProto(one.GetResources())
		if err != nil {
			m.log.Warn("request ignored", "framework_id", f.id, "error", fmt.Errorf("request.requests[%d].resources: %w", i, err))
			continue
		}
		for _, role := range f.roles {
			part := need
			if byRole := need.Allocations(); len(byRole) > 0 && byRole[role].Len() > 0 {
				part = byRole[role]
			}
			m.alloc.Preempt(allocator.Need{FrameworkID: f.id, Role: role, Quantities: part.Unallocate().Quantities()}, func(list []allocator.Revocation) {
				m.p.Dispatch(func() { m.revoke(f.id, list) })
			})
		}
	}
}

// revoke carries out a decision to take back what was lent: offers are rescinded,
// tasks killed. What they held comes back as from any other offer and task.
func (m *Master) revoke(forID string, list []allocator.Revocation) {
	for _, r := range list {
		a := m.agents[r.AgentID]
		if a == nil || a.run != r.AgentRun {
			continue
		}
		m.log.Info("resources taken back", "framework_id", r.FrameworkID, "role", r.Role, "agent_id", a.id, "resources", r.Resources, "for_framework_id", forID)
		for _, o := range ordered.All(a.offers) {
			if o.frameworkID == r.FrameworkID && o.role == r.Role {
				m.rescind(o, nil)
			}
		}
		for id, e := range ordered.All(a.executors[r.FrameworkID]) {
			if heldBy(r.Role, e.resources) {
				m.send(a, &internalpb.ShutdownExecutorMessage{ExecutorId: ids.Executor(id), FrameworkId: ids.Framework(r.FrameworkID)})
			}
		}
		for _, t := range ordered.All(a.tasks[r.FrameworkID]) {
			if heldBy(r.Role, t.resources) && !t.terminal() {
				t.preemptedFor, t.killWanted = forID, true
				m.sendKill(a, t)
			}
		}
	}
}

// heldBy says that something of what is not reserved is allocated to the role.
func heldBy(role string, r resources.Resources) bool {
	return !r.Filter(func(e resources.Resource) bool { return e.AllocationRole() == role && !e.IsReserved() }).IsEmpty()
}

// sayPreempted makes the end of a task tell why it was killed.
func (t *task) sayPreempted(s *v1.TaskStatus) {
	if t.preemptedFor != "" && s.GetState() == v1.TaskState_TASK_KILLED {
		s.Reason = v1.TaskStatus_REASON_CONTAINER_PREEMPTED.Enum()
		s.Message = proto.String("Preempted for framework " + t.preemptedFor + " of higher priority")
	}
}
