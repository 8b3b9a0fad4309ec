package master

import (
	"errors"
	"time"

	"google.golang.org/protobuf/proto"

	"mesos/actors/master/validation"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// launchGroup validates a task group against what is left of the offers, sends
// it to the agent and returns what is left then. It launches all or nothing.
func (m *Master) launchGroup(f *framework, a *agent, role string, left resources.Resources, op *v1.Offer_Operation) resources.Resources {
	for _, t := range op.GetLaunchGroup().GetTaskGroup().GetTasks() {
		if err := m.mayRun(f, t, op.GetLaunchGroup().GetExecutor()); err != nil {
			m.log.Info("task group refused", "framework_id", f.id, "agent_id", a.id, "error", err)
			m.refuseGroup(f, op.GetLaunchGroup().GetTaskGroup(), v1.TaskStatus_REASON_TASK_GROUP_UNAUTHORIZED, err)
			return left
		}
	}
	plan, err := validation.Group(op.GetLaunchGroup(), m.launchContext(f, a, role, left))
	if op.GetId() != nil && err == nil {
		err = errors.New("id must not be set for an operation of type LAUNCH_GROUP: its tasks' updates tell what becomes of it")
	}
	if err != nil {
		m.refuseOperation(f, a.id, op, err)
		return left
	}
	id := plan.Executor.GetExecutorId().GetValue()
	if plan.New {
		e := &executor{info: plan.Executor, resources: plan.Uses}
		put(f.executors, a.id, id, e)
		put(a.executors, f.id, id, e)
	}
	for _, p := range plan.Tasks {
		t := newTask(f, p.Info, p.Task)
		f.tasks[t.id] = t
		put(a.tasks, f.id, t.id, t)
		m.announceTask(t)
		m.metrics.TasksLaunched.Inc()
		m.traceLaunch(t)
	}
	m.send(a, &internalpb.RunTaskGroupMessage{
		Framework: f.info, Executor: plan.Executor, TaskGroup: plan.Infos(), LaunchExecutor: proto.Bool(plan.New),
	})
	m.log.Info("task group launched", "framework_id", f.id, "agent_id", a.id, "executor_id", id, "tasks", len(plan.Tasks), "resources", plan.Needs())
	return left.Sub(plan.Needs())
}

// launchContext is what a launch is checked against.
func (m *Master) launchContext(f *framework, a *agent, role string, left resources.Resources) validation.Context {
	return validation.Context{
		Framework: f.info, AgentID: a.id, Role: role, Offered: left,
		TaskExists: func(id string) bool { return f.tasks[id] != nil },
		ExecutorExists: func(id string) *v1.ExecutorInfo {
			if e := a.executors[f.id][id]; e != nil {
				return e.info
			}
			return nil
		},
	}
}

// refuseGroup tells of each task of a group that cannot be launched.
func (m *Master) refuseGroup(f *framework, g *v1.TaskGroupInfo, reason v1.TaskStatus_Reason, why error) {
	for _, t := range g.GetTasks() {
		s := masterStatus(t.GetTaskId().GetValue(), v1.TaskState_TASK_ERROR, reason, why.Error(), time.Now())
		s.AgentId = t.AgentId
		m.tellFramework(f, s)
		m.ended(f, s)
		m.traceRefusal(f, t, why)
	}
}
