package daemon

import (
	"slices"
	"strings"

	"mesos/cmd/flags"
)

// neededBy are flags that only some isolators act on: without one of them containers are not
// held to what a user may believe. Those with defaults that anybody can live with are left out.
var neededBy = []struct {
	flag      string
	isolators []string
}{
	{"allowed_devices", []string{"cgroups/devices", "cgroups/all", "linux/devices"}},
	{"bounding_capabilities", []string{"linux/capabilities"}},
	{"cgroups_enable_cfs", []string{"cgroups/cpu", "cgroups/all"}},
	{"cgroups_limit_swap", []string{"cgroups/mem", "cgroups/all"}},
	{"cgroups_net_cls_primary_handle", []string{"cgroups/net_cls", "cgroups/all"}},
	{"cgroups_pids_limit", []string{"cgroups/pids", "cgroups/all"}},
	{"container_ports_isolated_range", []string{"network/ports"}},
	{"default_container_shm_size", []string{"namespaces/ipc"}},
	{"disallow_sharing_agent_ipc_namespace", []string{"namespaces/ipc"}},
	{"disallow_sharing_agent_pid_namespace", []string{"namespaces/pid"}},
	{"effective_capabilities", []string{"linux/capabilities"}},
	{"egress_rate_limit_per_container", []string{"ebpf/network", "ebpf/all"}},
	{"enforce_container_disk_quota", []string{"disk/du"}},
	{"host_path_volume_force_creation", []string{"filesystem/linux"}},
	{"ingress_rate_limit_per_container", []string{"ebpf/network", "ebpf/all"}},
	{"perf_events", []string{"cgroups/perf_event", "cgroups/all"}},
	{"seccomp_profile_name", []string{"linux/seccomp"}},
	{"user_namespace_range", []string{"namespaces/user"}},
}

// idle is a flag that is given and that no isolator of the list acts on.
type idle struct {
	flag, needs string
}

// idleFlags are all of those.
func idleFlags(f *flags.Set) (out []idle) {
	var names []string
	for name := range strings.SplitSeq(f.String("isolation"), ",") {
		names = append(names, strings.TrimSpace(name))
	}
	for _, n := range neededBy {
		acts := slices.ContainsFunc(n.isolators, func(i string) bool { return slices.Contains(names, i) })
		// One that is switched off asks for nothing.
		if f.Given(n.flag) && !acts && f.Values()[n.flag] != "false" && f.Values()[n.flag] != "0" {
			out = append(out, idle{n.flag, strings.Join(n.isolators, " or ")})
		}
	}
	return out
}
