package v0

import (
	"mesos/messages/ids"
	"mesos/messages/internalpb"
	v1 "mesos/messages/mesos/v1"
	schedulerv1 "mesos/messages/mesos/v1/scheduler"
)

// Register is the call of a framework that has no id yet.
func Register(m *internalpb.RegisterFrameworkMessage) *schedulerv1.Call {
	return subscribe(m.GetFramework())
}

// Reregister is the call of a framework that has one.
func Reregister(m *internalpb.ReregisterFrameworkMessage) *schedulerv1.Call {
	return subscribe(m.GetFramework())
}

func subscribe(info *v1.FrameworkInfo) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_SUBSCRIBE.Enum(), FrameworkId: info.GetId(), Subscribe: &schedulerv1.Call_Subscribe{FrameworkInfo: info},
	}
}

// Unregister is a TEARDOWN.
func Unregister(m *internalpb.UnregisterFrameworkMessage) *schedulerv1.Call {
	return &schedulerv1.Call{Type: schedulerv1.Call_TEARDOWN.Enum(), FrameworkId: m.GetFrameworkId()}
}

// Launch is an ACCEPT with one LAUNCH.
func Launch(m *internalpb.LaunchTasksMessage) *schedulerv1.Call {
	launch := &v1.Offer_Operation{Type: v1.Offer_Operation_LAUNCH.Enum(), Launch: &v1.Offer_Operation_Launch{TaskInfos: m.GetTasks()}}
	return &schedulerv1.Call{
		Type: schedulerv1.Call_ACCEPT.Enum(), FrameworkId: m.GetFrameworkId(),
		Accept: &schedulerv1.Call_Accept{OfferIds: m.GetOfferIds(), Filters: m.GetFilters(), Operations: []*v1.Offer_Operation{launch}},
	}
}

// Request is a REQUEST.
func Request(m *internalpb.ResourceRequestMessage) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_REQUEST.Enum(), FrameworkId: m.GetFrameworkId(), Request: &schedulerv1.Call_Request{Requests: m.GetRequests()},
	}
}

// Revive is a REVIVE.
func Revive(m *internalpb.ReviveOffersMessage) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_REVIVE.Enum(), FrameworkId: m.GetFrameworkId(), Revive: &schedulerv1.Call_Revive{Roles: m.GetRoles()},
	}
}

// Kill is a KILL.
func Kill(m *internalpb.KillTaskMessage) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_KILL.Enum(), FrameworkId: m.GetFrameworkId(),
		Kill: &schedulerv1.Call_Kill{TaskId: m.GetTaskId(), KillPolicy: m.GetKillPolicy()},
	}
}

// Acknowledge is an ACKNOWLEDGE.
func Acknowledge(m *internalpb.StatusUpdateAcknowledgementMessage) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_ACKNOWLEDGE.Enum(), FrameworkId: m.GetFrameworkId(),
		Acknowledge: &schedulerv1.Call_Acknowledge{AgentId: m.GetSlaveId(), TaskId: m.GetTaskId(), Uuid: m.GetUuid()},
	}
}

// Message is a MESSAGE.
func Message(m *internalpb.FrameworkToExecutorMessage) *schedulerv1.Call {
	return &schedulerv1.Call{
		Type: schedulerv1.Call_MESSAGE.Enum(), FrameworkId: m.GetFrameworkId(),
		Message: &schedulerv1.Call_Message{AgentId: m.GetSlaveId(), ExecutorId: m.GetExecutorId(), Data: m.GetData()},
	}
}

// Reconcile is a RECONCILE; a task without an agent is one whose agent its framework does not know.
func Reconcile(m *internalpb.ReconcileTasksMessage) *schedulerv1.Call {
	r := &schedulerv1.Call_Reconcile{}
	for _, s := range m.GetStatuses() {
		t := &schedulerv1.Call_Reconcile_Task{TaskId: s.GetTaskId()}
		if id := s.GetAgentId().GetValue(); id != "" {
			t.AgentId = ids.Agent(id)
		}
		r.Tasks = append(r.Tasks, t)
	}
	return &schedulerv1.Call{Type: schedulerv1.Call_RECONCILE.Enum(), FrameworkId: m.GetFrameworkId(), Reconcile: r}
}
