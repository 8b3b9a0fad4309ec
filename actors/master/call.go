package master

import (
	"fmt"
	"net/http"
	"time"

	"mesos/actors/allocator"
	"mesos/actors/httpapi"
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

type answer = httpapi.Answer

var accepted = answer{Code: http.StatusAccepted}

// call carries out a validated call of a subscribed framework.
func (m *Master) call(f *framework, c *schedulerv1.Call) answer {
	m.metrics.Call(c.GetType())
	f.counts.Call(c.GetType())
	switch c.GetType() {
	case schedulerv1.Call_TEARDOWN:
		m.removeFramework(f, "it asked for its teardown")
	case schedulerv1.Call_ACCEPT:
		m.accept(f, c.GetAccept())
	case schedulerv1.Call_DECLINE:
		m.decline(f, c.GetDecline().GetOfferIds(), c.GetDecline().GetFilters())
	case schedulerv1.Call_ACCEPT_INVERSE_OFFERS:
		m.answerInverse(f, c.GetAcceptInverseOffers().GetInverseOfferIds(), allocator.Accepted, c.GetAcceptInverseOffers().GetFilters())
	case schedulerv1.Call_DECLINE_INVERSE_OFFERS:
		m.answerInverse(f, c.GetDeclineInverseOffers().GetInverseOfferIds(), allocator.Declined, c.GetDeclineInverseOffers().GetFilters())
	case schedulerv1.Call_REVIVE:
		f.suppress(c.GetRevive().GetRoles(), false)
		m.alloc.Revive(f.id, c.GetRevive().GetRoles())
	case schedulerv1.Call_SUPPRESS:
		f.suppress(c.GetSuppress().GetRoles(), true)
		m.alloc.Suppress(f.id, c.GetSuppress().GetRoles())
	case schedulerv1.Call_KILL:
		m.kill(f, c.GetKill())
	case schedulerv1.Call_SHUTDOWN:
		m.shutdownExecutor(f, c.GetShutdown())
	case schedulerv1.Call_ACKNOWLEDGE:
		m.acknowledge(f, c.GetAcknowledge())
	case schedulerv1.Call_RECONCILE:
		m.reconcile(f, c.GetReconcile().GetTasks())
	case schedulerv1.Call_ACKNOWLEDGE_OPERATION_STATUS:
		m.operationAcknowledged(f, c.GetAcknowledgeOperationStatus())
	case schedulerv1.Call_RECONCILE_OPERATIONS:
		m.reconcileOperations(f, c.GetReconcileOperations().GetOperations())
	case schedulerv1.Call_MESSAGE:
		m.frameworkMessage(f, c.GetMessage())
	case schedulerv1.Call_UPDATE_FRAMEWORK:
		return m.updateFramework(f, c.GetUpdateFramework())
	case schedulerv1.Call_REQUEST:
		m.request(f, c.GetRequest())
	default:
		return answer{Code: http.StatusNotImplemented, Text: fmt.Sprintf("type: call %s is not supported by this master yet", c.GetType())}
	}
	return accepted
}

// kill asks a task's agent to kill it. An unknown task is reconciled instead,
// so that the scheduler learns what is known of it.
func (m *Master) kill(f *framework, k *schedulerv1.Call_Kill) {
	id := k.GetTaskId().GetValue()
	t := f.tasks[id]
	if t == nil {
		m.reconcileOne(f, id, k.GetAgentId().GetValue(), time.Now())
		return
	}
	if want := k.GetAgentId().GetValue(); want != "" && want != t.agentID {
		m.log.Warn("kill names another agent than the task runs on", "framework_id", f.id, "task_id", id, "agent_id", t.agentID, "named_agent_id", want)
		return
	}
	t.killWanted, t.killPolicy = true, k.GetKillPolicy()
	if a := m.agents[t.agentID]; a != nil {
		m.sendKill(a, t)
	}
}

func (m *Master) sendKill(a *agent, t *task) {
	m.log.Info("task to be killed", "framework_id", t.frameworkID, "agent_id", a.id, "task_id", t.id)
	m.send(a, &internalpb.KillTaskMessage{FrameworkId: ids.Framework(t.frameworkID), TaskId: ids.Task(t.id), KillPolicy: t.killPolicy})
}

func (m *Master) shutdownExecutor(f *framework, s *schedulerv1.Call_Shutdown) {
	a := m.agents[s.GetAgentId().GetValue()]
	if a == nil {
		m.log.Warn("shutdown of an executor on an unknown agent", "framework_id", f.id, "agent_id", s.GetAgentId().GetValue(), "executor_id", s.GetExecutorId().GetValue())
		return
	}
	m.send(a, &internalpb.ShutdownExecutorMessage{ExecutorId: s.GetExecutorId(), FrameworkId: ids.Framework(f.id)})
}

func (m *Master) frameworkMessage(f *framework, msg *schedulerv1.Call_Message) {
	a := m.agents[msg.GetAgentId().GetValue()]
	if a == nil {
		m.metrics.InvalidToExecutor.Inc()
		m.log.Debug("framework message for an unknown agent", "framework_id", f.id, "agent_id", msg.GetAgentId().GetValue())
		return
	}
	m.metrics.ValidToExecutor.Inc()
	m.send(a, &internalpb.FrameworkToExecutorMessage{
		SlaveId: ids.Agent(a.id), FrameworkId: ids.Framework(f.id), ExecutorId: msg.GetExecutorId(), Data: msg.GetData(),
	})
}
