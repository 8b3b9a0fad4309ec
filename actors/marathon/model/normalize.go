package model

import "slices"

// modernize turns older spellings into today's.
func (a *App) modernize(p *problems) {
	for _, u := range a.URIs {
		a.Fetch = append(a.Fetch, Artifact{URI: u, Extract: true})
	}
	a.URIs = nil
	if a.PortDefinitions == nil {
		for _, n := range a.Ports {
			a.PortDefinitions = append(a.PortDefinitions, PortDefinition{Port: n, Protocol: "tcp"})
		}
	} else if a.Ports != nil && !slices.Equal(a.Ports, a.ServicePorts()) {
		p.add("/ports", "cannot be given together with portDefinitions; leave ports out")
	}
	a.Ports = nil
	c := a.Container
	if c == nil {
		return
	}
	if c.Type == "" {
		c.Type = "DOCKER"
		if c.Docker == nil {
			c.Type = "MESOS"
		}
	}
	if d := c.Docker; d != nil {
		if d.Network != "" && a.Networks != nil {
			p.add("/container/docker/network", "cannot be given together with networks; leave it out")
		}
		a.dockerNetwork(p, d.Network)
		if c.PortMappings == nil {
			c.PortMappings = d.PortMappings
		}
		d.Network, d.PortMappings = "", nil
		if d.Parameters == nil {
			d.Parameters = []Parameter{}
		}
	}
	if c.Volumes == nil {
		c.Volumes = []Volume{}
	}
}

func (a *App) dockerNetwork(p *problems, name string) {
	switch name {
	case "":
	case "HOST":
		a.Networks = []Network{{Mode: HostMode}}
	case "BRIDGE":
		a.Networks = []Network{{Mode: BridgeMode}}
	case "NONE":
		p.add("/container/docker/network", "NONE is not supported; use HOST, BRIDGE or networks")
	case "USER":
		p.add("/container/docker/network", "USER needs a name: use networks with mode container")
	default:
		p.add("/container/docker/network", "must be HOST or BRIDGE, got %s", name)
	}
}

// defaults fills in what depends on other fields.
func (a *App) defaults() {
	if len(a.Networks) == 0 {
		a.Networks = []Network{{Mode: HostMode}}
	}
	resident := a.Container.HasPersistent()
	if a.UpgradeStrategy == nil {
		a.UpgradeStrategy = &Upgrade{MinimumHealthCapacity: 1, MaximumOverCapacity: 1}
		if resident || a.PerAgent {
			// The new instance takes the volumes, or the place, of the old one.
			a.UpgradeStrategy = &Upgrade{MinimumHealthCapacity: 0.5}
		}
	}
	if a.UnreachableStrategy == nil {
		a.UnreachableStrategy = &Unreachable{Disabled: resident}
	}
	if resident {
		a.defaultsOfResident()
	}
	if a.HostNetwork() {
		if a.PortDefinitions == nil {
			a.PortDefinitions = []PortDefinition{{Protocol: "tcp", Name: "default"}}
		}
		return
	}
	if c := a.Container; c != nil && c.PortMappings == nil && a.Networks[0].Mode == BridgeMode {
		c.PortMappings = []PortMapping{{Protocol: "tcp", Name: "default"}}
	}
	if c := a.Container; c != nil {
		for i := range c.PortMappings {
			if m := &c.PortMappings[i]; m.HostPort == nil && a.Networks[0].Mode == BridgeMode {
				m.HostPort = new(int)
			}
		}
	}
}

// HostNetwork says that instances share the network of their agents.
func (a *App) HostNetwork() bool {
	return len(a.Networks) == 0 || a.Networks[0].Mode == HostMode
}

// ServicePorts are the ports by which load balancers know the app, in order.
func (a *App) ServicePorts() []int {
	var out []int
	if !a.HostNetwork() {
		if a.Container != nil {
			for _, m := range a.Container.PortMappings {
				out = append(out, m.ServicePort)
			}
		}
		return out
	}
	for _, d := range a.PortDefinitions {
		out = append(out, d.Port)
	}
	return out
}

// AssignServicePorts gives each service port that is 0 one of next, which is asked
// until it has no more: then the port stays 0. Lists that it shares with other apps
// are copied.
func (a *App) AssignServicePorts(next func() int) {
	if !a.HostNetwork() {
		if a.Container != nil {
			c := *a.Container
			c.PortMappings = slices.Clone(c.PortMappings)
			a.Container = &c
			for i := range c.PortMappings {
				if m := &c.PortMappings[i]; m.ServicePort == 0 {
					m.ServicePort = next()
				}
			}
		}
		return
	}
	a.PortDefinitions = slices.Clone(a.PortDefinitions)
	for i := range a.PortDefinitions {
		if d := &a.PortDefinitions[i]; d.Port == 0 && !a.RequirePorts {
			d.Port = next()
		}
	}
}
