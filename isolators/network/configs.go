package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containernetworking/cni/libcni"
)

// config describes a network: a list of plugins that are called one after the other.
type config map[string]any

// readConfigs reads the files of a directory, by the names of the networks. Those
// that describe none are told, and do no harm to the others.
func readConfigs(dir string) (found map[string]config, bad error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("configurations of networks: %w", err)
	}
	found = make(map[string]config)
	var errs []error
	for _, e := range entries { // by name
		if strings.HasPrefix(e.Name(), ".") || e.IsDir() {
			continue
		}
		file := filepath.Join(dir, e.Name())
		name, c, err := readConfig(file)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", file, err))
		case found[name] != nil:
			errs = append(errs, fmt.Errorf("%s: another file has a network %q: want names that differ", file, name))
		default:
			found[name] = c
		}
	}
	return found, errors.Join(errs...)
}

// readConfig reads a file, which has a list, or one plugin alone.
func readConfig(file string) (name string, c config, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return "", nil, fmt.Errorf("want JSON: %w", err)
	}
	name, _ = c["name"].(string)
	if name == "" {
		return "", nil, errors.New("name must be set")
	}
	if _, list := c["plugins"]; !list {
		single := c
		c = config{"name": name, "plugins": []any{map[string]any(single)}}
		if v, has := single["cniVersion"]; has {
			c["cniVersion"] = v
		}
	}
	again, err := json.Marshal(c)
	if err != nil {
		return "", nil, err
	}
	if _, err := libcni.NetworkConfFromBytes(again); err != nil {
		return "", nil, err
	}
	return name, c, nil
}

// plugins are the single plugins of a list.
func (c config) plugins() (out []map[string]any) {
	list, _ := c["plugins"].([]any)
	for _, p := range list {
		if one, ok := p.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

// complete adds what plugins are told of a container: its NetworkInfo, where those
// written for Mesos look for it, and something that maps ports if it wants that.
func (p *plugins) complete(c config, a *attachment, w want) error {
	list := p.withoutPortMapper(c)
	if a.Mappings = w.maps; len(w.maps) > 0 && !slices.ContainsFunc(list, mapsPorts) {
		if !p.has(portmap) {
			return fmt.Errorf("port_mappings: no plugin of network %q maps ports: add one to its configuration, or the plugin %s to the directory of plugins", a.Network, portmap)
		}
		list = append(list, mapper())
	}
	if slices.ContainsFunc(list, isPortmap) && olderThanLists(c) {
		c["cniVersion"] = listVersion
	}
	var info any
	if err := json.Unmarshal(a.Asked, &info); err != nil {
		return err
	}
	all := make([]any, len(list))
	for i, one := range list {
		args, _ := one["args"].(map[string]any)
		if args == nil {
			args = map[string]any{}
		}
		args["org.apache.mesos"] = map[string]any{"network_info": info}
		one["args"], all[i] = args, one
	}
	c["plugins"] = all
	return nil
}

// has says that there is a plugin.
func (p *plugins) has(name string) bool {
	return slices.ContainsFunc(p.path, func(dir string) bool {
		info, err := os.Stat(filepath.Join(dir, name))
		return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
	})
}
