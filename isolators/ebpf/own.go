package ebpf

import (
	"slices"

	"mesos/isolators"
	v1 "mesos/messages/mesos/v1"
)

// ownNetwork says that a container is in a network by name, or in one of a Docker engine's, and not in the machine's. One
// that asks for none has that of the container around it.
func (i *Isolator) ownNetwork(id string, info *v1.ContainerInfo) bool {
	if info.GetDocker() != nil && info.GetType() == v1.ContainerInfo_DOCKER {
		return info.GetDocker().GetNetwork() != v1.ContainerInfo_DockerInfo_HOST
	}
	if slices.ContainsFunc(info.GetNetworkInfos(), func(n *v1.NetworkInfo) bool { return n.GetName() != "" }) {
		return true
	}
	up, nested := isolators.Parent(id)
	return nested && i.known[up] != nil && i.known[up].free
}

// blind says that a part sees nothing of what a container does, so that its zeroes would be wrong.
func (i *Isolator) blind(p part, c *container) bool {
	_, of := p.(*network)
	return of && i.options.Apart && c.free
}
