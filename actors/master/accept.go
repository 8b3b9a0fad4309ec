package master

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/validation"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
	"mesos/messages/resources"
	"mesos/messages/states"
)

// accept carries out the operations of an ACCEPT on the offers it names. What
// is left goes back to the allocator with the call's filters.
func (m *Master) accept(f *framework, acc *schedulerv1.Call_Accept) {
	m.noteAccept(acc.GetOfferIds())
	agentID, role, left, err := m.takeOffers(f, acc.GetOfferIds())
	a := m.agents[agentID]
	if err == nil && a == nil && agentID != "" {
		err = fmt.Errorf("offer_ids: agent %s is gone", agentID)
	}
	if err == nil && len(acc.GetOfferIds()) == 0 {
		err = fmt.Errorf("offer_ids must name at least one offer")
	}
	if err != nil {
		m.dropOperations(f, acc.GetOperations(), err)
		return
	}
	m.metrics.OffersAccepted.Add(uint64(len(acc.GetOfferIds())))
	f.counts.OffersAccepted.Add(uint64(len(acc.GetOfferIds())))
	for _, op := range acc.GetOperations() {
		f.counts.Operation(op.GetType())
		if err := validation.LaunchID(op); err != nil {
			m.refuseOperation(f, a.id, op, err)
			continue
		}
		switch op.GetType() {
		case v1.Offer_Operation_LAUNCH:
			for _, t := range op.GetLaunch().GetTaskInfos() {
				left = m.launch(f, a, role, left, t)
			}
		case v1.Offer_Operation_LAUNCH_GROUP:
			left = m.launchGroup(f, a, role, left, op)
		default:
			left = m.operate(f, a, role, left, op)
		}
	}
	if !left.IsEmpty() {
		m.alloc.Recover(f.id, a.id, left, refusal(acc.GetFilters()))
	}
}

// launch validates one task against what is left of the offers, sends it to
// the agent and returns what is left then.
func (m *Master) launch(f *framework, a *agent, role string, left resources.Resources, info *v1.TaskInfo) resources.Resources {
	if err := m.mayRun(f, info, nil); err != nil {
		m.refuseTask(f, info, v1.TaskStatus_REASON_TASK_UNAUTHORIZED, err)
		return left
	}
	plan, err := validation.Task(info, m.launchContext(f, a, role, left))
	if err != nil {
		m.refuseTask(f, info, v1.TaskStatus_REASON_TASK_INVALID, err)
		return left
	}
	t := newTask(f, plan.Info, plan.Task)
	f.tasks[t.id] = t
	put(a.tasks, f.id, t.id, t)
	if plan.NewExecutor != nil {
		e := &executor{info: plan.NewExecutor, resources: plan.Executor}
		put(f.executors, a.id, t.executorID, e)
		put(a.executors, f.id, t.executorID, e)
	}
	m.announceTask(t)
	m.send(a, &internalpb.RunTaskMessage{
		FrameworkId: ids.Framework(f.id), Framework: f.info, Task: plan.Info, Pid: proto.String(f.pid),
		LaunchExecutor: proto.Bool(plan.NewExecutor != nil || t.executorID == ""),
	})
	m.log.Info("task launched", "framework_id", f.id, "agent_id", a.id, "task_id", t.id, "resources", plan.Task)
	m.metrics.TasksLaunched.Inc()
	m.traceLaunch(t)
	// What is shared stays on offer to the other tasks of the call.
	return left.Sub(plan.Task.NonShared()).Sub(plan.Executor.NonShared())
}

// refuseTask answers the launch of a task that cannot be.
func (m *Master) refuseTask(f *framework, info *v1.TaskInfo, reason v1.TaskStatus_Reason, why error) {
	m.log.Info("task refused", "framework_id", f.id, "task_id", info.GetTaskId().GetValue(), "error", why)
	s := masterStatus(info.GetTaskId().GetValue(), v1.TaskState_TASK_ERROR, reason, why.Error(), time.Now())
	s.AgentId = info.AgentId
	m.tellFramework(f, s)
	m.ended(f, s)
	m.traceRefusal(f, info, why)
}

// dropOperations answers an ACCEPT whose offers cannot be used: every task in
// it is told lost, every operation with an id dropped.
func (m *Master) dropOperations(f *framework, ops []*v1.Offer_Operation, why error) {
	m.log.Info("accept refused", "framework_id", f.id, "error", why)
	for _, op := range ops {
		tasks := op.GetLaunch().GetTaskInfos()
		if op.GetType() == v1.Offer_Operation_LAUNCH_GROUP {
			tasks = op.GetLaunchGroup().GetTaskGroup().GetTasks()
		}
		for _, t := range tasks {
			if known := f.tasks[t.GetTaskId().GetValue()]; known != nil {
				m.tellKnown(f, known, time.Now()) // the call came twice: of a task that lives no end is told
				continue
			}
			state := states.For(f.caps.partitionAware, v1.TaskState_TASK_DROPPED)
			s := masterStatus(t.GetTaskId().GetValue(), state, v1.TaskStatus_REASON_INVALID_OFFERS, "Task launched with invalid offers: "+why.Error(), time.Now())
			s.AgentId = t.AgentId
			m.tellFramework(f, s)
			m.ended(f, s)
			m.traceRefusal(f, t, why)
		}
		if op.GetId() != nil {
			m.metrics.Operations.Over(op.GetType(), v1.OperationState_OPERATION_DROPPED)
			f.send(operationEvent(unknownOperation(op.GetId(), "", v1.OperationState_OPERATION_DROPPED, "Operation attempted with invalid offers: "+why.Error())))
		}
	}
}

// refuseOperation answers one operation that cannot be carried out.
func (m *Master) refuseOperation(f *framework, agentID string, op *v1.Offer_Operation, why error) {
	m.log.Info("operation refused", "framework_id", f.id, "agent_id", agentID, "operation", op.GetType().String(), "error", why)
	m.refuseGroup(f, op.GetLaunchGroup().GetTaskGroup(), v1.TaskStatus_REASON_TASK_GROUP_INVALID, why)
	for _, t := range op.GetLaunch().GetTaskInfos() {
		m.refuseTask(f, t, v1.TaskStatus_REASON_TASK_INVALID, why)
	}
	if op.GetId() != nil {
		m.metrics.Operations.Over(op.GetType(), v1.OperationState_OPERATION_ERROR)
		f.send(operationEvent(unknownOperation(op.GetId(), agentID, v1.OperationState_OPERATION_ERROR, why.Error())))
	}
}
