package agent

import (
	"google.golang.org/protobuf/proto"

	v1 "mesos/messages/mesos/v1"
)

// networker is a containerizer whose containers can have networks of their own.
type networker interface {
	// Networks are those of a container, with its addresses; none for one in the
	// network of the machine. It does not block.
	Networks(id string) []*v1.NetworkInfo
}

// networksOf is where an executor's container, and with it each of its tasks, is
// reached: at its own addresses, or at the agent's. What was known once is known when
// the container is gone.
func (a *Agent) networksOf(e *executor) []*v1.NetworkInfo {
	if n, can := a.conf.Containerizer.(networker); can && e.networks == nil {
		e.networks = n.Networks(e.containerID)
	}
	if e.networks != nil {
		return e.networks
	}
	host, _ := splitAddr(a.p.Self().Addr)
	return []*v1.NetworkInfo{{IpAddresses: []*v1.NetworkInfo_IPAddress{{Protocol: v1.NetworkInfo_IPv4.Enum(), IpAddress: proto.String(host)}}}}
}
