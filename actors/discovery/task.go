package discovery

import (
	"net/netip"
	"strings"

	v1 "mesos/messages/mesos/v1"
)

// protocols of ports that do not say theirs.
var protocols = []string{"tcp", "udp"}

// place is what a task's names are made of.
type place struct {
	task, alone, framework, domain string
	own, agent                     []netip.Addr
}

// taskRecords is what a running task is known by. agent are the addresses of its agent.
func taskRecords(domain, framework string, t *v1.Task, agent []netip.Addr) []Record {
	p := place{task: Label(t.GetName()), framework: Domain(framework), domain: domain, agent: agent, own: containerAddrs(t)}
	if d := t.GetDiscovery().GetName(); d != "" {
		p.task = Label(d)
	}
	if p.task == "" || p.framework == "" {
		return nil
	}
	p.alone = canonical(p.task, t.GetTaskId().GetValue(), t.GetAgentId().GetValue())
	if len(p.own) == 0 {
		p.own = agent
	}
	return append(p.hosts(), p.services(t)...)
}

func (p *place) hosts() []Record {
	var rs []Record
	for _, label := range []string{p.task, p.alone} {
		for _, a := range p.own {
			rs = append(rs, Record{Name: p.name(label), Addr: a})
		}
		for _, a := range p.agent {
			rs = append(rs, Record{Name: p.name(label, "slave"), Addr: a})
		}
	}
	return rs
}

// services point to the ports that the task got of its agent and, instead of those where it has, to what its
// DiscoveryInfo says.
func (p *place) services(t *v1.Task) []Record {
	var rs []Record
	onAgent := p.name(p.alone, "slave")
	for _, port := range hostPorts(t) {
		for _, protocol := range protocols {
			rs = append(rs, p.service("", protocol, "slave", onAgent, port))
			if t.GetDiscovery() == nil {
				rs = append(rs, p.service("", protocol, "", onAgent, port))
			}
		}
	}
	for _, port := range t.GetDiscovery().GetPorts().GetPorts() {
		if port.GetNumber() == 0 || port.GetNumber() > 65535 {
			continue
		}
		each := protocols
		if l := Label(port.GetProtocol()); l != "" {
			each = []string{l}
		}
		for _, protocol := range each {
			rs = append(rs, p.service("", protocol, "", p.name(p.alone), uint16(port.GetNumber())))
			if name := Label(port.GetName()); name != "" {
				rs = append(rs, p.service(name, protocol, "", p.name(p.alone), uint16(port.GetNumber())))
			}
		}
	}
	return rs
}

func (p *place) service(port, protocol, below, target string, number uint16) Record {
	label := "_" + p.task + "._" + protocol
	if port != "" {
		label = "_" + port + "." + label
	}
	parts := []string{label, p.framework}
	if below != "" {
		parts = append(parts, below)
	}
	return Record{Name: strings.Join(append(parts, p.domain), "."), Service: Service{Target: target, Port: number}}
}

func (p *place) name(label string, below ...string) string {
	return strings.Join(append(append([]string{label, p.framework}, below...), p.domain), ".")
}

// hostPorts are the ports of a task's resources.
func hostPorts(t *v1.Task) []uint16 {
	var ports []uint16
	for _, r := range t.GetResources() {
		if r.GetName() != "ports" {
			continue
		}
		for _, span := range r.GetRanges().GetRange() {
			for n := span.GetBegin(); n <= span.GetEnd() && n <= 65535; n++ {
				ports = append(ports, uint16(n))
			}
		}
	}
	return ports
}

// containerAddrs are the addresses that the newest status tells of the container.
func containerAddrs(t *v1.Task) []netip.Addr {
	if len(t.GetStatuses()) == 0 {
		return nil
	}
	var addrs []netip.Addr
	for _, network := range t.GetStatuses()[len(t.GetStatuses())-1].GetContainerStatus().GetNetworkInfos() {
		for _, ip := range network.GetIpAddresses() {
			if a, err := netip.ParseAddr(ip.GetIpAddress()); err == nil {
				addrs = append(addrs, a)
			}
		}
	}
	return addrs
}
