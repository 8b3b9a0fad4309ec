package model

import (
	"fmt"
	"slices"
	"strings"
)

func (a *App) validateContainer(p *problems) {
	c := a.Container
	if c == nil {
		p.need(a.HostNetwork() || a.Networks[0].Mode != "", "/networks", "need a container")
		return
	}
	p.need(c.Type == "DOCKER" || c.Type == "MESOS", "/container/type", "must be DOCKER or MESOS, got %s", c.Type)
	p.need(c.Type != "DOCKER" || c.Docker != nil, "/container/docker", "must be set with type DOCKER")
	p.need(c.AppC == nil, "/container/appc", "is not supported; use docker")
	if d := c.Docker; d != nil {
		p.need(d.Image != "", "/container/docker/image", "must be set")
		p.need(c.Type == "DOCKER" || len(d.Parameters) == 0, "/container/docker/parameters", "are for type DOCKER only")
		p.need(c.Type == "DOCKER" || !d.Privileged, "/container/docker/privileged", "is for type DOCKER only")
		p.need(d.PullConfig == nil, "/container/docker/pullConfig", "is not supported; agents have the keys of registries (--docker_config)")
		for i, x := range d.Parameters {
			p.need(x.Key != "", fmt.Sprintf("/container/docker/parameters(%d)/key", i), "must be set")
		}
	}
	for i, v := range c.Volumes {
		a.validateVolume(p, v, fmt.Sprintf("/container/volumes(%d)", i))
	}
}

func (a *App) validateVolume(p *problems, v Volume, at string) {
	p.need(v.ContainerPath != "", at+"/containerPath", "must be set")
	kinds := 0
	for _, is := range []bool{v.HostPath != "", v.Persistent != nil, v.Secret != ""} {
		if is {
			kinds++
		}
	}
	p.need(kinds == 1, at, "must have one of hostPath, persistent and secret")
	p.need(v.Secret != "" || v.Mode == "RO" || v.Mode == "RW", at+"/mode", "must be RO or RW, got %q", v.Mode)
	if v.Secret != "" {
		_, ok := a.Secrets[v.Secret]
		p.need(ok, at+"/secret", "the secret %s is not in secrets", v.Secret)
	}
	if v.Persistent != nil {
		a.validatePersistent(p, v, at)
	}
}

func (a *App) validateChecks(p *problems) {
	ports := len(a.ServicePorts())
	for i, h := range a.HealthChecks {
		at := fmt.Sprintf("/healthChecks(%d)", i)
		protocols := []string{HTTP, HTTPS, TCP, Command, MesosHTTP, MesosHTTPS, MesosTCP}
		p.need(slices.Contains(protocols, h.Protocol), at+"/protocol", "must be one of %s, got %s", strings.Join(protocols, ", "), h.Protocol)
		p.need(h.Protocol != Command || h.Command != nil && h.Command.Value != "", at+"/command", "must be set with protocol COMMAND")
		p.need(h.Protocol == Command || h.Command == nil, at+"/command", "is for protocol COMMAND only")
		if h.PortIndex != nil && h.Protocol != Command && h.Port == nil {
			p.need(*h.PortIndex >= 0 && *h.PortIndex < ports, at+"/portIndex", "must be the index of one of the %d ports, got %d", ports, *h.PortIndex)
		}
		for name, n := range map[string]int{"gracePeriodSeconds": h.GracePeriodSeconds, "intervalSeconds": h.IntervalSeconds, "timeoutSeconds": h.TimeoutSeconds,
			"maxConsecutiveFailures": h.MaxConsecutiveFailures, "delaySeconds": h.DelaySeconds} {
			p.need(n >= 0, at+"/"+name, "must not be negative, got %d", n)
		}
		p.need(h.IPProtocol == "IPv4" || h.IPProtocol == "IPv6", at+"/ipProtocol", "must be IPv4 or IPv6, got %s", h.IPProtocol)
	}
	mesos := 0
	for _, h := range a.HealthChecks {
		if !h.ByMarathon() {
			mesos++
		}
	}
	p.need(mesos <= 1, "/healthChecks", "only one of them may be of protocol COMMAND, MESOS_HTTP, MESOS_HTTPS or MESOS_TCP, got %d", mesos)
	a.validateCheck(p, ports)
	p.need(len(a.ReadinessChecks) <= 1, "/readinessChecks", "only one is allowed, got %d", len(a.ReadinessChecks))
	for i, r := range a.ReadinessChecks {
		at := fmt.Sprintf("/readinessChecks(%d)", i)
		p.need(r.Protocol == HTTP || r.Protocol == HTTPS, at+"/protocol", "must be HTTP or HTTPS, got %s", r.Protocol)
		p.need(a.portNamed(r.PortName) >= 0, at+"/portName", "%s is not the name of a port", r.PortName)
		p.need(r.IntervalSeconds > 0 && r.TimeoutSeconds > 0 && r.TimeoutSeconds < r.IntervalSeconds, at+"/timeoutSeconds", "must be more than 0 and less than intervalSeconds")
	}
}

func (a *App) validateCheck(p *problems, ports int) {
	c := a.Check
	if c == nil {
		return
	}
	kinds := 0
	for _, is := range []bool{c.HTTP != nil, c.TCP != nil, c.Exec != nil} {
		if is {
			kinds++
		}
	}
	p.need(kinds == 1, "/check", "must have one of http, tcp and exec")
	index := func(i, port *int, at string) {
		p.need(port != nil || i != nil && *i >= 0 && *i < ports, at+"/portIndex", "must be the index of one of the %d ports", ports)
	}
	if c.HTTP != nil {
		index(c.HTTP.PortIndex, c.HTTP.Port, "/check/http")
	}
	if c.TCP != nil {
		index(c.TCP.PortIndex, c.TCP.Port, "/check/tcp")
	}
	if c.Exec != nil {
		x := c.Exec.Command
		p.need(x.Shell != "" || x.Value != "" || len(x.Argv) > 0, "/check/exec/command", "must have shell or argv")
	}
}

// portNamed is the index of a port, -1 if there is none of that name.
func (a *App) portNamed(name string) int {
	if a.HostNetwork() {
		return slices.IndexFunc(a.PortDefinitions, func(d PortDefinition) bool { return d.Name == name })
	}
	if a.Container == nil {
		return -1
	}
	return slices.IndexFunc(a.Container.PortMappings, func(m PortMapping) bool { return m.Name == name })
}

// PortNamed is the index of a port, -1 if there is none of that name.
func (a *App) PortNamed(name string) int { return a.portNamed(name) }
