package network

import (
	"fmt"
	"math"
	"slices"

	v1 "mesos/messages/mesos/v1"
	"mesos/messages/resources"
)

// want is a network that a container asks for.
type want struct {
	at   string // the field of the container
	info *v1.NetworkInfo
	maps []mapping
}

// mapping is a port of the machine that leads to one of a container. It is kept in a file.
type mapping struct {
	Host      uint16 `json:"hostPort"`
	Container uint16 `json:"containerPort"`
	Protocol  string `json:"protocol"` // "tcp" or "udp"
}

// wanted are the networks that a container names. Those without a name mean that of
// the machine, beside which there can be no other. ports are those that the container
// has: it must not take away what others serve on the machine.
func wanted(info *v1.ContainerInfo, ports []resources.Range) (out []want, err error) {
	unnamed := ""
	for i, n := range info.GetNetworkInfos() {
		w := want{at: fmt.Sprintf("container.network_infos[%d]", i), info: n}
		switch {
		case n.GetName() == "":
			unnamed = w.at
			continue
		case slices.ContainsFunc(out, func(o want) bool { return o.info.GetName() == n.GetName() }):
			return nil, fmt.Errorf("%s.name: network %q is named twice: want each once", w.at, n.GetName())
		}
		for k, m := range n.GetPortMappings() {
			at := fmt.Sprintf("%s.port_mappings[%d]", w.at, k)
			p, err := mappingOf(m, ports)
			if err != nil {
				return nil, fmt.Errorf("%s.%w", at, err)
			}
			if slices.ContainsFunc(append(out, w), func(o want) bool { return slices.ContainsFunc(o.maps, p.clashes) }) {
				return nil, fmt.Errorf("%s.host_port: %d/%s is mapped twice: want each once", at, p.Host, p.Protocol)
			}
			w.maps = append(w.maps, p)
		}
		out = append(out, w)
	}
	if unnamed != "" && len(out) > 0 {
		return nil, fmt.Errorf("%s.name: not set, which means the network of the machine, and a container in that is in no other: want a name", unnamed)
	}
	return out, nil
}

// mappingOf checks a mapping. Errors begin with the field that is wrong.
func mappingOf(m *v1.NetworkInfo_PortMapping, ports []resources.Range) (mapping, error) {
	p := mapping{Protocol: m.GetProtocol()}
	if p.Protocol == "" {
		p.Protocol = "tcp"
	}
	within := func(r resources.Range) bool {
		return r.Begin <= uint64(m.GetHostPort()) && uint64(m.GetHostPort()) <= r.End
	}
	switch {
	case p.Protocol != "tcp" && p.Protocol != "udp":
		return p, fmt.Errorf("protocol %q: want tcp or udp", m.GetProtocol())
	case m.GetContainerPort() == 0 || m.GetContainerPort() > math.MaxUint16:
		return p, fmt.Errorf("container_port %d: want a port, 1 to 65535", m.GetContainerPort())
	case m.GetHostPort() == 0 || m.GetHostPort() > math.MaxUint16 || !slices.ContainsFunc(ports, within):
		return p, fmt.Errorf("host_port %d: want one of the ports that the container has in its resources", m.GetHostPort())
	}
	p.Host, p.Container = uint16(m.GetHostPort()), uint16(m.GetContainerPort())
	return p, nil
}

// clashes says that two mappings take the same port of the machine.
func (m mapping) clashes(o mapping) bool { return m.Host == o.Host && m.Protocol == o.Protocol }
