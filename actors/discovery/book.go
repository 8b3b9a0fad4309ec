package discovery

import (
	"net/netip"

	v1 "mesos/messages/mesos/v1"
)

// Book is kept in step with the cluster: a Zone that is asked for names, say, or a catalog of services. It is called by one goroutine.
type Book interface {
	// Reset replaces all that is known. A new leader may know less than the one before; what it will learn again stays.
	Reset(facts map[string]Fact)
	// Set says what is known of an owner now: an empty Fact if nothing is.
	Set(owner string, f Fact)
}

// Fact is what is known of one owner, of which it says one thing.
type Fact struct {
	Leader    netip.AddrPort // of the masters
	Agent     *Agent
	Framework *v1.FrameworkInfo
	Task      *Running
	Awaited   string // id of an agent that the master expects back: what runs there is not known yet
}

// Agent is where one listens.
type Agent struct {
	ID    string
	Addrs []netip.Addr
	Port  uint16
}

// Running is a task that runs and is not being killed.
type Running struct {
	Task      *v1.Task
	Framework string // its name
	Agent     Agent
}

// Place is where a port of a task is.
type Place struct {
	Addr   netip.Addr
	Port   uint16
	Name   string            // of the port, "" if it has none
	Labels map[string]string // of the port
}

// Places are the ports that others reach the task by: those of its DiscoveryInfo, at the address of its container if that has one, or,
// if that names none, those that it got of its agent. Each is there once, whatever protocols it speaks.
func (r *Running) Places() []Place {
	at := r.Agent.Addrs
	if len(r.Task.GetDiscovery().GetPorts().GetPorts()) == 0 {
		return places(at, hostPorts(r.Task))
	}
	if own := containerAddrs(r.Task); len(own) > 0 {
		at = own
	}
	var all []Place
	for _, port := range r.Task.GetDiscovery().GetPorts().GetPorts() {
		if len(at) == 0 || port.GetNumber() == 0 || port.GetNumber() > 65535 || contains(all, uint16(port.GetNumber())) {
			continue
		}
		p := Place{Addr: at[0], Port: uint16(port.GetNumber()), Name: Label(port.GetName()), Labels: map[string]string{}}
		for _, l := range port.GetLabels().GetLabels() {
			p.Labels[l.GetKey()] = l.GetValue()
		}
		all = append(all, p)
	}
	return all
}

func contains(all []Place, port uint16) bool {
	for _, p := range all {
		if p.Port == port {
			return true
		}
	}
	return false
}

func places(at []netip.Addr, ports []uint16) []Place {
	var all []Place
	for _, port := range ports {
		if len(at) > 0 {
			all = append(all, Place{Addr: at[0], Port: port})
		}
	}
	return all
}
