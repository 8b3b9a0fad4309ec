package network

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/containernetworking/cni/libcni"
	current "github.com/containernetworking/cni/pkg/types/100"
)

// plugins are the networks that plugins of CNI make.
type plugins struct {
	path    []string // directories of plugins
	configs string   // directory of descriptions
}

func newPlugins(o Options) (*plugins, error) {
	p := &plugins{path: filepath.SplitList(o.Plugins), configs: o.Configs}
	for _, d := range append(slices.Clone(p.path), p.configs) {
		if info, err := os.Stat(d); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("%s needs directories of plugins and of the networks' configurations: %q is none", CNI, d)
		}
	}
	if len(p.path) == 0 {
		return nil, fmt.Errorf("%s needs a directory of plugins", CNI)
	}
	return p, nil
}

// find implements kind.
func (p *plugins) find(a *attachment, w want) (bool, error) {
	found, _ := readConfigs(p.configs)
	c := found[a.Network]
	if c == nil {
		return false, nil
	}
	err := p.complete(c, a, w)
	if err == nil {
		a.Config, err = json.Marshal(c)
	}
	return true, err
}

// networks implements kind.
func (p *plugins) networks() (good []string, bad error) {
	found, bad := readConfigs(p.configs)
	for name := range found {
		good = append(good, name)
	}
	return good, bad
}

// runtimeConf is how plugins are told of a container.
func (p *plugins) runtimeConf(id string, a *attachment, netns string) *libcni.RuntimeConf {
	conf := &libcni.RuntimeConf{ContainerID: id, NetNS: netns, IfName: a.Interface}
	if len(a.Mappings) > 0 {
		conf.CapabilityArgs = map[string]any{portMappings: a.Mappings}
	}
	return conf
}

func (p *plugins) open(c *container, a *attachment) (*libcni.CNIConfig, *libcni.NetworkConfigList, error) {
	list, err := libcni.NetworkConfFromBytes(a.Config)
	if err != nil {
		return nil, nil, fmt.Errorf("configuration: %w", err)
	}
	return libcni.NewCNIConfigWithCacheDir(p.path, c.path(cacheDir), nil), list, nil
}

// attach implements kind.
func (p *plugins) attach(ctx context.Context, c *container, id string, a *attachment, netns string) error {
	lib, list, err := p.open(c, a)
	if err != nil {
		return err
	}
	told, err := lib.AddNetworkList(ctx, list, p.runtimeConf(id, a, netns))
	if err != nil {
		return explain(ctx, err)
	}
	result, err := current.GetResult(told)
	if err != nil {
		return fmt.Errorf("result of its plugins: %w", err)
	}
	for _, ip := range result.IPs {
		addr, ok := netip.AddrFromSlice(ip.Address.IP)
		bits, _ := ip.Address.Mask.Size()
		if !ok {
			return fmt.Errorf("result of its plugins: %v is no address", ip.Address)
		}
		a.Addresses = append(a.Addresses, netip.PrefixFrom(addr.Unmap(), bits))
	}
	a.DNS = DNS{result.DNS.Nameservers, result.DNS.Domain, result.DNS.Search, result.DNS.Options}
	return nil
}

// detach implements kind. Plugins take it that there is nothing to undo.
func (p *plugins) detach(ctx context.Context, c *container, id string, a *attachment, netns string) error {
	lib, list, err := p.open(c, a)
	if err != nil {
		return err
	}
	return explain(ctx, lib.DelNetworkList(ctx, list, p.runtimeConf(id, a, netns)))
}

// explain tells plugins that were stopped from those that failed.
func explain(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("plugins were stopped: %w", context.Cause(ctx))
	}
	return err
}
