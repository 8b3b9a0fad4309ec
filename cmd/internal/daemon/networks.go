package daemon

import (
	"fmt"
	"net/netip"
	"path/filepath"

	"mesos/cmd/flags"
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
	return nil
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
