package model

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// validate finds what is wrong with an app whose defaults are filled in.
func (a *App) validate(p *problems) {
	p.need(a.ID != "" && a.ID != Root, "/id", "must be set, like /web")
	if text := CheckID(a.ID); text != "" {
		p.add("/id", "%s", text)
	}
	a.validateCommand(p)
	a.validateAmounts(p)
	a.validateUnsupported(p)
	validateConstraints(p, a.Constraints, "/constraints")
	a.validatePorts(p)
	a.validateContainer(p)
	a.validateResident(p)
	a.validateChecks(p)
	validateUpgrade(p, a.UpgradeStrategy, "/upgradeStrategy")
	validateUnreachable(p, a.UnreachableStrategy, "/unreachableStrategy")
	validateEnv(p, a.Env, a.Secrets, "/env")
	validateLabels(p, a.Labels, "/labels")
	for name, s := range a.Secrets {
		p.need(s.Source != "", "/secrets/"+name+"/source", "must be set")
	}
	p.need(a.KillSelection == YoungestFirst || a.KillSelection == OldestFirst, "/killSelection", "must be %s or %s, got %s", YoungestFirst, OldestFirst, a.KillSelection)
	for i, d := range a.Dependencies {
		path := fmt.Sprintf("/dependencies(%d)", i)
		p.need(!Within(a.ID, d), path, "%s is or holds the app itself", d)
		if text := CheckID(d); text != "" {
			p.add(path, "%s", text)
		}
	}
	for i, f := range a.Fetch {
		p.need(f.URI != "", fmt.Sprintf("/fetch(%d)/uri", i), "must be set")
	}
}

func (a *App) validateCommand(p *problems) {
	image := a.Container != nil && a.Container.Docker != nil
	p.need(a.Cmd == "" || len(a.Args) == 0, "/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'")
	p.need(a.Cmd != "" || len(a.Args) > 0 || image, "/", "AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'")
	p.need(a.KillGraceSeconds == nil || *a.KillGraceSeconds >= 0, "/taskKillGracePeriodSeconds", "must not be negative")
}

func (a *App) validateAmounts(p *problems) {
	p.need(a.Instances >= 0 && a.Instances <= math.MaxInt32, "/instances", "must be from 0 to %d, got %d", math.MaxInt32, a.Instances)
	p.need(a.CPUs >= 0 && a.CPUs < 1e6, "/cpus", "must not be negative, got %v", a.CPUs)
	p.need(a.Mem >= 0 && a.Mem < 1e12, "/mem", "must not be negative, got %v", a.Mem)
	p.need(a.Disk >= 0 && a.Disk < 1e12, "/disk", "must not be negative, got %v", a.Disk)
	p.need(a.GPUs >= 0, "/gpus", "must not be negative, got %d", a.GPUs)
	p.need(a.CPUs+a.Mem+a.Disk > 0, "/cpus", "one of cpus, mem and disk must be more than 0")
	p.need(a.BackoffSeconds >= 0, "/backoffSeconds", "must not be negative, got %d", a.BackoffSeconds)
	p.need(a.BackoffFactor >= 1, "/backoffFactor", "must be 1 or more, got %v", a.BackoffFactor)
	p.need(a.MaxLaunchDelaySeconds >= 0, "/maxLaunchDelaySeconds", "must not be negative, got %d", a.MaxLaunchDelaySeconds)
	if l := a.ResourceLimits; l != nil {
		p.need(l.CPUs == nil || l.CPUs.Unlimited || l.CPUs.Value >= a.CPUs, "/resourceLimits/cpus", "must be cpus or more")
		p.need(l.Mem == nil || l.Mem.Unlimited || l.Mem.Value >= a.Mem, "/resourceLimits/mem", "must be mem or more")
	}
}

func (a *App) validateUnsupported(p *problems) {
	p.need(a.Executor == "" || a.Executor == "//cmd", "/executor", "only //cmd is supported, got %s", a.Executor)
	p.need(len(a.StoreURLs) == 0, "/storeUrls", "is not supported; use fetch")
	p.need(!a.PerAgent || !a.Container.HasPersistent(), "/perAgent", "cannot be given together with persistent volumes")
}

func validateConstraints(p *problems, list []Constraint, path string) {
	for i, c := range list {
		at := fmt.Sprintf("%s(%d)", path, i)
		p.need(c.Field != "", at, "the field must be set, like hostname")
		switch c.Operator {
		case Unique:
			p.need(c.Value == "", at, "UNIQUE takes no value, got %s", c.Value)
		case Like, Unlike:
			_, err := regexp.Compile(c.Value)
			p.need(c.Value != "" && err == nil, at, "%s needs a regular expression as value, got %q", c.Operator, c.Value)
		case MaxPer, GroupBy:
			n, err := strconv.Atoi(c.Value)
			p.need(err == nil && n > 0 || c.Operator == GroupBy && c.Value == "", at, "%s needs a whole number above 0 as value, got %q", c.Operator, c.Value)
		case Is:
			p.need(c.Value != "", at, "IS needs a value")
		case Cluster:
		default:
			p.add(at, "the operator must be one of %s, got %s", strings.Join(Operators, ", "), c.Operator)
		}
	}
}

func validateUpgrade(p *problems, u *Upgrade, path string) {
	p.need(u.MinimumHealthCapacity >= 0 && u.MinimumHealthCapacity <= 1, path+"/minimumHealthCapacity", "must be between 0 and 1, got %v", u.MinimumHealthCapacity)
	p.need(u.MaximumOverCapacity >= 0 && u.MaximumOverCapacity <= 1, path+"/maximumOverCapacity", "must be between 0 and 1, got %v", u.MaximumOverCapacity)
	p.need(u.CanaryInstances >= 0, path+"/canaryInstances", "must not be negative, got %d", u.CanaryInstances)
	p.need(u.CanaryPromoteSeconds >= 0, path+"/canaryPromoteSeconds", "must not be negative, got %d", u.CanaryPromoteSeconds)
}

func validateUnreachable(p *problems, u *Unreachable, path string) {
	if u.Disabled {
		return
	}
	p.need(u.InactiveAfterSeconds >= 0, path+"/inactiveAfterSeconds", "must not be negative, got %d", u.InactiveAfterSeconds)
	p.need(u.ExpungeAfterSeconds >= u.InactiveAfterSeconds, path+"/expungeAfterSeconds", "must be inactiveAfterSeconds or more, got %d", u.ExpungeAfterSeconds)
}

func validateEnv(p *problems, env map[string]EnvVar, secrets map[string]SecretFrom, path string) {
	for name, v := range env {
		p.need(name != "", path, "a variable must have a name")
		if v.Secret != "" {
			_, ok := secrets[v.Secret]
			p.need(ok, path+"/"+name, "the secret %s is not in secrets", v.Secret)
		}
	}
}

// names of ports, which discovery makes names of.
var portName = regexp.MustCompile(`^[a-z0-9-]+$`)

func (a *App) validatePorts(p *problems) {
	p.need(len(a.Networks) == 1 || a.Networks[0].Mode == ContainerMode, "/networks", "host and container/bridge stand alone")
	for i, n := range a.Networks {
		at := fmt.Sprintf("/networks(%d)", i)
		p.need(slices.Contains([]string{HostMode, BridgeMode, ContainerMode}, n.Mode), at+"/mode", "must be host, container/bridge or container, got %s", n.Mode)
		p.need(n.Mode != ContainerMode || n.Name != "", at+"/name", "must be set with mode container")
		p.need(n.Mode == ContainerMode || n.Name == "", at+"/name", "is for mode container only")
	}
	p.need(a.HostNetwork() || len(a.PortDefinitions) == 0, "/portDefinitions", "are for networks with mode host; use container.portMappings")
	seen := map[string]bool{}
	for i, d := range a.PortDefinitions {
		at := fmt.Sprintf("/portDefinitions(%d)", i)
		validatePort(p, at, d.Port, d.Protocol, d.Name, seen)
		p.need(!a.RequirePorts || d.Port > 0 || a.RequirePorts && d.Port == 0, at+"/port", "must not be negative")
	}
	if c := a.Container; c != nil {
		p.need(!a.HostNetwork() || len(c.PortMappings) == 0, "/container/portMappings", "are not for networks with mode host; use portDefinitions")
		for i, m := range c.PortMappings {
			at := fmt.Sprintf("/container/portMappings(%d)", i)
			validatePort(p, at, m.ContainerPort, m.Protocol, m.Name, seen)
			validateNetworkNames(p, m.NetworkNames, a.Networks, at)
			p.need(m.HostPort == nil || *m.HostPort >= 0 && *m.HostPort < 65536, at+"/hostPort", "must be between 0 and 65535")
			p.need(m.ServicePort >= 0 && m.ServicePort < 65536, at+"/servicePort", "must be between 0 and 65535, got %d", m.ServicePort)
		}
	}
}

// validateNetworkNames: ports of the agent lead to the first network.
func validateNetworkNames(p *problems, names []string, networks []Network, at string) {
	if len(names) > 0 {
		p.need(len(names) == 1 && len(networks) > 0 && networks[0].Mode == ContainerMode && names[0] == networks[0].Name,
			at+"/networkNames", "must be left out or name the first of networks: it alone is led to; got %s", strings.Join(names, ", "))
	}
}

func validatePort(p *problems, at string, port int, protocol, name string, seen map[string]bool) {
	p.need(port >= 0 && port < 65536, at+"/port", "must be between 0 and 65535, got %d", port)
	p.need(slices.Contains([]string{"tcp", "udp", "tcp,udp", "udp,tcp"}, protocol), at+"/protocol", "must be tcp, udp or \"tcp,udp\", got %s", protocol)
	if name != "" {
		p.need(portName.MatchString(name), at+"/name", "must be lower case letters, digits and dashes, got %s", name)
		p.need(!seen[name], at+"/name", "%s is the name of another port, too", name)
		seen[name] = true
	}
}
