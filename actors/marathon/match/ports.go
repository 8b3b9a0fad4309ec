package match

import (
	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// anyPort and noPort stand for ports that are not named.
const (
	anyPort = 0
	noPort  = -1
)

// wanted are the ports of the agent that an instance needs, in the order of the
// definition, and the task that each belongs to.
func wanted(s *model.Spec) (ports, task []int) {
	if s.Pod != nil {
		for n, c := range s.Pod.Containers {
			for _, e := range c.Endpoints {
				task = append(task, n)
				ports = append(ports, hostPort(e.HostPort, s.Pod.HostNetwork()))
			}
		}
		return ports, task
	}
	if s.App.HostNetwork() {
		for _, d := range s.App.PortDefinitions {
			p := anyPort
			if s.App.RequirePorts {
				p = d.Port
			}
			ports, task = append(ports, p), append(task, 0)
		}
		return ports, task
	}
	if s.App.Container != nil {
		for _, m := range s.App.Container.PortMappings {
			ports, task = append(ports, hostPort(m.HostPort, false)), append(task, 0)
		}
	}
	return ports, task
}

// hostPort is a port of the agent that may be left out where the instance has a network of its own.
func hostPort(p *int, host bool) int {
	switch {
	case p != nil:
		return *p
	case host:
		return anyPort
	}
	return noPort
}

// ports takes the ports of all tasks; named ones first, so that none is drawn for another.
func (p *picker) ports(f *Fit, s *model.Spec) {
	want, task := wanted(s)
	f.Ports = make([]int, len(want))
	for _, named := range []bool{true, false} {
		for k, port := range want {
			if port == noPort || (port != anyPort) != named {
				continue
			}
			got, n, ok := p.port(port)
			if !ok {
				p.missing = append(p.missing, InsufficientPorts)
				return
			}
			f.Ports[k] = n
			f.Tasks[task[k]] = f.Tasks[task[k]].Add(got)
		}
	}
}

// port takes one port: the given one, or any.
func (p *picker) port(want int) (resources.Resources, int, bool) {
	total := uint64(0)
	for _, r := range p.left.PortRanges("ports") {
		total += r.End - r.Begin + 1
	}
	if total == 0 {
		return resources.Resources{}, 0, false
	}
	n := uint64(want)
	if want == anyPort {
		n = p.nth(p.random.Uint64N(total))
	}
	for e := range p.left.All() {
		if e.Name() != "ports" {
			continue
		}
		for _, r := range e.Ranges() {
			if n < r.Begin || n > r.End {
				continue
			}
			m := e.Proto()
			m.Ranges = &v1.Value_Ranges{Range: []*v1.Value_Range{{Begin: &n, End: &n}}}
			got, err := resources.FromProto([]*v1.Resource{m})
			if err != nil {
				return resources.Resources{}, 0, false
			}
			p.left = p.left.Sub(got)
			return got, int(n), true
		}
	}
	return resources.Resources{}, 0, false
}

// nth is the k-th port that is left.
func (p *picker) nth(k uint64) uint64 {
	for _, r := range p.left.PortRanges("ports") {
		if size := r.End - r.Begin + 1; k >= size {
			k -= size
			continue
		}
		return r.Begin + k
	}
	return 0
}
