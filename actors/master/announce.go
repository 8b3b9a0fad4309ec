package master

import (
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/ordered"
)

// announce tells the subscribers of the operator API what happened. make is not
// called when there are none.
func (m *Master) announce(makeEvent func() *masterv1.Event) {
	if m.subs.Count() > 0 {
		m.subs.Tell(makeEvent())
	}
}

func (m *Master) announceTask(t *task) {
	m.announce(func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_TASK_ADDED.Enum(), TaskAdded: &masterv1.Event_TaskAdded{Task: t.look().Proto()}}
	})
}

// announceUpdate tells a status, and the state that is the newest known of the task.
func (m *Master) announceUpdate(t *task, s *v1.TaskStatus) {
	m.announce(func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_TASK_UPDATED.Enum(), TaskUpdated: &masterv1.Event_TaskUpdated{
			FrameworkId: ids.Framework(t.frameworkID), Status: s, State: t.state.Enum(),
		}}
	})
}

// announceAgent tells an agent and the tasks that it brought along.
func (m *Master) announceAgent(a *agent) {
	m.announce(func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_AGENT_ADDED.Enum(), AgentAdded: &masterv1.Event_AgentAdded{Agent: m.viewAgent(a).Proto()}}
	})
	for _, tasks := range ordered.All(a.tasks) {
		for _, t := range ordered.All(tasks) {
			m.announceTask(t)
		}
	}
}

func (m *Master) announceAgentRemoved(id string) {
	m.announce(func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_AGENT_REMOVED.Enum(), AgentRemoved: &masterv1.Event_AgentRemoved{AgentId: ids.Agent(id)}}
	})
}

// announceFramework tells a framework that is new to this master, or known and different now.
func (m *Master) announceFramework(f *framework, known bool) {
	m.announce(func() *masterv1.Event {
		p := viewFrameworkAlone(f).Proto()
		if known {
			return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_UPDATED.Enum(), FrameworkUpdated: &masterv1.Event_FrameworkUpdated{Framework: p}}
		}
		return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_ADDED.Enum(), FrameworkAdded: &masterv1.Event_FrameworkAdded{Framework: p}}
	})
}

func (m *Master) announceFrameworkRemoved(f *framework) {
	m.announce(func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_REMOVED.Enum(), FrameworkRemoved: &masterv1.Event_FrameworkRemoved{FrameworkInfo: f.info}}
	})
}
