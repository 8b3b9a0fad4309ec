package master

import (
	"mesos/actors/master/view"
	"mesos/messages/ids"
	v1 "mesos/messages/mesos/v1"
	masterv1 "mesos/messages/mesos/v1/master"
	"mesos/messages/ordered"
)

// announce tells the subscribers of the operator API what happened. make is not
// called when there are none. shown says who may see it; nil: all.
func (m *Master) announce(shown func(view.Sight) bool, makeEvent func() *masterv1.Event) {
	if m.subs.Count() == 0 {
		return
	}
	e := makeEvent()
	if shown == nil {
		m.subs.Tell(e, nil)
		return
	}
	m.subs.Tell(e, func(see view.Sight) *masterv1.Event {
		if shown(see) {
			return e
		}
		return nil
	})
}

// aboutTask is for those who may see the task, and its framework.
func (m *Master) aboutTask(t *task) func(view.Sight) bool {
	if m.conf.Rules == nil {
		return nil
	}
	info, desc := &v1.FrameworkInfo{}, t.desc
	if f := m.frameworks[t.frameworkID]; f != nil {
		info = f.info
	}
	return func(see view.Sight) bool { return see.Framework(info) && see.Task(info, desc) }
}

func aboutFramework(f *framework) func(view.Sight) bool {
	info := f.info
	return func(see view.Sight) bool { return see.Framework(info) }
}

func (m *Master) announceTask(t *task) {
	m.announce(m.aboutTask(t), func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_TASK_ADDED.Enum(), TaskAdded: &masterv1.Event_TaskAdded{Task: t.look().Proto()}}
	})
}

// announceUpdate tells a status, and the state that is the newest known of the task.
func (m *Master) announceUpdate(t *task, s *v1.TaskStatus) {
	m.announce(m.aboutTask(t), func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_TASK_UPDATED.Enum(), TaskUpdated: &masterv1.Event_TaskUpdated{
			FrameworkId: ids.Framework(t.frameworkID), Status: s, State: t.state.Enum(),
		}}
	})
}

// announceAgent tells an agent and the tasks that it brought along.
func (m *Master) announceAgent(a *agent) {
	if m.subs.Count() > 0 {
		v := m.viewAgent(a)
		as := func(see view.Sight) *masterv1.Event {
			return &masterv1.Event{Type: masterv1.Event_AGENT_ADDED.Enum(), AgentAdded: &masterv1.Event_AgentAdded{Agent: v.ProtoFor(see)}}
		}
		m.subs.Tell(as(nil), as)
	}
	for _, tasks := range ordered.All(a.tasks) {
		for _, t := range ordered.All(tasks) {
			m.announceTask(t)
		}
	}
}

func (m *Master) announceAgentRemoved(id string) {
	m.announce(nil, func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_AGENT_REMOVED.Enum(), AgentRemoved: &masterv1.Event_AgentRemoved{AgentId: ids.Agent(id)}}
	})
}

// announceFramework tells a framework that is new to this master, or known and different now.
func (m *Master) announceFramework(f *framework, known bool) {
	m.announce(aboutFramework(f), func() *masterv1.Event {
		p := viewFrameworkAlone(f).Proto()
		if known {
			return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_UPDATED.Enum(), FrameworkUpdated: &masterv1.Event_FrameworkUpdated{Framework: p}}
		}
		return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_ADDED.Enum(), FrameworkAdded: &masterv1.Event_FrameworkAdded{Framework: p}}
	})
}

func (m *Master) announceFrameworkRemoved(f *framework) {
	m.announce(aboutFramework(f), func() *masterv1.Event {
		return &masterv1.Event{Type: masterv1.Event_FRAMEWORK_REMOVED.Enum(), FrameworkRemoved: &masterv1.Event_FrameworkRemoved{FrameworkInfo: f.info}}
	})
}
