package network

import (
	"maps"
	"slices"
)

// Plugins that map ports.
const (
	portmap     = "portmap"               // that of the standard plugins
	mesosMapper = "mesos-cni-port-mapper" // that of Mesos, which calls another one for the rest
)

// portMappings is the capability of plugins, and the name of what they are told.
const portMappings = "portMappings"

// listVersion is the first of the format in which portmap can be called for sure.
const listVersion = "0.4.0"

// olderThanLists says that a configuration is of a version in which plugins cannot
// be called one after the other, as configurations without a version are.
func olderThanLists(c config) bool {
	v, _ := c["cniVersion"].(string)
	return slices.Contains([]string{"", "0.1.0", "0.2.0"}, v)
}

func isPortmap(plugin map[string]any) bool { return plugin["type"] == portmap }

// mapsPorts says that a plugin does so: it has the capability, or is that of Mesos.
func mapsPorts(plugin map[string]any) bool {
	can, _ := plugin["capabilities"].(map[string]any)
	return can[portMappings] == true || plugin["type"] == mesosMapper
}

// mapper is how portmap is called.
func mapper() map[string]any {
	return map[string]any{"type": portmap, "snat": true, "capabilities": map[string]any{portMappings: true}}
}

// withoutPortMapper are the plugins of a list, in which that of Mesos is replaced,
// where it is not there, by what it calls, and portmap behind it. Its
// excludeDevices mean nothing then: who asks from within the network for a port of
// the machine is answered, too.
func (p *plugins) withoutPortMapper(c config) (out []map[string]any) {
	for _, one := range c.plugins() {
		delegate, ok := one["delegate"].(map[string]any)
		if one["type"] != mesosMapper || !ok || p.has(mesosMapper) {
			out = append(out, one)
			continue
		}
		delegate = maps.Clone(delegate)
		if args, has := one["args"]; has {
			delegate["args"] = args
		}
		out = append(out, delegate, mapper())
	}
	return out
}
