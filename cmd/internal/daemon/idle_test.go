package daemon

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"mesos/isolators/catalog"
)

func TestIdleFlags(t *testing.T) {
	for _, c := range []struct {
		given map[string]string
		want  string
	}{
		{nil, "[]"},
		{map[string]string{"egress_rate_limit_per_container": "1MB"}, "[{egress_rate_limit_per_container ebpf/network or ebpf/all}]"},
		{map[string]string{"egress_rate_limit_per_container": "1MB", "isolation": "ebpf/io, ebpf/network"}, "[]"},
		{map[string]string{"cgroups_enable_cfs": "true", "cgroups_pids_limit": "0", "enforce_container_disk_quota": "false"}, "[{cgroups_enable_cfs cgroups/cpu or cgroups/all}]"},
		{map[string]string{"cgroups_enable_cfs": "true", "cgroups_pids_limit": "9", "isolation": "cgroups/all"}, "[]"},
	} {
		f := AgentFlags()
		given := map[string]string{"master": "127.0.0.1:5050", "work_dir": "w"}
		maps.Copy(given, c.given)
		if err := f.SetAll(given); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(idleFlags(f)); got != c.want {
			t.Errorf("%v: got %s, want %s", c.given, got, c.want)
		}
	}
}

// Every isolator that a flag needs is one.
func TestNeededBy(t *testing.T) {
	f := AgentFlags()
	for _, n := range neededBy {
		if !f.Defines(n.flag) {
			t.Errorf("flag %s: there is none of that name", n.flag)
		}
		for _, i := range n.isolators {
			if !slices.Contains(catalog.Names(), i) {
				t.Errorf("flag %s: got isolator %s, want one of %v", n.flag, i, catalog.Names())
			}
		}
	}
}
