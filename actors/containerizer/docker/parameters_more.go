package docker

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"mesos/actors/containerizer/docker/engine"
)

// cpus takes the place of the quota that the agent would set.
func cpus(s *engine.Container, v string) error {
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n > 0 && n < 1e6) {
		return errors.New("want a number of cpus, as 1.5")
	}
	h := &s.HostConfig
	h.CPUQuota, h.CPUPeriod, h.NanoCPUs = 0, 0, int64(math.Round(n*1e9))
	return nil
}

// memory takes the place of the limit that the agent would set, for both kinds.
func memory(s *engine.Container, n int64) {
	h := &s.HostConfig
	if h.MemorySwap == h.Memory {
		h.MemorySwap = n
	}
	h.Memory, h.MemoryReservation = n, min(h.MemoryReservation, n)
}

// device is HOST[:CONTAINER[:RIGHTS]].
func device(s *engine.Container, v string) error {
	parts := strings.Split(v, ":")
	d := engine.Device{PathOnHost: parts[0], PathInContainer: parts[0], CgroupPermissions: "rwm"}
	switch {
	case len(parts) > 3 || parts[0] == "":
		return errors.New("want HOST[:CONTAINER[:rwm]]")
	case len(parts) == 3:
		d.PathInContainer, d.CgroupPermissions = parts[1], parts[2]
	case len(parts) == 2 && strings.HasPrefix(parts[1], "/"):
		d.PathInContainer = parts[1]
	case len(parts) == 2:
		d.CgroupPermissions = parts[1]
	}
	s.HostConfig.Devices = append(s.HostConfig.Devices, d)
	return nil
}

// exposed is PORT[/PROTOCOL].
func exposed(s *engine.Container, v string) error {
	port, protocol, _ := strings.Cut(v, "/")
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("want PORT[/PROTOCOL]")
	}
	expose(s, port, protocol)
	return nil
}

// publish is [[IP:][HOST]:]CONTAINER[/PROTOCOL].
func publish(s *engine.Container, v string) error {
	rest, protocol, _ := strings.Cut(v, "/")
	at := engine.Port{}
	if i := strings.LastIndexByte(rest, ':'); i >= 0 {
		at.HostPort, rest = rest[:i], rest[i+1:]
		if i := strings.LastIndexByte(at.HostPort, ':'); i >= 0 {
			at.HostIP, at.HostPort = strings.Trim(at.HostPort[:i], "[]"), at.HostPort[i+1:]
		}
	}
	for _, port := range []string{rest, at.HostPort} {
		if _, err := strconv.ParseUint(port, 10, 16); err != nil && port != "" || rest == "" {
			return errors.New("want [[IP:][HOST]:]CONTAINER[/PROTOCOL], one port each")
		}
	}
	expose(s, rest, protocol, at)
	return nil
}

// endpointOf changes what a container is in the network that it is in.
func endpointOf(s *engine.Container, change func(*engine.Endpoint)) error {
	n := s.HostConfig.NetworkMode
	if n == "host" || n == "none" || n == "bridge" || n == "default" {
		return errors.New("only a container in a network of its user (USER) can have it")
	}
	if s.NetworkingConfig == nil {
		s.NetworkingConfig = &engine.Networking{EndpointsConfig: map[string]engine.Endpoint{}}
	}
	e := s.NetworkingConfig.EndpointsConfig[n]
	change(&e)
	s.NetworkingConfig.EndpointsConfig[n] = e
	return nil
}

func alias(s *engine.Container, v string) error {
	return endpointOf(s, func(e *engine.Endpoint) { e.Aliases = append(e.Aliases, v) })
}

func address(s *engine.Container, v string) error {
	return endpointOf(s, func(e *engine.Endpoint) { e.IPAMConfig = &engine.Address{IPv4Address: v} })
}

// logs is where the engine itself keeps output, beside the sandbox.
func logs(s *engine.Container) *engine.Log {
	if s.HostConfig.LogConfig == nil {
		s.HostConfig.LogConfig = &engine.Log{}
	}
	return s.HostConfig.LogConfig
}

// tmpfs is PATH[:OPTIONS].
func tmpfs(s *engine.Container, v string) error {
	path, options, _ := strings.Cut(v, ":")
	if !strings.HasPrefix(path, "/") {
		return errors.New("want PATH[:OPTIONS], the path absolute")
	}
	if s.HostConfig.Tmpfs == nil {
		s.HostConfig.Tmpfs = map[string]string{}
	}
	s.HostConfig.Tmpfs[path] = options
	return nil
}

// ulimit is NAME=SOFT[:HARD].
func ulimit(s *engine.Container, v string) error {
	name, rest, ok := strings.Cut(v, "=")
	soft, hard, both := strings.Cut(rest, ":")
	if !both {
		hard = soft
	}
	a, err1 := strconv.ParseInt(soft, 10, 64)
	b, err2 := strconv.ParseInt(hard, 10, 64)
	if !ok || name == "" || err1 != nil || err2 != nil {
		return errors.New("want NAME=SOFT[:HARD]")
	}
	s.HostConfig.Ulimits = append(s.HostConfig.Ulimits, engine.Ulimit{Name: name, Soft: a, Hard: b})
	return nil
}
