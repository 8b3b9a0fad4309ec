package master

import (
	"mesos/actors"
	"mesos/actors/master/view"
	v1 "mesos/messages/mesos/v1"
)

// AgentAddr implements [carry.Cluster]. Any goroutine but an actor's may call this
// and the other methods here; the error is [actors.ErrStopped].
func (m *Master) AgentAddr(id string) (addr string, known bool, err error) {
	addr, err = actors.Call(m.p, func() string {
		if a := m.agents[id]; a != nil {
			return a.upid.Addr
		}
		return ""
	})
	return addr, addr != "", err
}

// FrameworkURL implements [carry.Cluster].
func (m *Master) FrameworkURL(id string) (said string, known bool, err error) {
	info, err := actors.Call(m.p, func() *v1.FrameworkInfo {
		if f := m.frameworks[id]; f != nil && !f.removed {
			return f.info
		}
		return nil
	})
	return info.GetWebuiUrl(), info != nil, err
}

// Done implements [carry.Cluster].
func (m *Master) Done() <-chan struct{} { return m.p.Done() }

// Task is a task of a framework as it is now, or as it ended; nil if none of that
// id is known any more.
func (m *Master) Task(frameworkID, id string) (*view.Task, error) {
	return actors.Call(m.p, func() *view.Task { return m.anyTask(frameworkID, id) })
}

// anyTask finds a task, also one that has ended.
func (m *Master) anyTask(frameworkID, id string) *view.Task {
	f := m.frameworks[frameworkID]
	if f == nil {
		for _, old := range m.completed.values {
			if old.id == frameworkID {
				f = old
			}
		}
	}
	if f == nil {
		return nil
	}
	if t := f.tasks[id]; t != nil {
		return t.look()
	}
	for _, list := range [][]*task{f.unreachable.values, f.completed.values} {
		for i := len(list) - 1; i >= 0; i-- { // the newest of that id
			if list[i].id == id {
				return list[i].look()
			}
		}
	}
	return nil
}

// Pulse is what a master says of itself to who asks whether it is alive.
type Pulse struct {
	Recovered  bool // the registry is read: calls are served
	Agents     int  // registered
	Frameworks int  // with those that are not connected
}

// Pulse returns when the actor has answered. It may be called from any goroutine;
// the error is actors.ErrStopped.
func (m *Master) Pulse() (Pulse, error) {
	return actors.Call(m.p, func() Pulse {
		return Pulse{Recovered: m.recovered, Agents: len(m.agents), Frameworks: len(m.frameworks)}
	})
}
