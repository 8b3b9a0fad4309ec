package daemon

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"mesos/cmd/flags"
	"mesos/isolators/network"
)

// networksFrom reads the flags about networks of containers.
func networksFrom(f *flags.Set, s *IsolationSettings) error {
	o := &s.Options.Network
	o.Plugins, o.Configs, o.Name = f.String("network_cni_plugins_dir"), f.String("network_cni_config_dir"), f.String("network_bridge_name")
	s.Persist = f.Bool("network_cni_root_dir_persist")
	var err error
	if o.Subnet, err = netip.ParsePrefix(f.String("network_bridge_subnet")); err != nil {
		return fmt.Errorf("flag --network_bridge_subnet: want a subnet, as in 10.213.0.0/16: %w", err)
	}
	if o.DNS, err = dnsFrom(f.String("default_container_dns")); err != nil {
		return fmt.Errorf("flag --default_container_dns: %w", err)
	}
	return nil
}

// dnsFrom reads the JSON of a ContainerDNSInfo, by the names of networks.
func dnsFrom(text string) (map[string]network.DNS, error) {
	if text == "" {
		return nil, nil
	}
	var all struct {
		Mesos []struct {
			Mode string       `json:"network_mode"`
			Name string       `json:"network_name"`
			DNS  *network.DNS `json:"dns"`
		} `json:"mesos"`
		Docker []json.RawMessage `json:"docker"`
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf(`want JSON as in {"mesos": [{"network_mode": "CNI", "dns": {"nameservers": ["192.0.2.53"]}}]}: %w`, err)
	}
	if len(all.Docker) > 0 {
		return nil, errors.New("docker is not supported: want mesos alone")
	}
	out := make(map[string]network.DNS)
	for i, m := range all.Mesos {
		_, twice := out[m.Name]
		switch {
		case m.Mode != "CNI":
			return nil, fmt.Errorf("mesos[%d].network_mode %q: want CNI, as containers in the network of the machine ask whom the machine asks", i, m.Mode)
		case m.DNS == nil:
			return nil, fmt.Errorf("mesos[%d].dns must be set", i)
		case twice:
			return nil, fmt.Errorf("mesos[%d].network_name %q is there twice: want each once", i, m.Name)
		}
		for k, s := range m.DNS.Servers {
			if _, err := netip.ParseAddr(s); err != nil {
				return nil, fmt.Errorf("mesos[%d].dns.nameservers[%d]: want an IP: %w", i, k, err)
			}
		}
		out[m.Name] = *m.DNS
	}
	return out, nil
}

// unheard is a warning about containers in networks of their own that cannot reach an
// agent at an address (ip:port), "" if they can.
func unheard(list, addr string) string {
	if a, err := netip.ParseAddrPort(addr); err != nil || !a.Addr().IsLoopback() {
		return ""
	}
	for name := range strings.SplitSeq(list, ",") {
		if slices.Contains(network.Names(), strings.TrimSpace(name)) {
			return "executors in networks of their own cannot reach an agent at a loopback address: give --ip or --advertise_ip another one"
		}
	}
	return ""
}

// networkDirs are where the state of containers' networks is: root of those of one
// agent, shared what all agents of the machine know.
func (s IsolationSettings) networkDirs(work, name string) (root, shared string) {
	root, shared = filepath.Join(s.Images.Runtime, "networks", name), filepath.Join(s.Images.Runtime, "bridges")
	if s.Persist {
		root = filepath.Join(work, "networks")
	}
	return root, shared
}
