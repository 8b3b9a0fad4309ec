package match

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"mesos/actors/marathon/model"
	v1 "mesos/messages/mesos/v1"
)

// HealthCheck is a health check of an app as Mesos has it; of one that marathon
// makes it says the times and counts.
func HealthCheck(a *model.App, h *model.HealthCheck, ports []int) *v1.HealthCheck {
	return healthCheck(a, h, ports)
}

func healthCheck(a *model.App, h *model.HealthCheck, ports []int) *v1.HealthCheck {
	out := times(h.DelaySeconds, h.IntervalSeconds, h.TimeoutSeconds, h.GracePeriodSeconds, h.MaxConsecutiveFailures)
	switch h.Protocol {
	case model.Command:
		out.Type = v1.HealthCheck_COMMAND.Enum()
		out.Command = &v1.CommandInfo{Shell: proto.Bool(true), Value: proto.String(h.Command.Value)}
	case model.TCP, model.MesosTCP:
		out.Type = v1.HealthCheck_TCP.Enum()
		out.Tcp = &v1.HealthCheck_TCPCheckInfo{Port: proto.Uint32(listens(a, ports, h.Port, h.PortIndex)), Protocol: ipProtocol(h.IPProtocol)}
	default:
		scheme := "http"
		if h.Protocol == model.HTTPS || h.Protocol == model.MesosHTTPS {
			scheme = "https"
		}
		out.Type = v1.HealthCheck_HTTP.Enum()
		out.Http = &v1.HealthCheck_HTTPCheckInfo{
			Scheme: proto.String(scheme), Port: proto.Uint32(listens(a, ports, h.Port, h.PortIndex)), Path: optional(h.Path), Protocol: ipProtocol(h.IPProtocol),
		}
	}
	return out
}

// never is so many failures that a task is not killed for them.
const never = 1 << 31

func times(delay, interval, timeout, grace, failures int) *v1.HealthCheck {
	n := uint32(failures)
	if failures == 0 {
		n = never
	}
	return &v1.HealthCheck{
		DelaySeconds: proto.Float64(float64(delay)), IntervalSeconds: proto.Float64(float64(interval)), TimeoutSeconds: proto.Float64(float64(timeout)),
		GracePeriodSeconds: proto.Float64(float64(grace)), ConsecutiveFailures: &n,
	}
}

func ipProtocol(name string) *v1.NetworkInfo_Protocol {
	if name == "IPv6" {
		return v1.NetworkInfo_IPv6.Enum()
	}
	return v1.NetworkInfo_IPv4.Enum()
}

// check is what the executor tells of a task beside its health.
func check(a *model.App, ports []int) *v1.CheckInfo {
	c := a.Check
	if c == nil {
		return nil
	}
	out := &v1.CheckInfo{
		DelaySeconds: proto.Float64(float64(c.DelaySeconds)), IntervalSeconds: proto.Float64(float64(c.IntervalSeconds)), TimeoutSeconds: proto.Float64(float64(c.TimeoutSeconds)),
	}
	switch {
	case c.HTTP != nil:
		out.Type = v1.CheckInfo_HTTP.Enum()
		out.Http = &v1.CheckInfo_Http{Port: proto.Uint32(listens(a, ports, c.HTTP.Port, c.HTTP.PortIndex)), Path: optional(c.HTTP.Path)}
	case c.TCP != nil:
		out.Type = v1.CheckInfo_TCP.Enum()
		out.Tcp = &v1.CheckInfo_Tcp{Port: proto.Uint32(listens(a, ports, c.TCP.Port, c.TCP.PortIndex))}
	default:
		out.Type = v1.CheckInfo_COMMAND.Enum()
		out.Command = &v1.CheckInfo_Command{Command: shell(c.Exec.Command)}
	}
	return out
}

func shell(c model.ShellCommand) *v1.CommandInfo {
	if line := c.Line(); line != "" {
		return &v1.CommandInfo{Shell: proto.Bool(true), Value: &line}
	}
	return command("", c.Argv, false)
}

// podHealth is the health check of a container of a pod.
func podHealth(d *model.Pod, c *model.PodContainer, ports []int) *v1.HealthCheck {
	h := c.HealthCheck
	if h.Empty() {
		return nil
	}
	out := times(h.DelaySeconds, h.IntervalSeconds, h.TimeoutSeconds, h.GracePeriodSeconds, h.MaxConsecutiveFailures)
	at := func(name string) *uint32 {
		k := c.EndpointNamed(name)
		return proto.Uint32(uint32(podPort(d, c.Endpoints[k], ports[k])))
	}
	switch {
	case h.HTTP != nil:
		out.Type = v1.HealthCheck_HTTP.Enum()
		out.Http = &v1.HealthCheck_HTTPCheckInfo{Scheme: proto.String("http"), Port: at(h.HTTP.Endpoint), Path: optional(h.HTTP.Path)}
		if h.HTTP.Scheme != "" {
			out.Http.Scheme = proto.String(strings.ToLower(h.HTTP.Scheme))
		}
	case h.TCP != nil:
		out.Type = v1.HealthCheck_TCP.Enum()
		out.Tcp = &v1.HealthCheck_TCPCheckInfo{Port: at(h.TCP.Endpoint)}
	default:
		out.Type = v1.HealthCheck_COMMAND.Enum()
		out.Command = shell(h.Exec.Command)
	}
	return out
}

// podPort is the port that the program of an endpoint listens on.
func podPort(d *model.Pod, e model.Endpoint, hostPort int) int {
	if d.HostNetwork() || e.ContainerPort == nil || *e.ContainerPort == 0 {
		return hostPort
	}
	return *e.ContainerPort
}
