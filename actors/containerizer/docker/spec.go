package docker

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"mesos/actors/containerizer"
	"mesos/actors/containerizer/docker/engine"
	"mesos/actors/containerizer/launch"
	"mesos/isolators"
	"mesos/isolators/boot"
	"mesos/isolators/cgroups"
	v1 "mesos/messages/mesos/v1"
)

// specOf says what a container is to be, but for what runs in it. Errors name the
// field that is wrong.
func (r *Runtime) specOf(c containerizer.Config, given boot.Given) (*engine.Container, error) {
	info := c.Info.GetDocker()
	s := &engine.Container{
		Image: info.GetImage(), Hostname: c.Info.GetHostname(), Tty: c.TTY != nil, OpenStdin: c.TTY != nil, AttachStdin: c.TTY != nil,
		AttachStdout: true, AttachStderr: true,
	}
	s.HostConfig.Privileged = info.GetPrivileged()
	s.HostConfig.Resources = r.amounts(containerizer.DemandOf(c.Resources, c.Limits))
	if err := network(s, c.Info); err != nil {
		return nil, err
	}
	if err := r.volumes(s, c); err != nil {
		return nil, err
	}
	if err := r.confine(s, c.Info); err != nil {
		return nil, err
	}
	if err := give(s, given); err != nil {
		return nil, err
	}
	if n := int64(cgroups.AmountsOf(r.o.Cgroups, isolators.Demand{}).PIDs); n > 0 {
		s.HostConfig.PidsLimit = &n
	}
	if err := tune(s, c); err != nil {
		return nil, err
	}
	r.place(s, c.ContainerID)
	for i, p := range info.GetParameters() {
		err := parameter(s, p.GetKey(), p.GetValue())
		if err == nil {
			err = r.placed(s, c.ContainerID)
		}
		if err != nil {
			return nil, fmt.Errorf("container.docker.parameters[%d] %q: %w", i, p.GetKey(), err)
		}
	}
	if s.Labels == nil {
		s.Labels = map[string]string{}
	}
	s.Labels[LabelAgent], s.Labels[LabelContainer] = r.o.Mark, c.ContainerID
	return s, nil
}

// amounts are those of a demand as the engine takes them.
func (r *Runtime) amounts(d isolators.Demand) engine.Resources {
	a := cgroups.AmountsOf(r.o.Cgroups, d)
	out := engine.Resources{CPUShares: int64(a.Shares), CPUQuota: a.Quota, CPUPeriod: a.Period}
	if a.Mem != isolators.Unlimited {
		// Swap would lift the limit: both together are as much as memory alone.
		out.Memory, out.MemorySwap = int64(a.Mem), int64(a.Mem)
	}
	if a.Soft < a.Mem {
		out.MemoryReservation = int64(a.Soft)
	}
	return out
}

// network puts a container where DockerInfo.network says, with its ports.
func network(s *engine.Container, info *v1.ContainerInfo) error {
	d := info.GetDocker()
	nets := info.GetNetworkInfos()
	switch n := d.GetNetwork(); n {
	case v1.ContainerInfo_DockerInfo_HOST, v1.ContainerInfo_DockerInfo_NONE:
		if len(d.GetPortMappings()) > 0 {
			return fmt.Errorf("container.docker.port_mappings: with network %s there is nothing to map: use BRIDGE or USER", n)
		}
		for i, in := range nets {
			if in.GetName() != "" {
				return fmt.Errorf("container.network_infos[%d].name: with network %s a container of type DOCKER is in no network of a name: use USER", i, n)
			}
		}
		s.HostConfig.NetworkMode = "host"
		if n == v1.ContainerInfo_DockerInfo_NONE {
			s.HostConfig.NetworkMode = "none"
		} else if s.Hostname != "" {
			return errors.New("container.hostname: with network HOST a container has the machine's: use BRIDGE, USER or NONE")
		}
		return nil
	case v1.ContainerInfo_DockerInfo_BRIDGE:
		s.HostConfig.NetworkMode = "bridge"
	case v1.ContainerInfo_DockerInfo_USER:
		if len(nets) != 1 || nets[0].GetName() == "" {
			return fmt.Errorf("container.network_infos: got %d, want one with the name of the engine's network, which network USER means", len(nets))
		}
		s.HostConfig.NetworkMode = nets[0].GetName()
		endpoint(s, nets[0])
	default:
		return fmt.Errorf("container.docker.network %v: want HOST, BRIDGE, NONE or USER", n)
	}
	mappings := slices.Clone(d.GetPortMappings())
	for _, n := range nets {
		for _, m := range n.GetPortMappings() {
			mappings = append(mappings, &v1.ContainerInfo_DockerInfo_PortMapping{HostPort: m.HostPort, ContainerPort: m.ContainerPort, Protocol: m.Protocol})
		}
	}
	for _, m := range mappings {
		expose(s, strconv.Itoa(int(m.GetContainerPort())), m.GetProtocol(), engine.Port{HostPort: strconv.Itoa(int(m.GetHostPort()))})
	}
	return nil
}

// endpoint asks for the addresses that a container wants in a network.
func endpoint(s *engine.Container, n *v1.NetworkInfo) {
	e := engine.Endpoint{}
	for _, a := range n.GetIpAddresses() {
		if a.GetIpAddress() == "" {
			continue
		}
		if e.IPAMConfig == nil {
			e.IPAMConfig = &engine.Address{}
		}
		if a.GetProtocol() == v1.NetworkInfo_IPv6 {
			e.IPAMConfig.IPv6Address = a.GetIpAddress()
		} else {
			e.IPAMConfig.IPv4Address = a.GetIpAddress()
		}
	}
	s.NetworkingConfig = &engine.Networking{EndpointsConfig: map[string]engine.Endpoint{n.GetName(): e}}
}

// expose has a port of the container, "80", found at one of the machine.
func expose(s *engine.Container, port, protocol string, at ...engine.Port) {
	if protocol == "" {
		protocol = "tcp"
	}
	key := port + "/" + protocol
	if s.ExposedPorts == nil {
		s.ExposedPorts = map[string]struct{}{}
	}
	s.ExposedPorts[key] = struct{}{}
	if len(at) == 0 {
		return
	}
	if s.HostConfig.PortBindings == nil {
		s.HostConfig.PortBindings = map[string][]engine.Port{}
	}
	s.HostConfig.PortBindings[key] = append(s.HostConfig.PortBindings[key], at...)
}

// Command fills in what runs in a container, as Mesos does: a shell line takes the
// place of the image's entrypoint; otherwise value and arguments are what the
// entrypoint is given, or what runs if there is none.
func Command(s *engine.Container, c *v1.CommandInfo) {
	switch {
	case c.GetShell() && c.GetValue() != "":
		s.Entrypoint, s.Cmd = []string{"/bin/sh"}, []string{"-c", c.GetValue()}
	case c.GetValue() != "":
		s.Cmd = append([]string{c.GetValue()}, c.GetArguments()...)
	case len(c.GetArguments()) > 0:
		s.Cmd = slices.Clone(c.GetArguments())
	}
}

// Environment adds variables to those of a container; later ones win.
func Environment(s *engine.Container, base []string, e *v1.Environment) (err error) {
	s.Env, err = launch.Environ(append(s.Env[:len(s.Env):len(s.Env)], base...), e)
	return err
}
