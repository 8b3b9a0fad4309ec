package match

import (
	"math"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
)

// infinity is a limit that is none.
var infinity = math.Inf(1)

// bridgeNetwork is the name under which agents have the bridge of container/bridge.
const bridgeNetwork = "mesos-bridge"

// container is what an app's task runs in, nil for nothing but the agent.
func container(a *model.App, i *model.Instance) *v1.ContainerInfo {
	c := a.Container
	if c == nil && a.HostNetwork() && !a.TTY {
		return nil
	}
	out := &v1.ContainerInfo{Type: v1.ContainerInfo_MESOS.Enum()}
	if a.TTY {
		out.TtyInfo = &v1.TTYInfo{}
	}
	if c != nil {
		out.Volumes = volumes(a)
		if c.Type == "DOCKER" {
			out.Type = v1.ContainerInfo_DOCKER.Enum()
			out.Docker = docker(a, i)
		} else if c.Docker != nil {
			out.Mesos = &v1.ContainerInfo_MesosInfo{Image: image(c.Docker.Image, c.Docker.ForcePullImage)}
		}
	}
	if out.GetType() == v1.ContainerInfo_MESOS || a.Networks[0].Mode == model.ContainerMode {
		out.NetworkInfos = networks(a.Networks, mappings(a, i), out.GetType() == v1.ContainerInfo_MESOS)
	}
	return out
}

func image(name string, force bool) *v1.Image {
	return &v1.Image{Type: v1.Image_DOCKER.Enum(), Docker: &v1.Image_Docker{Name: proto.String(name)}, Cached: proto.Bool(!force)}
}

func docker(a *model.App, i *model.Instance) *v1.ContainerInfo_DockerInfo {
	d := a.Container.Docker
	out := &v1.ContainerInfo_DockerInfo{
		Image: proto.String(d.Image), Privileged: proto.Bool(d.Privileged), ForcePullImage: proto.Bool(d.ForcePullImage),
		Network: v1.ContainerInfo_DockerInfo_HOST.Enum(),
	}
	for _, x := range d.Parameters {
		out.Parameters = append(out.Parameters, &v1.Parameter{Key: proto.String(x.Key), Value: proto.String(x.Value)})
	}
	switch a.Networks[0].Mode {
	case model.BridgeMode:
		out.Network = v1.ContainerInfo_DockerInfo_BRIDGE.Enum()
	case model.ContainerMode:
		out.Network = v1.ContainerInfo_DockerInfo_USER.Enum()
	}
	for _, m := range mappings(a, i) {
		out.PortMappings = append(out.PortMappings, &v1.ContainerInfo_DockerInfo_PortMapping{
			HostPort: m.HostPort, ContainerPort: m.ContainerPort, Protocol: m.Protocol,
		})
	}
	return out
}

// mappings lead ports of the agent to those in the container, each protocol by itself.
func mappings(a *model.App, i *model.Instance) (out []*v1.NetworkInfo_PortMapping) {
	if a.HostNetwork() || a.Container == nil {
		return nil
	}
	for k, m := range a.Container.PortMappings {
		if i.Ports[k] == 0 {
			continue
		}
		for _, one := range protocols(m.Protocol) {
			out = append(out, &v1.NetworkInfo_PortMapping{
				HostPort: proto.Uint32(uint32(i.Ports[k])), ContainerPort: proto.Uint32(uint32(containerPort(m, i.Ports[k]))), Protocol: proto.String(one),
			})
		}
	}
	return out
}

// networks attach a container; the first has the ports.
func networks(list []model.Network, ports []*v1.NetworkInfo_PortMapping, withPorts bool) (out []*v1.NetworkInfo) {
	for k, n := range list {
		if n.Mode == model.HostMode {
			continue
		}
		name := n.Name
		if n.Mode == model.BridgeMode {
			name = bridgeNetwork
		}
		info := &v1.NetworkInfo{Name: proto.String(name), Labels: labels(n.Labels)}
		if k == 0 && withPorts {
			info.PortMappings = ports
		}
		out = append(out, info)
	}
	return out
}

// volumes are the directories that are not persistent: those come with the resources.
func volumes(a *model.App) (out []*v1.Volume) {
	for _, v := range a.Container.Volumes {
		switch {
		case v.Persistent != nil:
		case v.Secret != "":
			out = append(out, secretVolume(v.ContainerPath, a.Secrets[v.Secret]))
		default:
			out = append(out, &v1.Volume{ContainerPath: proto.String(v.ContainerPath), HostPath: proto.String(v.HostPath), Mode: mode(v.Mode == "RO")})
		}
	}
	return out
}

func secretVolume(path string, from model.SecretFrom) *v1.Volume {
	return &v1.Volume{
		ContainerPath: proto.String(path), Mode: mode(true),
		Source: &v1.Volume_Source{Type: v1.Volume_Source_SECRET.Enum(), Secret: secret(from)},
	}
}

func mode(readOnly bool) *v1.Volume_Mode {
	if readOnly {
		return v1.Volume_RO.Enum()
	}
	return v1.Volume_RW.Enum()
}
