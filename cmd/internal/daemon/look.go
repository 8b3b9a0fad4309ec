package daemon

import (
	"fmt"

	"mesos/actors"
	"mesos/actors/allocator"
	"mesos/actors/master"
	"mesos/cmd/internal/systemd"
)

// leadership is what a master consists of while it leads.
type leadership struct {
	master *master.Master
	alloc  *allocator.Actor
}

// Look asks the actors of this master whether they are alive: master and allocator
// of one that leads, and of a standby, which has neither, an actor that is there
// for this question. It returns when they have answered.
func (m *Master) Look() (systemd.Health, error) {
	l := m.leading.Load()
	if l == nil {
		if _, err := actors.Call(m.idle, func() struct{} { return struct{}{} }); err != nil {
			return systemd.Health{}, err
		}
		return systemd.Health{Ready: m.run != nil, Status: "standing by"}, nil
	}
	p, err := l.master.Pulse()
	if err != nil {
		return systemd.Health{}, err
	}
	if err := l.alloc.Pulse(); err != nil {
		return systemd.Health{}, err
	}
	if !p.Recovered {
		return systemd.Health{Status: "reading the registry"}, nil
	}
	return systemd.Health{Ready: true, Status: fmt.Sprintf("leading; agents: %d, frameworks: %d", p.Agents, p.Frameworks)}, nil
}

// Look asks the agent's actor whether it is alive. An agent is ready when it has
// found again what runs on it; whether a master is there is another's fault.
func (a *Agent) Look() (systemd.Health, error) {
	p, err := a.Agent.Pulse()
	if err != nil {
		return systemd.Health{}, err
	}
	status := fmt.Sprintf("registered with the master at %s as %s; executors: %d", p.Master, p.ID, p.Executors)
	switch {
	case p.Recovering:
		status = fmt.Sprintf("recovering; executors: %d", p.Executors)
	case p.Master == "":
		status = "no master leads"
	case !p.Registered:
		status = "registering with the master at " + p.Master
	}
	return systemd.Health{Ready: !p.Recovering, Status: status}, nil
}
